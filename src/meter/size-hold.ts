import type { HoldInput } from '../core/hold.ts';
import type { Catalog } from '../prices/catalog.ts';
import { worstCase } from '../prices/estimate.ts';
import type { Price } from '../prices/price.ts';
import type { CallInput, RequestBounds } from './call.ts';

/** What is set aside for a call, and how that was found. */
export type HoldSize =
  | {
      readonly outcome: 'sized';
      readonly nanocents: bigint;
      readonly quantities: NonNullable<HoldInput['quantities']>;
      readonly sizing: HoldAmount['sizing'];
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
  return { outcome: 'sized', quantities: tokenBounds(call), ...amountFor(call.request, match.price) };
}

export interface HoldAmount {
  readonly nanocents: bigint;
  readonly sizing: 'worst' | 'fixed';
  /** Why there is no worst case; null where there is one. */
  readonly reason: string | null;
}

/** The dearest that the call may become, at the tier it asks for and at the standard one; else the fixed amount. */
export function amountFor(bounds: RequestBounds, price: Price): HoldAmount {
  const terms = bounds.tier === undefined ? [{}] : [{}, { tier: bounds.tier }];
  let nanocents = 0n;
  for (const one of terms) {
    const worst = worstCase(bounds, price, { terms: one });
    if (worst.outcome === 'unbounded') {
      return { nanocents: fixedHoldNanocents, sizing: 'fixed', reason: worst.reason };
    }
    if (worst.nanocents > nanocents) nanocents = worst.nanocents;
  }
  return { nanocents, sizing: 'worst', reason: null };
}

/** Token limits are held for what the request itself bounds; what it does not say is counted at the end. */
function tokenBounds({ request }: CallInput): NonNullable<HoldInput['quantities']> {
  const { inputTokensMax: input, outputTokensMax, choices } = request;
  const output = outputTokensMax === null ? null : outputTokensMax * choices;
  return {
    ...(input === null ? {} : { input_tokens: BigInt(input) }),
    ...(output === null ? {} : { output_tokens: BigInt(output) }),
    ...(input === null && output === null ? {} : { total_tokens: BigInt((input ?? 0) + (output ?? 0)) }),
  };
}
