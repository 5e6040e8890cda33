import { NanocentError } from '../errors/error.ts';
import { allocate, divideCeil, nanocents, nanocentsMax, type Rate } from '../money/index.ts';
import type { ServedTerms } from '../usage/reading.ts';
import { countMax, inputKinds, type TokenKind, tokenKinds, type Usage } from '../usage/usage.ts';
import type { ChargeLine, ContextTier, Price, Pricing, Rates, UnitName, Unpriced } from './price.ts';

/** Rates are nanocents per this many units. */
const unitsPerRate = 1_000_000n;

/** Subsets that leave their parent when they have a rate of their own. */
export const subsetsOf = {
  input: ['inputAudio', 'inputImage', 'inputVideo', 'toolUseInput'],
  cacheRead: ['cacheReadAudio', 'cacheReadImage'],
  cacheWrite5m: [],
  cacheWrite1h: [],
  cacheWrite: [],
  output: ['reasoning', 'outputAudio', 'outputImage', 'outputVideo'],
} as const satisfies Record<TokenKind, readonly (keyof Usage)[]>;

interface Part {
  readonly unit: UnitName;
  readonly quantity: number;
  readonly rate: Rate;
  /** Region multipliers are on tokens only; fees per call are the same everywhere. */
  readonly token: boolean;
}

/**
 * Usage × price in nanocents, exact, rounded up once; lines are floors, the missing nanocents go to the largest
 * remainders, ties in line order. What cannot be priced is `unpriced`, never 0.
 *
 * The context tier is chosen by all input, cached or not, and re-rates the whole request, output too. What stands in
 * for a missing rate: docs/prices.md. Throws usage_invalid for a count that is no count, amount_overflow above 2^63 − 1.
 */
export function chargeFor(
  usage: Usage,
  price: Price,
  options: { readonly terms?: ServedTerms } = {},
): Pricing {
  const terms = options.terms ?? {};
  const region = regionRatio(price, terms.region);
  if (region === null) return unpriced(`${price.id} has no price for region ${terms.region}`);
  const rates = ratesFor(usage, price, terms.tier);
  if (typeof rates === 'string') return unpriced(rates);

  const parts: Part[] = [];
  for (const kind of tokenKinds) {
    const problem = addTokens(parts, kind, usage, rates, price);
    if (problem !== null) return unpriced(problem);
  }
  const problem = addUnits(parts, usage, rates, price);
  if (problem !== null) return unpriced(problem);
  return { outcome: 'priced', charge: { priceId: price.id, ...sumParts(parts, region, price) }, price };
}

/** The rates for this much input at this service tier, or why there are none. Per-call units are the standard's. */
export function ratesFor(usage: Usage, price: Price, tier: string | undefined): Rates | string {
  let total = 0;
  for (const kind of inputKinds) total += usage[kind] ?? 0;
  const standard = tierFor(price.tiers, total);
  if (standard === null) return `${price.id} has no price for ${total} input tokens`;
  if (tier === undefined || tier === 'standard' || tier === 'default') return standard.rates;
  const tiers = Object.hasOwn(price.serviceTiers, tier) ? price.serviceTiers[tier] : undefined;
  if (tiers === undefined) return `${price.id} has no price for service tier ${tier}`;
  const served = tierFor(tiers, total);
  if (served === null) return `${price.id} has no price for ${total} input tokens at service tier ${tier}`;
  return { ...callRates(standard.rates), ...served.rates };
}

function tierFor(tiers: readonly ContextTier[], inputTokens: number): ContextTier | null {
  for (const tier of tiers) {
    if (tier.inputTokensMax === null || inputTokens <= tier.inputTokensMax) return tier;
  }
  return null;
}

function callRates(rates: Rates): Rates {
  return Object.fromEntries(Object.entries(rates).filter(([unit]) => !isTokenUnit(unit)));
}

const tokenUnits: ReadonlySet<string> = new Set([...tokenKinds, ...Object.values(subsetsOf).flat()]);

/** True for kinds and subsets of tokens, false for what is billed beside them. */
export function isTokenUnit(unit: UnitName): boolean {
  return tokenUnits.has(unit);
}

/** A price without regions is the same everywhere; one with regions has no price for a region it does not list. */
function regionRatio(price: Price, region: string | undefined): readonly [bigint, bigint] | null {
  if (region === undefined || Object.keys(price.regions).length === 0) return unchanged;
  return Object.hasOwn(price.regions, region) ? price.regions[region]! : null;
}

