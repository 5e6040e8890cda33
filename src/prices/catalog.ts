import { NanocentError } from '../errors/error.ts';
import {
  type CatalogLayer,
  type CatalogModel,
  type Hit,
  type Index,
  indexLayer,
  indexShard,
  lookUp,
  onTop,
  type PriceAdjustment,
} from './catalog-index.ts';
import { keysFor, type MatchedBy, nearestIds } from './match.ts';
import type { Price, PriceMatch, PriceQuery } from './price.ts';
import { priceAt } from './price-at.ts';
import { canonicalProvider, makerOf } from './provider-names.ts';
import type { Shard } from './shard.ts';

export type { CatalogLayer, CatalogModel, PriceAdjustment } from './catalog-index.ts';

/** Where a catalog's prices come from. */
export interface CatalogOptions {
  /** Providers that `load` knows. */
  readonly providers: readonly string[];
  readonly load: (provider: string) => Promise<Shard | null>;
  /** Earlier layers win; the loaded shards come last. */
  readonly layers?: readonly CatalogLayer[];
  /** Providers (routes) that sell another's models at that other's prices: `{ 'my-proxy': 'openai' }`. */
  readonly basedOn?: Readonly<Record<string, string>>;
  /** The price of every model that has none. */
  readonly fallback?: Price;
}

/** Prices by model and provider, at any instant. */
export interface Catalog {
  /** Canonical names, in alphabetical order. */
  readonly providers: readonly string[];
  /** Loads what `find` needs for this provider, for this model of unknown provider, or, without either, everything. */
  ready(needed?: { readonly provider?: string; readonly model?: string }): Promise<void>;
  /** Synchronous once ready; throws catalog_not_loaded before. */
  find(query: PriceQuery): PriceMatch;
  /** Every model of a provider that is ready, with all its rows: those of a layer stand in front of the shipped ones. */
  models(provider: string): readonly CatalogModel[];
}

/** Model ids whose look-up is remembered; they come from requests, so there may be any number of them. */
const resolvedMax = 2_000;

/** Layer entries that hold for whatever provider serves the model. */
export const anyProvider = '*';

/** A catalog over layers and shards; shards are loaded when `ready` asks for them. */
export function openCatalog(options: CatalogOptions): Catalog {
  return new LayeredCatalog(options);
}

class LayeredCatalog implements Catalog {
  readonly providers: readonly string[];
  readonly #options: CatalogOptions;
  readonly #layers: readonly ReadonlyMap<string, Index>[];
  readonly #adjust: ReturnType<typeof adjuster>;
  readonly #loaded = new Map<string, { readonly index: Index; readonly fallbacks: readonly string[] }>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #resolved = new Map<string, readonly Hit[]>();

  constructor(options: CatalogOptions) {
    this.#options = options;
    this.#layers = (options.layers ?? []).map(indexLayer);
    this.#adjust = adjuster((options.layers ?? []).flatMap((layer) => layer.adjustments ?? []));
    const own = this.#layers.flatMap((layer) => [...layer.keys()]).filter((name) => name !== anyProvider);
    this.providers = [...new Set([...options.providers, ...own])].sort();
  }

