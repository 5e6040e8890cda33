import { divideCeil, type Nanocents, nanocents, nanocentsMax } from '../money/index.ts';
import type { ServedTerms } from '../usage/reading.ts';
import { inputKinds } from '../usage/usage.ts';
import { subsetsOf } from './charge.ts';
import type { ContextTier, Price, Rates, UnitName } from './price.ts';

/** The most that a request can become. null is unknown, and makes the whole unknown. */
export interface CallBounds {
  /** Bytes of text in the request bound its tokens (inputTokensWithin); null when input comes from elsewhere too. */
  readonly inputTokensMax: number | null;
  /** For one choice: the request's max_tokens, else the model's own maximum. */
  readonly outputTokensMax: number | null;
  /** `n` answers to one prompt: output is billed that often, input once. */
  readonly choices?: number;
  /** Calls of the provider's own tools by unit (`webSearch`); null where the request sets no limit. */
  readonly calls?: Readonly<Record<UnitName, number | null>>;
}

/** The most that a call can cost, or why there is no such amount. */
export type WorstCase =
  | { readonly outcome: 'bounded'; readonly nanocents: Nanocents }
  | { readonly outcome: 'unbounded'; readonly reason: string };

/**
 * Tokens that a request body of this many bytes can have at most: a byte-level tokenizer makes no token from less
 * than one byte, and the JSON around each message is longer than the tokens that a chat template puts in its place.
 * Not for input from outside the body (images and files by address, stored conversations).
 */
export function inputTokensWithin(bodyBytes: number): number {
  return bodyBytes;
}

/**
 * An amount that the charge of this call cannot exceed at this price: every input token at the dearest input rate,
 * cache writes included, every output token at the dearest output rate, in the dearest context tier it can reach.
 * `terms` are the dearest that may be served; without a region, the dearest region.
 */
export function worstCase(
  bounds: CallBounds,
  price: Price,
  options: { readonly terms?: ServedTerms } = {},
): WorstCase {
  const { inputTokensMax, outputTokensMax } = bounds;
  if (inputTokensMax === null) return unbounded('the request has input from outside its body');
  if (outputTokensMax === null) return unbounded('neither the request nor the model bounds the output');
  const tier = options.terms?.tier;
  const tiers = tiersOf(price, tier);
  if (tiers === null) return unbounded(`${price.id} has no price for service tier ${tier}`);
  const reached = tiers.filter(
    (_, index) => index === 0 || inputTokensMax > tiers[index - 1]!.inputTokensMax!,
  );
  const last = reached.at(-1)!;
  if (last.inputTokensMax !== null && inputTokensMax > last.inputTokensMax) {
    return unbounded(`${price.id} has no price for ${inputTokensMax} input tokens`);
  }
  const output = BigInt(outputTokensMax) * BigInt(bounds.choices ?? 1);
  const tokens = max(
    reached.map(
      ({ rates }) =>
        BigInt(inputTokensMax) * dearest(rates, inputUnits) + output * dearest(rates, outputUnits),
    ),
  );
  const calls = callsOf(bounds, price);
  if (typeof calls === 'string') return unbounded(calls);
  return total(tokens, calls, price, options.terms?.region);
}

/** The same at whichever of these prices is the dearest: a call may be billed in an hour other than the one it began in. */
export function worstCaseOf(
  bounds: CallBounds,
  prices: readonly Price[],
  options: { readonly terms?: ServedTerms } = {},
): WorstCase {
  let worst: WorstCase = unbounded('no price is known');
  for (const price of prices) {
    const one = worstCase(bounds, price, options);
    if (one.outcome === 'unbounded') return one;
    if (worst.outcome === 'unbounded' || one.nanocents > worst.nanocents) worst = one;
  }
  return worst;
}

const inputUnits = [...inputKinds, ...inputKinds.flatMap((kind) => subsetsOf[kind])];
const outputUnits = ['output', ...subsetsOf.output];

function tiersOf(price: Price, tier: string | undefined): readonly ContextTier[] | null {
  if (tier === undefined || tier === 'standard' || tier === 'default') return price.tiers;
  return Object.hasOwn(price.serviceTiers, tier) ? price.serviceTiers[tier]! : null;
}

function dearest(rates: Rates, units: readonly UnitName[]): bigint {
  return max(units.map((unit) => rates[unit] ?? 0n));
}

/** Rate × calls over the units, at the dearest of the tiers; or why it has no bound. */
function callsOf({ calls = {} }: CallBounds, price: Price): bigint | string {
  const quantities: Record<UnitName, number | null> = { ...calls };
  if (price.tiers.some(({ rates }) => rates.request !== undefined)) quantities.request ??= 1;
  let sum = 0n;
  for (const [unit, quantity] of Object.entries(quantities)) {
    if (quantity === null) return `the request does not limit the calls of ${unit}`;
    if (quantity > 0 && !price.tiers.every(({ rates }) => Object.hasOwn(rates, unit))) {
      return `${price.id} has no rate for unit ${unit}`;
    }
    const least = quantity > 0 ? (price.minimums?.[unit] ?? 0) : 0;
    sum += BigInt(quantity < least ? least : quantity) * dearestOf(price, unit);
  }
  return sum;
}

function dearestOf(price: Price, unit: UnitName): bigint {
  return max(price.tiers.map(({ rates }) => rates[unit] ?? 0n));
}

function total(tokens: bigint, calls: bigint, price: Price, region: string | undefined): WorstCase {
  const regions = Object.entries(price.regions).filter(([name]) => region === undefined || name === region);
  const ratios = [[1n, 1n] as const, ...regions.map(([, ratio]) => ratio)];
  const [up, down] = price.factor ?? [1n, 1n];
  const amount = max(
    ratios.map(([numerator, denominator]) =>
      divideCeil((tokens * numerator + calls * denominator) * up, 1_000_000n * denominator * down),
    ),
  );
  if (amount > nanocentsMax) return unbounded('the bound is more than one amount can hold');
  return { outcome: 'bounded', nanocents: nanocents(amount) };
}

function max(values: readonly bigint[]): bigint {
  return values.reduce((largest, value) => (value > largest ? value : largest), 0n);
}

function unbounded(reason: string): WorstCase {
  return { outcome: 'unbounded', reason };
}
