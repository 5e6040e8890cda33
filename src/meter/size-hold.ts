import type { HoldInput } from '../core/hold.ts';
import { fixedHoldNanocents, type Sizing } from '../core/reservation-rules.ts';
import type { Catalog } from '../prices/catalog.ts';
import { worstCase } from '../prices/estimate.ts';
import type { Price } from '../prices/price.ts';
import type { CallInput, RequestBounds } from './call.ts';

/** What is set aside for a call, and how that was found. */
export type HoldSize =
  | ({
      readonly outcome: 'sized';
      readonly quantities: NonNullable<HoldInput['quantities']>;
    } & HoldAmount)
  | { readonly outcome: 'unpriced'; readonly reason: string; readonly nearest: readonly string[] };

export interface HoldRule {
  readonly sizing: Sizing;
  /** Held where the sizing is `fixed`, or the request sets no bound. */
  readonly fixedNanocents: bigint;
}

/** The catalog must be ready for the provider. */
export function sizeHold(call: CallInput, catalog: Catalog, at: number, rule: HoldRule): HoldSize {
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
  const amount = amountFor(call.request, match.price, rule);
  return { outcome: 'sized', quantities: tokenBounds(call.request, rule.sizing), ...amount };
}

export interface HoldAmount {
  readonly nanocents: bigint;
  /** How the amount was found: `fixed` too where another sizing was asked for and the request sets no bound. */
  readonly sizing: Sizing;
  /** Why there is no bound; null where there is one, or none was asked for. */
  readonly reason: string | null;
}

/**
 * An estimate holds this part of the most that a call can cost. Text has about four bytes a token, and answers seldom fill
 * their max_tokens. So what a call can cost above an estimate is at most three times what was held.
 */
export const estimateDivisor = 4;

const general: HoldRule = { sizing: 'worst', fixedNanocents: fixedHoldNanocents };

/** The dearest that the call may become, at the tier it asks for and at the standard one; a part of it; or the fixed amount. */
export function amountFor(bounds: RequestBounds, price: Price, rule: HoldRule = general): HoldAmount {
  const { sizing, fixedNanocents } = rule;
  // What costs nothing whatever it becomes needs nothing set aside: it passes where the money is spent.
  if (isFree(price)) return { nanocents: 0n, sizing, reason: null };
  if (sizing === 'fixed') return { nanocents: fixedNanocents, sizing, reason: null };
  const terms = bounds.tier === undefined ? [{}] : [{}, { tier: bounds.tier }];
  let worst = 0n;
  for (const one of terms) {
    const found = worstCase(bounds, price, { terms: one });
    if (found.outcome === 'unbounded') {
      return { nanocents: fixedNanocents, sizing: 'fixed', reason: found.reason };
    }
    if (found.nanocents > worst) worst = found.nanocents;
  }
  return { nanocents: sizing === 'estimate' ? estimated(worst) : worst, sizing, reason: null };
}

function isFree({ tiers, serviceTiers }: Price): boolean {
  const all = [...tiers, ...Object.values(serviceTiers).flat()];
  return all.every(({ rates }) => Object.values(rates).every((rate) => rate === 0n));
}

/** Rounded up, so that what costs something is never held with nothing. */
function estimated(most: bigint): bigint {
  const divisor = BigInt(estimateDivisor);
  return (most + divisor - 1n) / divisor;
}

/** Token limits are held for what the request itself bounds; what it does not say is counted at the end. */
function tokenBounds(request: RequestBounds, sizing: Sizing): NonNullable<HoldInput['quantities']> {
  const { inputTokensMax: input, outputTokensMax, choices } = request;
  const output = outputTokensMax === null ? null : outputTokensMax * choices;
  const held = (tokens: number) => (sizing === 'estimate' ? estimated(BigInt(tokens)) : BigInt(tokens));
  return {
    ...(input === null ? {} : { input_tokens: held(input) }),
    ...(output === null ? {} : { output_tokens: held(output) }),
    ...(input === null && output === null ? {} : { total_tokens: held((input ?? 0) + (output ?? 0)) }),
  };
}