  async ready(needed: { readonly provider?: string; readonly model?: string } = {}): Promise<void> {
    const { provider, model } = needed;
    if (provider !== undefined) return this.#load(this.#baseOf(provider));
    const implied = model === undefined ? null : impliedProvider(model, this.providers);
    if (implied !== null) {
      await this.#load(this.#baseOf(implied));
      if (this.#hitsFor(implied, model!).length > 0) return;
    }
    await Promise.all(this.#options.providers.map((name) => this.#load(name)));
  }

  find(query: PriceQuery): PriceMatch {
    const { fallback } = this.#options;
    const match = this.#find(query);
    if (match.outcome !== 'unknown' || fallback === undefined) return match;
    return { outcome: 'found', price: fallback, matchedBy: 'fallback' };
  }

  #find(query: PriceQuery): PriceMatch {
    const provider = query.provider ?? impliedProvider(query.model, this.providers);
    if (provider !== null) {
      const found = this.#findAt(provider, query.model, query.at);
      if (found !== null) return this.#adjust(found, provider, query.model);
      if (query.provider !== undefined) return unknown(query.model, this.#indexesOf(provider));
    }
    return this.#findAnywhere(query);
  }

  models(provider: string): readonly CatalogModel[] {
    const byModel = new Map<string, CatalogModel>();
    for (const { entries } of this.#ownIndexesOf(provider)) {
      for (const { provider: owner, model, aliases, prices } of entries) {
        const over = byModel.get(model);
        const joined = over && {
          ...over,
          aliases: [...new Set([...over.aliases, ...aliases])],
          prices: [...over.prices, ...prices()],
        };
        byModel.set(model, joined ?? { provider: owner, model, aliases, prices: prices() });
      }
    }
    return [...byModel.values()];
  }

  async #load(provider: string): Promise<void> {
    if (this.#loaded.has(provider) || !this.#options.providers.includes(provider)) return;
    let pending = this.#loading.get(provider);
    if (pending === undefined) {
      pending = this.#loadShard(provider).finally(() => this.#loading.delete(provider));
      this.#loading.set(provider, pending);
    }
    await pending;
  }

  async #loadShard(provider: string): Promise<void> {
    const shard = await this.#options.load(provider);
    if (shard === null) return;
    await Promise.all(shard.fallbacks.map((fallback) => this.#load(fallback)));
    this.#loaded.set(provider, { index: indexShard(shard), fallbacks: shard.fallbacks });
    this.#resolved.clear();
  }

  /** The provider whose prices hold at a provider or route. */
  #baseOf(name: string): string {
    const { basedOn = {} } = this.#options;
    const provider = canonicalProvider(name);
    return Object.hasOwn(basedOn, provider) ? canonicalProvider(basedOn[provider]!) : provider;
  }

  /** The indexes that speak for a provider, in order of precedence. */
  #indexesOf(name: string): readonly Index[] {
    const fallbacks = this.#loaded.get(this.#baseOf(name))?.fallbacks ?? [];
    const further = fallbacks.flatMap((fallback) => this.#loaded.get(fallback)?.index ?? []);
    return [...this.#ownIndexesOf(name), ...further];
  }

  #ownIndexesOf(name: string): readonly Index[] {
    const provider = canonicalProvider(name);
    const base = this.#baseOf(provider);
    const shard = this.#loaded.get(base);
    if (shard === undefined && this.#options.providers.includes(base)) throw notLoaded(base);
    const names = [...new Set([provider, base, anyProvider])];
    const layered = this.#layers.flatMap((layer) => names.flatMap((each) => layer.get(each) ?? []));
    return shard === undefined ? layered : [...layered, shard.index];
  }

  /** Everything a model id may stand for at a provider, best first; which of them has a price depends on the instant. */
  #hitsFor(name: string, model: string): readonly Hit[] {
    const key = `${name}\n${model}`;
    const known = this.#resolved.get(key);
    if (known !== undefined) return known;
    const indexes = this.#indexesOf(name);
    const hits = keysFor(model, this.#baseOf(name)).flatMap((candidate) =>
      indexes.flatMap((index, rank) =>
        lookUp(index, candidate).flatMap((hit) => [...onTop(indexes.slice(0, rank), hit), hit]),
      ),
    );
    if (this.#resolved.size >= resolvedMax) this.#resolved.clear();
    this.#resolved.set(key, hits);
    return hits;
  }

  #findAt(name: string, model: string, at: number): Found | null {
    for (const { entry, matchedBy } of this.#hitsFor(name, model)) {
      const price = priceAt(entry.prices(), at);
      if (price !== null) return { price, matchedBy };
    }
    return null;
  }

  #findAnywhere({ model, at }: PriceQuery): PriceMatch {
    const found = this.providers.flatMap((provider) => this.#findAt(provider, model, at) ?? []);
    // The same row again is another provider selling at the first one's price.
    const hits = [...new Map(found.map((hit) => [hit.price.id, hit])).values()];
    const [first] = hits;
    if (first === undefined) {
      return unknown(
        model,
        this.providers.flatMap((provider) => this.#ownIndexesOf(provider)),
      );
    }
    const same = hits.every((hit) => chargesOf(hit.price) === chargesOf(first.price));
    if (same) return this.#adjust(first, first.price.provider, model);
    return { outcome: 'ambiguous', candidates: hits.map(({ price }) => `${price.provider}/${price.model}`) };
  }
}

interface Found {
  readonly price: Price;
  readonly matchedBy: MatchedBy;
}

/** `openai/gpt-4o` names its provider; `gpt-4o` is OpenAI's own naming. */
function impliedProvider(model: string, providers: readonly string[]): string | null {
  const id = model.trim().toLowerCase();
  const slash = id.indexOf('/');
  const named = slash > 0 ? canonicalProvider(id.slice(0, slash)) : null;
  if (named !== null && providers.includes(named)) return named;
  const maker = makerOf(id);
  return maker !== null && providers.includes(maker) ? maker : null;
}

function adjuster(adjustments: readonly PriceAdjustment[]) {
  const adjusted = new Map<string, Price>();
  return ({ price, matchedBy }: Found, provider: string, model: string): PriceMatch => {
    const adjustment = adjustments.find(
      (candidate) =>
        [anyProvider, canonicalProvider(provider)].includes(canonicalProvider(candidate.provider)) &&
        (candidate.model === undefined ||
          [price.model, model.toLowerCase()].includes(candidate.model.toLowerCase())),
    );
    if (adjustment === undefined) return { outcome: 'found', price, matchedBy };
    const [numerator, denominator] = adjustment.factor;
    const id = `${price.id}*${numerator}/${denominator}`;
    const known = adjusted.get(id) ?? { ...price, id, factor: adjustment.factor };
    adjusted.set(id, known);
    return { outcome: 'found', price: known, matchedBy };
  };
}

/** What a price charges, without where it comes from. */
function chargesOf(price: Price): string {
  const { tiers, serviceTiers, regions, during, cacheWriteAsInput, minimums, factor } = price;
  const parts = { tiers, serviceTiers, regions, during, cacheWriteAsInput, minimums, factor };
  return JSON.stringify(parts, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
}

function unknown(model: string, indexes: readonly Index[]): PriceMatch {
  const ids = indexes.flatMap((index) => index.entries.map((entry) => entry.model));
  return { outcome: 'unknown', nearest: nearestIds(model, new Set(ids)) };
}

function notLoaded(provider: string): NanocentError {
  return new NanocentError('catalog_not_loaded', `The prices of ${provider} are not loaded.`, {
    fix: 'Await catalog.ready({ provider }) before the first find.',
    data: { provider },
  });
}
