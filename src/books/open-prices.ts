import { readFile } from 'node:fs/promises';
import { NanocentError } from '../errors/error.ts';
import { bundledCatalog, type Catalog, readOwnPrices, type UnpricedPolicy } from '../prices/index.ts';
import { readUpdates } from './price-updates.ts';
import type { Environment } from './store-location.ts';

export interface OpenPricesOptions {
  /** Own prices (docs/prices.md), or the JSON file that holds them; else NANOCENT_PRICES, else the configuration's. */
  readonly prices?: object | string | undefined;
  /** A configuration file; NANOCENT_CONFIG when left out. */
  readonly config?: string | undefined;
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

/** Everything that prices uses this one catalog. Throws price_file_invalid, config_invalid, file_not_found; nothing is half-read. */
export async function openPrices(options: OpenPricesOptions): Promise<OpenedPrices> {
  const [own, updates] = await Promise.all([ownPrices(options), readUpdates(options.environment)]);
  if (own === null) return { catalog: bundledCatalog({ layers: updates }), unpriced: 'refuse' };
  const { layer, basedOn, unpriced } = readOwnPrices(own.value, { name: own.name, recordedAt: options.at });
  return {
    catalog: bundledCatalog({ layers: [layer, ...updates], basedOn, ...fallbackOf(unpriced) }),
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
  // A wrong configuration is said even where another place goes before it.
  const file = config ?? (environment.NANOCENT_CONFIG || undefined);
  const configured = file === undefined ? null : await configuredPrices(file);
  if (typeof prices === 'object') return { name: 'prices', value: prices };
  const named = prices ?? (environment.NANOCENT_PRICES || undefined);
  return named === undefined ? configured : readPricesFile(named);
}

async function configuredPrices(file: string): Promise<Written | null> {
  const { readConfigFile } = await import('../config/read-config-file.ts');
  const { name, roots } = await readConfigFile(file);
  return roots.prices === undefined ? null : { name, value: roots.prices };
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
