import type { ConditionalPrice, MatchLogic, ModelInfo, ModelPrice } from '@pydantic/genai-prices';
import { parseRate } from '../../src/money/index.ts';
import type { RateTexts, ShardRow, TierTexts } from '../../src/prices/shard.ts';

/** genai-prices' price keys as our units; [unit, multiplier to a price per million]. null: we have no such count. */
const units: Readonly<Record<string, readonly [string, Ratio] | null>> = {
  input_mtok: ['input', [1n, 1n]],
  output_mtok: ['output', [1n, 1n]],
  cache_read_mtok: ['cacheRead', [1n, 1n]],
  cache_write_mtok: ['cacheWrite', [1n, 1n]],
  cache_write_1h_mtok: ['cacheWrite1h', [1n, 1n]],
  input_audio_mtok: ['inputAudio', [1n, 1n]],
  cache_audio_read_mtok: ['cacheReadAudio', [1n, 1n]],
  output_audio_mtok: ['outputAudio', [1n, 1n]],
  cache_image_read_mtok: ['cacheReadImage', [1n, 1n]],
  input_video_mtok: ['inputVideo', [1n, 1n]],
  output_video_mtok: ['outputVideo', [1n, 1n]],
  input_image_mtok: ['inputImage', [1n, 1n]],
  output_image_mtok: ['outputImage', [1n, 1n]],
  output_reasoning_mtok: ['reasoning', [1n, 1n]],
  output_citation_mtok: ['citationToken', [1n, 1n]],
  web_searches_kcount: ['webSearch', [1_000n, 1n]],
  storage_searches_kcount: ['fileSearch', [1_000n, 1n]],
  requests_kcount: ['request', [1_000n, 1n]],
  input_text_messages_kcount: ['inputTextMessage', [1_000n, 1n]],
  input_document_kpages: ['page', [1_000n, 1n]],
  input_annotated_document_kpages: ['annotatedPage', [1_000n, 1n]],
  // Rounded down to a whole nanocent per million seconds; the charge is rounded up, so an hour still costs its price.
  audio_hours: ['audioSecond', [1_000_000n, 3_600n]],
  // The same minutes as audio_hours, under the name of the direction.
  input_audio_hours: null,
};

type Ratio = readonly [bigint, bigint];

/** One model's prices as shipped rows, or null where the source gives none (an empty price is no price). */
export function rowsOf(model: ModelInfo): ShardRow[] | null {
  const dated: readonly ConditionalPrice[] = Array.isArray(model.prices)
    ? model.prices
    : [{ prices: model.prices }];
  if (dated.some(({ prices }) => Object.keys(prices).length === 0)) return isFree(model) ? [freeRow] : null;
  return dated.map(({ constraint, prices }, index) => {
    if (constraint !== undefined && constraint.type !== 'start_date') {
      throw new Error(`${model.id} has a time of day: its prices belong into the overlay.`);
    }
    const next = dated[index + 1]?.constraint;
    return {
      r: tiersOf(model, prices),
      ...(constraint === undefined ? {} : { f: constraint.start_date }),
      ...(next === undefined ? {} : { t: startOf(next) }),
    };
  });
}

function startOf(constraint: NonNullable<ConditionalPrice['constraint']>): string {
  if (constraint.type !== 'start_date') throw new Error('A time of day follows a date.');
  return constraint.start_date;
}

const freeRow: ShardRow = { r: [[null, { input: '0', cacheRead: '0', output: '0' }]] };

/** Only where the source says so: an empty price elsewhere means that nobody knows. */
function isFree(model: ModelInfo): boolean {
  return model.id.endsWith(':free') || /^Free of charge/.test(model.price_comments ?? '');
}

function tiersOf(model: ModelInfo, prices: ModelPrice): TierTexts {
  const starts = new Set<number>();
  for (const value of Object.values(prices)) {
    if (typeof value === 'object') for (const tier of value.tiers) starts.add(tier.start);
  }
  const bounds = [...[...starts].sort((a, b) => a - b), null];
  return bounds.map((bound, index) => [
    bound,
    ratesFrom(model, prices, index === 0 ? -1 : bounds[index - 1]!),
  ]);
}

/** The rates above `start` tokens. */
function ratesFrom(model: ModelInfo, prices: ModelPrice, start: number): RateTexts {
  const rates: Record<string, string> = {};
  for (const [key, value] of Object.entries(prices)) {
    const unit = units[key];
    if (unit === undefined) throw new Error(`${model.id} has the unknown price key ${key}.`);
    if (unit === null || value === undefined) continue;
    const last =
      typeof value === 'number' ? undefined : value.tiers.filter((tier) => tier.start <= start).at(-1);
    const price = typeof value === 'number' ? value : (last?.price ?? value.base);
    rates[shortWrites(model, unit[0])] = rateText(price, unit[1]);
  }
  return rates;
}

/** A Claude cache write without a stated time to live is the five minutes' price, wherever Claude is hosted. */
function shortWrites(model: ModelInfo, unit: string): string {
  return unit === 'cacheWrite' && model.id.includes('claude') ? 'cacheWrite5m' : unit;
}

/** Canonical decimal text of a price: no float noise, no trailing zeros. */
export function rateText(price: number, [numerator, denominator]: Ratio = [1n, 1n]): string {
  const rate = (parseRate(price.toFixed(11).replace(/\.?0+$/, '')) * numerator) / denominator;
  const digits = rate.toString().padStart(12, '0');
  return `${digits.slice(0, -11)}.${digits.slice(-11)}`.replace(/\.?0+$/, '');
}

/** Ids a model answers to: what its match clauses name. Patterns of dates are the matcher's business, not data. */
export interface Names {
  /** Named in full. */
  readonly exact: readonly string[];
  /** Beginnings and parts of names: they stand for the name itself, and count only where nothing names it in full. */
  readonly partial: readonly string[];
}

export function namesOf(model: ModelInfo): Names {
  const exact = new Set([model.id.toLowerCase()]);
  const partial = new Set<string>();
  collect(model.match, exact, partial);
  return { exact: [...exact], partial: [...partial].filter((name) => name !== '' && !exact.has(name)) };
}

function collect(match: MatchLogic, exact: Set<string>, partial: Set<string>): void {
  if ('or' in match) for (const clause of match.or) collect(clause, exact, partial);
  else if ('and' in match) for (const clause of match.and) collect(clause, exact, partial);
  else if ('equals' in match) exact.add(match.equals.toLowerCase());
  else if ('regex' in match) return;
  else {
    const text =
      'starts_with' in match ? match.starts_with : 'contains' in match ? match.contains : match.ends_with;
    partial.add(text.toLowerCase().replace(/[-@]+$/, ''));
  }
}
