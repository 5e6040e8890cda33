import { type Catalog, openCatalog } from './catalog.ts';
import type { CatalogLayer } from './catalog-index.ts';
import { shards } from './data/index.ts';
import type { Price } from './price.ts';

/** What is put on top of the bundled prices. */
export interface BundledCatalogOptions {
  /** Put on top of the bundled prices; earlier layers win. */
  readonly layers?: readonly CatalogLayer[];
  /** Routes that sell another provider's models at its prices: `{ 'my-proxy': 'openai' }`. */
  readonly basedOn?: Readonly<Record<string, string>>;
  /** The price of every model that has none. */
  readonly fallback?: Price;
}

/** The prices that come with the package, offline. A provider's are loaded when `ready` first asks for them. */
export function bundledCatalog(options: BundledCatalogOptions = {}): Catalog {
  return openCatalog({
    ...options,
    providers: Object.keys(shards),
    load: async (provider) => (Object.hasOwn(shards, provider) ? (await shards[provider]!()).shard : null),
  });
}
