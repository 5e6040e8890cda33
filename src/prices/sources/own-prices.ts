import { type Rate, rateFromCredits } from '../../money/index.ts';
import { anyProvider } from '../catalog.ts';
import type { CatalogLayer, CatalogModel, PriceAdjustment } from '../catalog-index.ts';
import { isTokenUnit } from '../charge.ts';
import type { ContextTier, Price, Rates } from '../price.ts';
import { canonicalProvider } from '../provider-names.ts';
import { fingerprint } from '../shard.ts';
import { Entry } from './entry.ts';

/**
 * Prices that users write, in configuration or a file:
 *
 * - `models`: `{ provider?, model, aliases?, from?, to?, rates | tiers, serviceTiers?, regions? }`. `rates` are USD per
 *   million units by unit (`input`, `output`, `cacheRead` …, `webSearch`); `tiers` are `{ upTo, rates }`, or seed 000's
 *   `{ max_tokens, input_cost, output_cost }` in credits a token (`model_id` is its spelling of `model`).
 * - `adjustments`: `{ provider, model?, markup | discount }`, in percent: `"5%"`. The first that fits holds.
 * - `basedOn`: routes that sell another provider's models at its prices: `{ "my-proxy": "openai" }`.
 * - `unpriced`: what a model without a price meets: `"refuse"` under a cost limit (as when left out), `"allow"`, or
 *   `{ rates }` at which it is charged instead.
 */
export interface OwnPrices {
  readonly layer: CatalogLayer;
  readonly basedOn: Readonly<Record<string, string>>;
  readonly unpriced: UnpricedPolicy;
}

/** What a call meets whose model has no price: nothing may make it free. */
export type UnpricedPolicy =
  /** It is not made where a cost limit covers it. */
  | 'refuse'
  /** It is made, and booked as unpriced. */
  | 'allow'
  /** It is charged at this price. */
  | Price;

/** Where own prices are from and when they were learnt. */
export interface OwnPricesOptions {
  /** For messages and provenance: the file or place it is written in. */
  readonly name: string;
  /** When these prices were learnt, epoch milliseconds UTC. */
  readonly recordedAt: number;
}

/** Reads own prices strictly. Throws price_file_invalid naming entry and field; an unknown field is an error. */
export function readOwnPrices(value: unknown, options: OwnPricesOptions): OwnPrices {
  const root = new Entry(options.name, 'prices', value);
  onlyKnown(root, ['models', 'adjustments', 'basedOn', 'unpriced']);
  const models = listOf(root, 'models').map((model, index) => readModel(model, index, options));
  const adjustments = listOf(root, 'adjustments').map((entry, index) =>
    readAdjustment(new Entry(options.name, `adjustments[${index}]`, entry)),
  );
  const basedOn = root.value('basedOn');
  const routes = basedOn === undefined ? null : new Entry(options.name, 'basedOn', basedOn);
  const pairs = routes?.keys.map((route) => [canonicalProvider(route), routes.text(route)]) ?? [];
  return {
    layer: { models: merged(models), adjustments },
    basedOn: Object.fromEntries(pairs),
    unpriced: readUnpriced(root, options),
  };
}

function readUnpriced(root: Entry, options: OwnPricesOptions): UnpricedPolicy {
  const value = root.value('unpriced') ?? 'refuse';
  if (value === 'refuse' || value === 'allow') return value;
  if (typeof value !== 'object') {
    throw root.complaint('unpriced', 'is none of its values', 'Write "refuse", "allow" or { "rates": … }.');
  }
  const entry = new Entry(options.name, 'unpriced', value);
  onlyKnown(entry, ['rates']);
  return ownPrice(anyProvider, anyProvider, { tiers: readTiers(entry), ...untiered }, options);
}

const untiered = { serviceTiers: {}, regions: {}, from: null, to: null };

