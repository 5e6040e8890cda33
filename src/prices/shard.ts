import { parseRate, scaleRate } from '../money/index.ts';
import { isTokenUnit } from './charge.ts';
import type { ContextTier, DailyWindow, Price, Rates } from './price.ts';

/** Rates as decimal text, USD per million units. */
export type RateTexts = Readonly<Record<string, string>>;
/** `[inputTokensMax, rates]` in ascending order; null is no bound. */
export type TierTexts = readonly (readonly [number | null, RateTexts])[];

/** One dated price of a model as shipped. Short keys: 2,000 of these are in the package. */
export interface ShardRow {
  readonly r: TierTexts;
  /** Service tiers: a ratio on every token rate (`"1/2"`), or rates. */
  readonly s?: Readonly<Record<string, string | TierTexts>>;
  /** Region multipliers: `{"us":"11/10"}`. */
  readonly g?: Readonly<Record<string, string>>;
  /** Valid from and to, ISO 8601 date or instant, UTC. */
  readonly f?: string;
  readonly t?: string;
  /** Daily window `[startMinute, endMinute, weekdays?]`. */
  readonly d?: readonly [number, number, string?];
  /** Minimum billed quantities by unit. */
  readonly m?: Readonly<Record<string, number>>;
  /** Index into the shard's sources; 0 when absent. */
  readonly o?: number;
  /** 1: a cache write without a rate is ordinary input. */
  readonly c?: 1;
}

/** `[model, aliases, rows]`, all ids in lower case. */
export type ShardModel = readonly [model: string, aliases: readonly string[], rows: readonly ShardRow[]];

export interface ShardSource {
  readonly name: string;
  readonly url: string;
  /** ISO dates: when we learnt the price, and when it was last compared with the source. */
  readonly recorded: string;
  readonly checked: string;
}

/** One provider's prices as shipped. */
export interface Shard {
  readonly provider: string;
  /** Providers whose prices also hold here for models not listed (Azure sells OpenAI's at OpenAI's prices). */
  readonly fallbacks: readonly string[];
  readonly sources: readonly ShardSource[];
  /** Each line is a ShardModel as JSON. */
  readonly models: readonly string[];
}

/** The priced rows of one shipped model. Throws rate_invalid for a rate that is none (the build tests all of them). */
export function pricesOf(shard: Shard, [model, , rows]: ShardModel): Price[] {
  return rows.map((row) => priceOf(shard, model, row));
}

function priceOf(shard: Shard, model: string, row: ShardRow): Price {
  const source = shard.sources[row.o ?? 0]!;
  const tiers = row.r.map(([inputTokensMax, rates]) => ({ inputTokensMax, rates: ratesOf(rates) }));
  const serviceTiers = Object.entries(row.s ?? {}).map(([name, value]) => [name, serviceTier(tiers, value)]);
  const regions = Object.entries(row.g ?? {}).map(([name, value]) => [name, ratioOf(value)]);
  return {
    id: priceId(shard.provider, model, row, source.name),
    provider: shard.provider,
    model,
    tiers,
    serviceTiers: Object.fromEntries(serviceTiers),
    regions: Object.fromEntries(regions),
    from: row.f === undefined ? null : Date.parse(row.f),
    to: row.t === undefined ? null : Date.parse(row.t),
    ...(row.d === undefined ? {} : { during: windowOf(row.d) }),
    ...(row.c === undefined ? {} : { cacheWriteAsInput: true }),
    ...(row.m === undefined ? {} : { minimums: row.m }),
    recordedAt: Date.parse(source.recorded),
    source: { name: source.name, url: source.url, checked: source.checked },
  };
}

function ratesOf(texts: RateTexts): Rates {
  return Object.fromEntries(Object.entries(texts).map(([unit, text]) => [unit, parseRate(text, unit)]));
}

function serviceTier(tiers: readonly ContextTier[], value: string | TierTexts): ContextTier[] {
  if (typeof value !== 'string') {
    return value.map(([inputTokensMax, rates]) => ({ inputTokensMax, rates: ratesOf(rates) }));
  }
  const ratio = ratioOf(value);
  return tiers.map(({ inputTokensMax, rates }) => {
    const scaled = Object.entries(rates)
      .filter(([unit]) => isTokenUnit(unit))
      .map(([unit, rate]) => [unit, scaleRate(rate, ratio, unit)]);
    return { inputTokensMax, rates: Object.fromEntries(scaled) };
  });
}

/** `"11/10"` → [11n, 10n]. */
export function ratioOf(text: string): readonly [bigint, bigint] {
  const [numerator, denominator] = text.split('/');
  return [BigInt(numerator!), BigInt(denominator ?? '1')];
}

function windowOf([startMinute, endMinute, days]: readonly [number, number, string?]): DailyWindow {
  const window = { startMinute, endMinute };
  return days === undefined ? window : { ...window, weekdays: Array.from(days, Number) };
}

/** Stable for the same content, different for any other: what a charge pins is never reinterpreted. */
function priceId(provider: string, model: string, row: ShardRow, source: string): string {
  // Where a source stands in the shard's list is no part of the price.
  const { o: _, ...content } = row;
  return `${provider}/${model}@${row.f ?? '0'}#${source}:${fingerprint(JSON.stringify(content))}`;
}

/** 53 bits of a mixing hash (cyrb53, public domain): tells price rows apart, guards nothing. */
export function fingerprint(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36);
}