/** Adds the parts of one kind; returns why it cannot be priced, or null. */
function addTokens(parts: Part[], kind: TokenKind, usage: Usage, rates: Rates, price: Price): string | null {
  const count = usage[kind];
  if (count === null) return missingCount(kind, rates) ? `usage unknown: ${kind}` : null;
  let rest = checkedCount(count, kind);
  for (const subset of subsetsOf[kind]) {
    const rate = subsetRate(subset, rates);
    if (rate === undefined) continue;
    const part = usage[subset];
    if (part === null) return `usage unknown: ${subset}`;
    if (part === undefined || checkedCount(part, subset) === 0) continue;
    if (part > rest) return `usage inconsistent: ${subset} of ${part} is more than ${kind} of ${count}`;
    rest -= part;
    parts.push({ unit: subset, quantity: part, rate, token: true });
  }
  if (rest === 0) return null;
  const rate = kindRate(kind, rates, price);
  if (rate === undefined) return `${price.id} has no rate for ${kind}`;
  parts.push({ unit: kind, quantity: rest, rate, token: true });
  return null;
}

/**
 * Whether a count the provider does not give could change the amount: input and output wherever they have a
 * rate; a cache kind only where the price knows it, else there is no such thing to be billed.
 */
function missingCount(kind: TokenKind, rates: Rates): boolean {
  if (kind === 'input' || kind === 'output') return rates[kind] !== undefined;
  return rates[kind] !== undefined && rates[kind] !== rates.input;
}

/** The kind's own rate or what stands in for it; undefined when nothing may. */
function kindRate(kind: TokenKind, rates: Rates, price: Price): Rate | undefined {
  const own = rates[kind];
  if (own !== undefined || kind === 'input' || kind === 'output') return own;
  if (kind === 'cacheRead') return rates.input;
  const shorter = rates.cacheWrite5m ?? rates.cacheWrite;
  if (shorter !== undefined || rates.cacheWrite1h !== undefined)
    return kind === 'cacheWrite1h' ? undefined : shorter;
  return price.cacheWriteAsInput ? rates.input : undefined;
}

function subsetRate(subset: UnitName, rates: Rates): Rate | undefined {
  const own = rates[subset];
  if (own !== undefined || rates.cacheRead !== undefined) return own;
  // Where nothing cached has a rate, cached audio and images are input like any other.
  if (subset === 'cacheReadAudio') return rates.inputAudio;
  return subset === 'cacheReadImage' ? rates.inputImage : undefined;
}

function addUnits(parts: Part[], usage: Usage, rates: Rates, price: Price): string | null {
  const units = rates.request === undefined ? usage.units : { request: 1, ...usage.units };
  for (const unit of Object.keys(units)) {
    const quantity = checkedCount(units[unit], `units.${unit}`);
    if (quantity === 0) continue;
    const rate = Object.hasOwn(rates, unit) ? rates[unit] : undefined;
    if (rate === undefined || isTokenUnit(unit)) return `${price.id} has no rate for unit ${unit}`;
    const least = price.minimums?.[unit] ?? 0;
    parts.push({ unit, quantity: quantity < least ? least : quantity, rate, token: false });
  }
  return null;
}

const unchanged: readonly [bigint, bigint] = [1n, 1n];

function sumParts(parts: readonly Part[], region: readonly [bigint, bigint], price: Price) {
  const factor = price.factor ?? unchanged;
  const denominator = unitsPerRate * region[1] * factor[1];
  const plain = region === unchanged && factor === unchanged;
  const numerators = parts.map((part) => {
    const exact = BigInt(part.quantity) * part.rate;
    return plain ? exact : exact * factor[0] * (part.token ? region[0] : region[1]);
  });
  let sum = 0n;
  for (const numerator of numerators) sum += numerator;
  const total = divideCeil(sum, denominator);
  if (total > nanocentsMax) {
    throw new NanocentError('amount_overflow', `A charge at ${price.id} comes to ${total} nanocents.`, {
      fix: 'Check the counts and the price: one amount is at most 9223372036854775807 nanocents.',
      data: { priceId: price.id },
    });
  }
  // Most rates are whole nanocents a token: then no line has a remainder to share out.
  const whole = numerators.every((numerator) => numerator % denominator === 0n);
  const amounts = whole
    ? numerators.map((numerator) => numerator / denominator)
    : allocate(numerators, denominator, total);
  const lines = parts.map((part, index): ChargeLine => {
    const rate = plain ? part.rate : effectiveRate(part, region, factor);
    const amount = nanocents(amounts[index]!);
    return { unit: part.unit, quantity: part.quantity, rateNanocentsPerMillion: rate, nanocents: amount };
  });
  return { nanocents: nanocents(total), lines };
}

/** For the line to show; the amount comes from the exact ratios. */
function effectiveRate(
  part: Part,
  region: readonly [bigint, bigint],
  factor: readonly [bigint, bigint],
): Rate {
  const [numerator, denominator] = part.token ? region : unchanged;
  return divideCeil(part.rate * numerator * factor[0], denominator * factor[1]) as Rate;
}

function checkedCount(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= countMax) return value;
  throw new NanocentError('usage_invalid', `${field} is ${String(value)}, not a whole number of units.`, {
    field,
    fix: `Give a whole number from 0 to ${countMax}.`,
  });
}

export function unpriced(reason: string, nearest?: readonly string[]): Unpriced {
  return nearest === undefined ? { outcome: 'unpriced', reason } : { outcome: 'unpriced', reason, nearest };
}