function readModel(value: unknown, index: number, options: OwnPricesOptions): CatalogModel {
  const unnamed = new Entry(options.name, `models[${index}]`, value);
  const model = (unnamed.optionalText('model') ?? unnamed.text('model_id')).toLowerCase();
  const entry = new Entry(options.name, `models[${index}] (${model})`, value);
  onlyKnown(entry, modelFields);
  const provider = canonicalProvider(entry.optionalText('provider') ?? anyProvider);
  const tiers = readTiers(entry);
  const serviceTiers = Object.fromEntries(
    objectOf(entry, 'serviceTiers').map(([name, rates]) => [
      name,
      [
        {
          inputTokensMax: null,
          rates: readRates(new Entry(options.name, `${entry.label}.serviceTiers.${name}`, rates)),
        },
      ],
    ]),
  );
  const regions = Object.fromEntries(
    objectOf(entry, 'regions').map(([name, ratio]) => [name, ratioFrom(entry, `regions.${name}`, ratio, 1n)]),
  );
  const from = entry.instant('from');
  const to = entry.instant('to');
  if (from !== null && to !== null && from >= to) {
    throw entry.complaint('to', 'is not after from', 'Exchange the two dates.');
  }
  const price = ownPrice(provider, model, { tiers, serviceTiers, regions, from, to }, options);
  const aliases = listOf(entry, 'aliases').map((alias) => {
    if (typeof alias !== 'string')
      throw entry.complaint('aliases', 'has something that is not text', 'List ids.');
    return alias.toLowerCase();
  });
  return { provider, model, aliases, prices: [price] };
}

function ownPrice(
  provider: string,
  model: string,
  content: Pick<Price, 'tiers' | 'serviceTiers' | 'regions' | 'from' | 'to'>,
  { name, recordedAt }: OwnPricesOptions,
): Price {
  const text = JSON.stringify(content, (_, item) => (typeof item === 'bigint' ? `${item}` : item));
  const checked = new Date(recordedAt).toISOString().slice(0, 10);
  return {
    id: `${provider}/${model}@${content.from ?? 0}#own:${fingerprint(text)}`,
    provider,
    model,
    ...content,
    recordedAt,
    source: { name: 'own', url: name, checked },
  };
}

const modelFields = [
  'provider',
  'model',
  'model_id',
  'aliases',
  'from',
  'to',
  'rates',
  'tiers',
  'serviceTiers',
  'regions',
];

function readTiers(entry: Entry): ContextTier[] {
  const tiers = entry.value('tiers');
  if (tiers === undefined) {
    const rates = new Entry(entry.file, `${entry.label}.rates`, entry.value('rates') ?? null);
    return [{ inputTokensMax: null, rates: readRates(rates) }];
  }
  if (entry.value('rates') !== undefined)
    throw entry.complaint('rates', 'stands beside tiers', 'Give one of them.');
  const read = listOf(entry, 'tiers').map((tier, index) =>
    readTier(new Entry(entry.file, `${entry.label}.tiers[${index}]`, tier)),
  );
  if (read.length === 0) throw entry.complaint('tiers', 'is empty', 'Give at least one tier.');
  read.forEach(({ inputTokensMax }, index) => {
    const next = read[index + 1];
    const last = next === undefined;
    const ascending =
      !last && inputTokensMax !== null && inputTokensMax < (next.inputTokensMax ?? Number.POSITIVE_INFINITY);
    if (!last && !ascending) {
      throw entry.complaint('tiers', 'are not in ascending order', 'Put the tier without a bound last.');
    }
  });
  return read;
}

function readTier(entry: Entry): ContextTier {
  if (entry.value('rates') !== undefined) {
    onlyKnown(entry, ['upTo', 'rates']);
    const rates = new Entry(entry.file, `${entry.label}.rates`, entry.value('rates'));
    return { inputTokensMax: bound(entry, 'upTo'), rates: readRates(rates) };
  }
  onlyKnown(entry, ['max_tokens', 'input_cost', 'output_cost', 'cached_input_cost']);
  const cached = credits(entry, 'cached_input_cost');
  const [input, output] = [credits(entry, 'input_cost'), credits(entry, 'output_cost')];
  if (input === null || output === null) {
    throw entry.complaint(
      input === null ? 'input_cost' : 'output_cost',
      'is missing',
      'Give credits per token.',
    );
  }
  const rates = { input, output, ...(cached === null ? {} : { cacheRead: cached }) };
  return { inputTokensMax: bound(entry, 'max_tokens'), rates };
}

function credits(entry: Entry, field: string): Rate | null {
  const text = entry.decimal(field);
  return text === null ? null : entry.tokenRate(field, entry.parsed(field, text, rateFromCredits));
}

