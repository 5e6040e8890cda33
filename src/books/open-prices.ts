import { readFile } from 'node:fs/promises';
import { loadConfig } from '../config/load-config.ts';
import type { LoadedConfig } from '../config/read-config-file.ts';
import { NanocentError } from '../errors/error.ts';
import { bundledCatalog, type Catalog, readOwnPrices, type UnpricedPolicy } from '../prices/index.ts';
import { priceSources } from './price-sources.ts';
import { readUpdates } from './price-updates.ts';
import type { Environment } from './store-location.ts';

export interface OpenPricesOptions {
  /** Own prices (docs/prices.md), or the JSON file that holds them; else NANOCENT_PRICES, else the configuration's. */
  readonly prices?: object | string | undefined;
  readonly config: LoadedConfig | null;
  readonly environment: Environment;
  /** When own prices count as learnt: now, epoch milliseconds UTC. */
  readonly at: number;
}

export interface OpenedPrices {
  /** Own prices on top of stored updates on top of the bundled ones. */
  readonly catalog: Catalog;
  /** What a model without a price meets where a cost limit covers its call. */
  readonly unpriced: 'refuse' | 'allow';
}

export interface FindPricesOptions extends Omit<OpenPricesOptions, 'config'> {
  /** A configuration file; NANOCENT_CONFIG, then the one in the working folder when left out; none for false. */
  readonly config?: string | false | undefined;
}

/** Prices without a ledger. */
export async function findPrices(options: FindPricesOptions): Promise<OpenedPrices> {
  const { config, environment } = options;
  return openPrices({ ...options, config: await loadConfig({ config, environment, folder: process.cwd() }) });
}

/** Everything that prices uses this one catalog. Throws price_file_invalid, config_invalid, file_not_found; nothing is half-read. */
export async function openPrices(options: OpenPricesOptions): Promise<OpenedPrices> {
  const { config, at: recordedAt } = options;
  const [own, updates] = await Promise.all([ownPrices(options), readUpdates(options.environment)]);
  const sources = await priceSources(config?.roots.prices?.sources ?? [], config?.folder ?? '.');
  const read = [...(own ? [own] : []), ...sources].map(({ name, value }) =>
    readOwnPrices(value, { name, recordedAt }),
  );
  const unpriced = own === null ? 'refuse' : read[0]!.unpriced;
  // The first that says what a route is based on holds.
  const basedOn = Object.assign({}, ...read.map((prices) => prices.basedOn).reverse());
  const layers = [...read.map(({ layer }) => layer), ...updates];
  return {
    catalog: bundledCatalog({ layers, basedOn, ...fallbackOf(unpriced) }),
    unpriced: unpriced === 'allow' ? 'allow' : 'refuse',
  };
}

function fallbackOf(unpriced: UnpricedPolicy) {
  return typeof unpriced === 'string' ? {} : { fallback: unpriced };
}

interface Written {
  readonly name: string;
  readonly value: unknown;
}

/** The first place that has own prices; what a file is said to hold has to be there. */
async function ownPrices({ prices, config, environment }: OpenPricesOptions): Promise<Written | null> {
  if (typeof prices === 'object') return { name: 'prices', value: prices };
  const named = prices ?? (environment.NANOCENT_PRICES || undefined);
  if (named !== undefined) return readPricesFile(named);
  if (config?.roots.prices === undefined) return null;
  const { sources: _, ...value } = config.roots.prices;
  return { name: config.name, value };
}

/** Own prices are written by hand. */
const ownPricesCharactersMax = 4_000_000;

async function readPricesFile(name: string): Promise<Written> {
  const text = await readFile(name, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const code = error.code === 'ENOENT' ? 'file_not_found' : 'price_file_invalid';
    const what =
      error.code === 'ENOENT' ? `there is no file ${name}` : `${name} cannot be read (${error.code})`;
    throw new NanocentError(code, what, { field: 'prices', fix: 'check the path' });
  });
  try {
    if (text.length > ownPricesCharactersMax) throw new RangeError('too long');
    return { name, value: JSON.parse(text) };
  } catch {
    // The parser's words would repeat the file.
    throw new NanocentError(
      'price_file_invalid',
      `${name} is not JSON, or longer than 4,000,000 characters`,
      {
        field: 'prices',
        fix: 'write own prices as one JSON object: { "models": [ … ] }',
      },
    );
  }
}
