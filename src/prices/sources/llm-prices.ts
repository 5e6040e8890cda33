import type { CatalogModel } from '../catalog-index.ts';
import type { ContextTier, Price, Rates } from '../price.ts';
import { canonicalProvider } from '../provider-names.ts';
import { fingerprint } from '../shard.ts';
import { Entry, invalid, type PriceFile, parseFile } from './entry.ts';

/** Names of vendors whose API goes by another. */
const vendorProviders: Readonly<Record<string, string>> = { amazon: 'bedrock', 'moonshot-ai': 'moonshotai' };

interface Row {
  readonly provider: string;
  readonly id: string;
  readonly rates: Rates;
  readonly from: number | null;
  readonly to: number | null;
}

/**
 * The files of llm-prices.com, `current-v1.json` and `historical-v1.json`: USD per million tokens, from inclusive to
 * exclusive in UTC. A long-context price is an entry of its own there (`gemini-1.5-pro-128k`); here it becomes a tier
 * of its model. `input_cached: null` is no price for cached input, which is then input (not free).
 * Throws price_file_invalid.
 */
export function parseLlmPrices(file: PriceFile): CatalogModel[] {
  const prices = new Entry(file.name, 'of the file', parseFile(file)).value('prices');
  if (!Array.isArray(prices) || prices.length === 0) {
    throw invalid(
      file.name,
      null,
      'prices',
      'has no list of prices',
      'Give current-v1.json or historical-v1.json.',
    );
  }
  const rows = withoutRepeats(
    prices.map((value, index) => rowOf(file, index, value)),
    file,
  );
  const models = new Map<string, Price[]>();
  for (const row of rows) {
    const base = baseOf(row, rows);
    if (base !== null) continue;
    const key = `${row.provider}/${row.id}`;
    models.set(key, [...(models.get(key) ?? []), priceOf(file, row, rows)]);
  }
  return [...models.values()].map((list) => ({
    provider: list[0]!.provider,
    model: list[0]!.model,
    aliases: [],
    prices: list,
  }));
}

function rowOf(file: PriceFile, index: number, value: unknown): Row {
  const id = typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : `${index + 1}`;
  const entry = new Entry(file.name, id, value);
  const vendor = entry.text('vendor').toLowerCase();
  const required = (field: string) => {
    const rate = entry.tokenRate(field, entry.rate(field));
    if (rate === null) throw entry.complaint(field, 'is missing', 'Give USD per million tokens.');
    return rate;
  };
  const cached = entry.tokenRate('input_cached', entry.rate('input_cached'));
  const from = entry.instant('from_date');
  const to = entry.instant('to_date');
  if (from !== null && to !== null && from >= to) {
    throw entry.complaint('to_date', 'is not after from_date', 'Exchange the two dates.');
  }
  return {
    provider: canonicalProvider(vendorProviders[vendor] ?? vendor),
    id: entry.text('id').toLowerCase(),
    rates: {
      input: required('input'),
      output: required('output'),
      ...(cached === null ? {} : { cacheRead: cached }),
    },
    from,
    to,
  };
}

/** The same price twice is one (the published file has such); two prices for one time are a contradiction. */
function withoutRepeats(rows: readonly Row[], file: PriceFile): Row[] {
  const kept: Row[] = [];
  for (const row of rows) {
    const rival = kept.find((other) => sameModel(other, row) && overlap(other, row));
    if (rival === undefined) kept.push(row);
    else if (!sameRates(rival.rates, row.rates)) {
      throw invalid(
        file.name,
        row.id,
        null,
        'has two prices for the same time',
        'Keep one of them, or date them.',
      );
    }
  }
  return kept;
}

/** The row that this one is the long-context price of. */
function baseOf(row: Row, rows: readonly Row[]): Row | null {
  const suffix = /^(.+)-(\d{2,4})k$/.exec(row.id);
  if (suffix === null) return null;
  return rows.find((other) => other.provider === row.provider && other.id === suffix[1]) ?? null;
}

function priceOf(file: PriceFile, row: Row, rows: readonly Row[]): Price {
  const longer = rows
    .filter(
      (other) => other.provider === row.provider && other.id.startsWith(`${row.id}-`) && overlap(other, row),
    )
    .flatMap((other) => {
      const thousands = /^(\d{2,4})k$/.exec(other.id.slice(row.id.length + 1));
      if (thousands === null) return [];
      const above = Number(thousands[1]) * 1_000; // count: tokens
      return [{ above, rates: other.rates }];
    })
    .sort((a, b) => a.above - b.above);
  const tiers: ContextTier[] = [row, ...longer].map(({ rates }, index) => ({
    inputTokensMax: longer[index]?.above ?? null,
    rates,
  }));
  const content = JSON.stringify(tiers, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  return {
    id: `${row.provider}/${row.id}@${row.from ?? 0}#llm-prices:${fingerprint(content)}`,
    provider: row.provider,
    model: row.id,
    tiers,
    serviceTiers: {},
    regions: {},
    from: row.from,
    to: row.to,
    recordedAt: file.recordedAt,
    source: {
      name: 'llm-prices',
      url: file.name,
      checked: new Date(file.recordedAt).toISOString().slice(0, 10),
    },
  };
}

function sameModel(a: Row, b: Row): boolean {
  return a.provider === b.provider && a.id === b.id;
}

function overlap(a: Row, b: Row): boolean {
  const before = (row: Row, other: Row) => row.to !== null && other.from !== null && row.to <= other.from;
  return !before(a, b) && !before(b, a);
}

function sameRates(a: Rates, b: Rates): boolean {
  return ['input', 'output', 'cacheRead'].every((unit) => a[unit] === b[unit]);
}
