import { NanocentError } from '../errors/error.ts';
import { formatRate } from '../money/index.ts';
import type { CatalogLayer, CatalogModel } from './catalog-index.ts';
import type { ContextTier, DailyWindow, Price } from './price.ts';
import { pricesOf, type ShardRow, type ShardSource, type TierTexts } from './shard.ts';
import { invalid } from './sources/entry.ts';

/** A stored update: rows that stand on top of the shipped catalog, with where they come from. */
export interface UpdateFile {
  /** When it was learnt, epoch milliseconds UTC. */
  readonly recordedAt: number;
  /** `llm-prices` or `litellm`. */
  readonly source: string;
  /** The file or address it was read from. */
  readonly from: string;
  readonly models: readonly CatalogModel[];
}

const schema = 'nanocent.price-layer/1';

/** An update as the text of its file; `decodeUpdate` reads it. */
export function encodeUpdate({ recordedAt, source, from, models }: UpdateFile): string {
  const lines = models.map(({ provider, model, aliases, prices }) =>
    JSON.stringify([provider, model, aliases, prices.map(rowOf)]),
  );
  const head = { schema, recordedAt: new Date(recordedAt).toISOString(), source, from };
  return `${JSON.stringify(head).slice(0, -1)},"models":[\n${lines.join(',\n')}\n]}\n`;
}

/** Rows become prices when one of the model's is looked at. Throws price_file_invalid, naming the file. */
export function decodeUpdate(text: string, name: string): CatalogLayer {
  const { recordedAt, source, from, models } = parsed(text, name);
  const origin: ShardSource = {
    name: source,
    url: from,
    recorded: recordedAt,
    checked: recordedAt.slice(0, 10),
  };
  return {
    models: models.map(([provider, model, aliases, rows]) => {
      let prices: readonly Price[] | null = null;
      const shard = { provider, fallbacks: [], sources: [origin], models: [] };
      return {
        provider,
        model,
        aliases,
        get prices() {
          prices ??= readRows(() => pricesOf(shard, [model, aliases, rows]), `${provider}/${model}`, name);
          return prices;
        },
      };
    }),
  };
}

type Line = readonly [string, string, readonly string[], readonly ShardRow[]];

interface Stored {
  readonly schema: string;
  readonly recordedAt: string;
  readonly source: string;
  readonly from: string;
  readonly models: readonly Line[];
}

function parsed(text: string, name: string): Stored {
  let value: Partial<Stored> | null = null;
  try {
    value = JSON.parse(text);
  } catch {
    // A file that is no JSON is damaged like one with other content.
  }
  const texts = [value?.recordedAt, value?.source, value?.from];
  const whole =
    value?.schema === schema &&
    texts.every((field) => typeof field === 'string') &&
    Number.isFinite(Date.parse(value.recordedAt!)) &&
    Array.isArray(value.models) &&
    value.models.every(isLine);
  if (whole) return value as Stored;
  throw invalid(name, null, null, 'is no stored price update', removeIt);
}

const removeIt = 'Move the file away, and run prices update again.';

function isLine(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [provider, model, aliases, rows] = value;
  return (
    typeof provider === 'string' && typeof model === 'string' && Array.isArray(aliases) && Array.isArray(rows)
  );
}

function readRows(read: () => readonly Price[], entry: string, name: string): readonly Price[] {
  try {
    return read();
  } catch (error) {
    // Rows are written by encodeUpdate; one that does not read back was edited or damaged.
    const why = NanocentError.is(error) ? error.message : 'it is no price row';
    throw invalid(name, entry, null, `cannot be read (${why})`, removeIt);
  }
}

function rowOf(price: Price): ShardRow {
  const serviceTiers = Object.entries(price.serviceTiers).map(([name, tiers]) => [name, textsOf(tiers)]);
  const regions = Object.entries(price.regions).map(([name, [up, down]]) => [name, `${up}/${down}`]);
  const { during, minimums } = price;
  const time = (at: number) => new Date(at).toISOString();
  return {
    r: textsOf(price.tiers),
    ...(serviceTiers.length === 0 ? {} : { s: Object.fromEntries(serviceTiers) }),
    ...(regions.length === 0 ? {} : { g: Object.fromEntries(regions) }),
    ...(price.from === null ? {} : { f: time(price.from) }),
    ...(price.to === null ? {} : { t: time(price.to) }),
    ...(during === undefined ? {} : { d: windowText(during) }),
    ...(minimums === undefined ? {} : { m: minimums }),
    ...(price.cacheWriteAsInput ? { c: 1 as const } : {}),
  };
}

function windowText({ startMinute, endMinute, weekdays }: DailyWindow): NonNullable<ShardRow['d']> {
  return weekdays === undefined ? [startMinute, endMinute] : [startMinute, endMinute, weekdays.join('')];
}

function textsOf(tiers: readonly ContextTier[]): TierTexts {
  return tiers.map(({ inputTokensMax, rates }) => [
    inputTokensMax,
    Object.fromEntries(Object.entries(rates).map(([unit, rate]) => [unit, formatRate(rate)])),
  ]);
}
