import type { HoldInput } from '../core/hold.ts';
import type { Catalog } from '../prices/catalog.ts';
import type { CallInput } from './call.ts';

/** What is set aside for a call, and how that was found. */
export type HoldSize =
  | {
      readonly outcome: 'sized';
      readonly nanocents: bigint;
      readonly quantities: NonNullable<HoldInput['quantities']>;
      readonly sizing: 'worst' | 'fixed';
    }
  | { readonly outcome: 'unpriced'; readonly reason: string; readonly nearest: readonly string[] };

/** 50 cents: what a call of unknown size is held with. */
export const fixedHoldNanocents = 50_000_000_000n;

/** The catalog must be ready for the provider. */
export function sizeHold(call: CallInput, catalog: Catalog, at: number): HoldSize {
  const provider = call.pricedAs ?? call.provider;
  const match = catalog.find({ model: call.model, provider, at });
  if (match.outcome === 'unknown') {
    return {
      outcome: 'unpriced',
      reason: `no price is known for ${provider}/${call.model}`,
      nearest: match.nearest,
    };
  }
  if (match.outcome === 'ambiguous') {
    const reason = `${call.model} has different prices at ${match.candidates.join(', ')}`;
    return { outcome: 'unpriced', reason, nearest: match.candidates };
  }
  return {
    outcome: 'sized',
    nanocents: fixedHoldNanocents,
    quantities: tokenBounds(call),
    sizing: 'fixed',
  };
}

/** Token limits are held for what the request itself bounds; what it does not say is counted at the end. */
function tokenBounds({ request }: CallInput): NonNullable<HoldInput['quantities']> {
  const input = request.inputTokensMax;
  const output = request.outputTokensMax;
  return {
    ...(input === null ? {} : { input_tokens: BigInt(input) }),
    ...(output === null ? {} : { output_tokens: BigInt(output) }),
    ...(input === null && output === null ? {} : { total_tokens: BigInt((input ?? 0) + (output ?? 0)) }),
  };
}
