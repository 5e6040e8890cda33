import type { PriceSource } from '../config/config.ts';
import { NanocentError } from '../errors/error.ts';

export interface SourcedPrices {
  /** As charges name where their price came from. */
  readonly name: string;
  /** As own prices are written (docs/prices.md). */
  readonly value: unknown;
}

const sourcesMax = 100;
/** A source that asks a server has to answer before the books open. */
const answerMs = 10_000;

/** What the price sources of a configuration say now, in their order. Throws config_invalid, naming the source. */
export async function priceSources(
  sources: readonly PriceSource[],
  folder: string,
): Promise<readonly SourcedPrices[]> {
  if (sources.length > sourcesMax) {
    throw invalid('prices.sources', `holds ${sources.length} sources`, `give at most ${sourcesMax}`);
  }
  return Promise.all(
    sources.map(async (source, index) => {
      const place = `prices.sources[${index}]`;
      const name = typeof source === 'string' ? source : place;
      const value = await answered(source, folder, place);
      const unpriced = typeof value === 'object' && value !== null && 'unpriced' in value;
      if (!unpriced) return { name, value };
      throw invalid(place, 'says unpriced', 'say it in the configuration itself');
    }),
  );
}

async function answered(source: PriceSource, folder: string, place: string): Promise<unknown> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${answerMs / 1000} seconds`)), answerMs);
  try {
    return await Promise.race([asked(source, folder), late]);
  } catch (cause) {
    const { loadTrouble } = await import('../config/load-module.ts');
    const { message, fix } = loadTrouble(cause);
    throw invalid(place, `gives no prices: ${message}`, fix, cause);
  } finally {
    clearTimeout(timer);
  }
}

async function asked(source: PriceSource, folder: string): Promise<unknown> {
  if (typeof source === 'function') return source();
  const { loadModule, moduleUrl } = await import('../config/load-module.ts');
  const { default: exported } = await loadModule(moduleUrl(source, folder));
  return typeof exported === 'function' ? exported() : exported;
}

function invalid(place: string, what: string, fix: string, cause?: unknown): NanocentError {
  return new NanocentError('config_invalid', `${place} ${what}`, { field: place, fix, cause });
}