function bound(entry: Entry, field: string): number | null {
  const value = entry.value(field) ?? null;
  if (value === null || (Number.isSafeInteger(value) && (value as number) > 0)) return value as number | null;
  throw entry.complaint(
    field,
    'is no number of tokens',
    'Give a whole number above 0, or null for no bound.',
  );
}

function readRates(entry: Entry): Rates {
  const rates: Record<string, Rate> = {};
  for (const unit of entry.keys) {
    if (!/^[a-z][A-Za-z0-9]{0,63}$/.test(unit)) {
      throw entry.complaint(unit, 'is no unit', 'Units are camelCase: input, cacheRead, webSearch.');
    }
    const rate = entry.rate(unit);
    if (rate !== null) rates[unit] = isTokenUnit(unit) ? entry.tokenRate(unit, rate)! : rate;
  }
  if (Object.keys(rates).length === 0) {
    throw entry.complaint(null, 'has no rates', 'Give USD per million units, such as input: "2.50".');
  }
  return rates;
}

function readAdjustment(entry: Entry): PriceAdjustment {
  onlyKnown(entry, ['provider', 'model', 'markup', 'discount']);
  const [markup, discount] = [entry.value('markup'), entry.value('discount')];
  if ((markup === undefined) === (discount === undefined)) {
    throw entry.complaint(
      'markup',
      'and discount: exactly one is needed',
      'Write markup: "5%" or discount: "10%".',
    );
  }
  const model = entry.optionalText('model');
  const factor =
    markup === undefined ? percent(entry, 'discount', discount, -1n) : percent(entry, 'markup', markup, 1n);
  return {
    provider: entry.optionalText('provider') ?? anyProvider,
    ...(model === null ? {} : { model }),
    factor,
  };
}

/** `"5%"` → [105n, 100n]; `"2.5%"` off → [975n, 1000n]. */
function percent(entry: Entry, field: string, value: unknown, sign: bigint): readonly [bigint, bigint] {
  const match = typeof value === 'string' ? /^(\d{1,6})(?:\.(\d{1,6}))?\s*%$/.exec(value.trim()) : null;
  if (match === null) throw entry.complaint(field, 'is no percentage', 'Write it as text: "5%" or "2.5%".');
  const decimals = match[2] ?? '';
  const whole = 100n * 10n ** BigInt(decimals.length);
  const factor = whole + sign * BigInt(match[1]! + decimals);
  if (factor < 0n) throw entry.complaint(field, 'is more than everything', 'A discount is at most "100%".');
  return [factor, whole];
}

/** A multiplier: `"1.1"` → [11n, 10n]. */
function ratioFrom(entry: Entry, field: string, value: unknown, scale: bigint): readonly [bigint, bigint] {
  const match = /^(\d{1,6})(?:\.(\d{1,6}))?$/.exec(String(value));
  if (match === null) throw entry.complaint(field, 'is no multiplier', 'Write "1.1".');
  const decimals = match[2] ?? '';
  return [BigInt(match[1]! + decimals), scale * 10n ** BigInt(decimals.length)];
}

/** Rows of the same model at different times are one model. */
function merged(models: readonly CatalogModel[]): CatalogModel[] {
  const byKey = new Map<string, CatalogModel>();
  for (const model of models) {
    const key = `${model.provider}/${model.model}`;
    const known = byKey.get(key);
    const joined = known && {
      ...known,
      aliases: [...known.aliases, ...model.aliases],
      prices: [...known.prices, ...model.prices],
    };
    byKey.set(key, joined ?? model);
  }
  return [...byKey.values()];
}

function onlyKnown(entry: Entry, fields: readonly string[]): void {
  const stray = entry.keys.find((key) => !fields.includes(key));
  if (stray !== undefined)
    throw entry.complaint(stray, 'is not known here', `Known are: ${fields.join(', ')}.`);
}

function listOf(entry: Entry, field: string): readonly unknown[] {
  const value = entry.value(field) ?? [];
  if (!Array.isArray(value)) throw entry.complaint(field, 'is no list', 'Write a list.');
  return value;
}

function objectOf(entry: Entry, field: string): readonly (readonly [string, unknown])[] {
  const value = entry.value(field);
  return value === undefined
    ? []
    : Object.entries(new Entry(entry.file, `${entry.label}.${field}`, value).fields);
}
