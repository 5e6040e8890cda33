import { NanocentError } from '../errors/error.ts';
import { type KeyCandidate, keysFor, type MatchedBy, nearestIds } from './match.ts';
import type { Price, PriceMatch, PriceQuery } from './price.ts';
import { canonicalProvider, makerOf } from './provider-names.ts';
import { pricesOf, type Shard, type ShardModel } from './shard.ts';

/** One model of one provider with all its dated prices. */
export interface CatalogModel {
  readonly provider: string;
  readonly model: string;
  readonly aliases: readonly string[];
  readonly prices: readonly Price[];
}

/** Prices put on top of the catalog: own prices, or another source's file. */
export interface CatalogLayer {
  readonly models: readonly CatalogModel[];
  readonly adjustments?: readonly PriceAdjustment[];
}

/** A markup or discount on whatever price is found; `model` absent means all of the provider's. */
export interface PriceAdjustment {
  readonly provider: string;
  readonly model?: string;
  readonly factor: readonly [bigint, bigint];
}

export interface CatalogOptions {
  /** Providers that `load` knows. */
  readonly providers: readonly string[];
  readonly load: (provider: string) => Promise<Shard | null>;
  /** Earlier layers win; the loaded shards come last. */
  readonly layers?: readonly CatalogLayer[];
  /** Providers (routes) that sell another's models at that other's prices: `{ 'my-proxy': 'openai' }`. */
  readonly basedOn?: Readonly<Record<string, string>>;
}

export interface Catalog {
  /** Canonical names, in alphabetical order. */
  readonly providers: readonly string[];
  /** Loads what `find` needs for this provider, for this model of unknown provider, or, without either, everything. */
  ready(needed?: { readonly provider?: string; readonly model?: string }): Promise<void>;
  /** Synchronous once ready; throws catalog_not_loaded before. */
  find(query: PriceQuery): PriceMatch;
  /** Every model of a provider that is ready, layers first. */
  models(provider: string): readonly CatalogModel[];
}

interface Entry {
  readonly provider: string;
  readonly model: string;
  readonly aliases: readonly string[];
  prices(): readonly Price[];
}

/** Models of one provider in one layer, by every id they have. */
interface Index {
  readonly entries: readonly Entry[];
  readonly byKey: ReadonlyMap<string, Entry>;
}

/** Model ids whose look-up is remembered; they come from requests, so there may be any number of them. */
const resolvedMax = 2_000;

/** Layer entries that hold for whatever provider serves the model. */
export const anyProvider = '*';

export function openCatalog(options: CatalogOptions): Catalog {
  const loaded = new Map<string, { readonly index: Index; readonly fallbacks: readonly string[] }>();
  const loading = new Map<string, Promise<void>>();
  const resolved = new Map<string, readonly Hit[]>();
  const layers = (options.layers ?? []).map(indexLayer);
  const adjust = adjuster((options.layers ?? []).flatMap((layer) => layer.adjustments ?? []));
  const own = layers.flatMap((layer) => [...layer.keys()]).filter((provider) => provider !== anyProvider);
  const providers = [...new Set([...options.providers, ...own])].sort();

  async function load(provider: string): Promise<void> {
    if (loaded.has(provider) || !options.providers.includes(provider)) return;
    let pending = loading.get(provider);
    if (pending === undefined) {
      pending = loadShard(provider).finally(() => loading.delete(provider));
      loading.set(provider, pending);
    }
    await pending;
  }

  async function loadShard(provider: string): Promise<void> {
    const shard = await options.load(provider);
    if (shard === null) return;
    resolved.clear();
    loaded.set(provider, { index: indexShard(shard), fallbacks: shard.fallbacks });
    await Promise.all(shard.fallbacks.map(load));
  }

  function resolve(name: string): string {
    const based = options.basedOn;
    const provider = canonicalProvider(name);
    return based !== undefined && Object.hasOwn(based, provider)
      ? canonicalProvider(based[provider]!)
      : provider;
  }

  /** The indexes that speak for a provider, in order of precedence. */
  function indexesOf(name: string): readonly Index[] {
    const provider = canonicalProvider(name);
    const base = resolve(provider);
    const shard = loaded.get(base);
    if (shard === undefined && options.providers.includes(base)) throw notLoaded(base);
    const fallbacks = (shard?.fallbacks ?? []).map((fallback) => loaded.get(fallback)?.index);
    const layered = layers.flatMap((layer) => [layer.get(provider), layer.get(base), layer.get(anyProvider)]);
    return [...layered, shard?.index, ...fallbacks].filter((index) => index !== undefined);
  }

  /** Everything a model id may stand for at a provider, best first; which of them has a price depends on the instant. */
  function hitsFor(name: string, model: string): readonly Hit[] {
    const key = `${name}\n${model}`;
    const known = resolved.get(key);
    if (known !== undefined) return known;
    const indexes = indexesOf(name);
    const hits = keysFor(model, resolve(name)).flatMap((candidate) =>
      indexes.flatMap((index, rank) =>
        // A price put on top of a model holds for every id that the model below it answers to.
        lookUp(index, candidate).flatMap((hit) => [...onTop(indexes.slice(0, rank), hit), hit]),
      ),
    );
    if (resolved.size >= resolvedMax) resolved.clear();
    resolved.set(key, hits);
    return hits;
  }

  function findAt(name: string, model: string, at: number): Found | null {
    for (const { entry, matchedBy } of hitsFor(name, model)) {
      const price = priceAt(entry.prices(), at);
      if (price !== null) return { price, matchedBy };
    }
    return null;
  }

  function find(query: PriceQuery): PriceMatch {
    const provider = query.provider ?? impliedProvider(query.model, providers);
    if (provider !== null) {
      const found = findAt(provider, query.model, query.at);
      if (found !== null) return adjust(found, provider, query.model);
      if (query.provider !== undefined) return unknown(query.model, indexesOf(provider));
    }
    return findAnywhere(query);
  }

  function findAnywhere(query: PriceQuery): PriceMatch {
    const found = providers.flatMap((provider) => findAt(provider, query.model, query.at) ?? []);
    // The same row again is another provider selling at the first one's price.
    const hits = [...new Map(found.map((hit) => [hit.price.id, hit])).values()];
    const [first] = hits;
    if (first === undefined) return unknown(query.model, providers.flatMap(indexesOf));
    const same = hits.every((hit) => chargesOf(hit.price) === chargesOf(first.price));
    if (same) return adjust(first, first.price.provider, query.model);
    return { outcome: 'ambiguous', candidates: hits.map(({ price }) => `${price.provider}/${price.model}`) };
  }

  return {
    providers,
    async ready(needed = {}) {
      if (needed.provider !== undefined) return load(resolve(needed.provider));
      const implied = needed.model === undefined ? null : impliedProvider(needed.model, providers);
      if (implied !== null) {
        await load(resolve(implied));
        if (hitsFor(implied, needed.model!).length > 0) return;
      }
      await Promise.all(options.providers.map(load));
    },
    find,
    models: (provider) =>
      indexesOf(provider).flatMap(({ entries }) =>
        entries.map((entry) => ({
          provider: entry.provider,
          model: entry.model,
          aliases: entry.aliases,
          prices: entry.prices(),
        })),
      ),
  };
}

interface Hit {
  readonly entry: Entry;
  readonly matchedBy: MatchedBy;
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

function lookUp(index: Index, candidate: KeyCandidate): Hit[] {
  const entry = index.byKey.get(candidate.key);
  if (entry === undefined) return [];
  const alias = candidate.matchedBy === 'exact' && candidate.key !== entry.model;
  return [{ entry, matchedBy: alias ? 'alias' : candidate.matchedBy }];
}

function onTop(higher: readonly Index[], { entry, matchedBy }: Hit): Hit[] {
  return higher.flatMap((index) => {
    const over = index.byKey.get(entry.model);
    return over === undefined
      ? []
      : [{ entry: over, matchedBy: matchedBy === 'exact' ? 'alias' : matchedBy }];
  });
}

/** The row in force: one for the hour of the day before one for all day, then the one learnt last. */
export function priceAt(prices: readonly Price[], at: number): Price | null {
  let best: Price | null = null;
  for (const price of prices) {
    if ((price.from !== null && at < price.from) || (price.to !== null && at >= price.to)) continue;
    if (price.during !== undefined && !within(price.during, at)) continue;
    if (best === null || outranks(price, best)) best = price;
  }
  return best;
}

function outranks(a: Price, b: Price): boolean {
  if ((a.during === undefined) !== (b.during === undefined)) return a.during !== undefined;
  if (a.recordedAt !== b.recordedAt) return a.recordedAt > b.recordedAt;
  return (a.from ?? Number.NEGATIVE_INFINITY) > (b.from ?? Number.NEGATIVE_INFINITY);
}

const minutesPerDay = 1_440;
const msPerMinute = 60_000;

function within(window: NonNullable<Price['during']>, at: number): boolean {
  const minutes = Math.floor(at / msPerMinute);
  const minute = ((minutes % minutesPerDay) + minutesPerDay) % minutesPerDay;
  const wraps = window.endMinute <= window.startMinute;
  const late = minute >= window.startMinute && (wraps || minute < window.endMinute);
  if (!late && !(wraps && minute < window.endMinute)) return false;
  if (window.weekdays === undefined) return true;
  // 1970-01-01 was a Thursday (4). The small hours of a window past midnight belong to the day before.
  const day = Math.floor(minutes / minutesPerDay) - (late ? 0 : 1);
  return window.weekdays.includes((((day + 4) % 7) + 7) % 7);
}

function indexShard(shard: Shard): Index {
  const models = JSON.parse(`[${shard.models.join(',')}]`) as ShardModel[];
  return indexEntries(
    models.map((line) => {
      let prices: readonly Price[] | null = null;
      return {
        provider: shard.provider,
        model: line[0],
        aliases: line[1],
        prices: () => (prices ??= pricesOf(shard, line)),
      };
    }),
  );
}

function indexLayer(layer: CatalogLayer): ReadonlyMap<string, Index> {
  const byProvider = new Map<string, Entry[]>();
  for (const { provider, model, aliases, prices } of layer.models) {
    const name = canonicalProvider(provider);
    const entries = byProvider.get(name) ?? [];
    byProvider.set(name, entries);
    entries.push({ provider: name, model: model.toLowerCase(), aliases, prices: () => prices });
  }
  return new Map([...byProvider].map(([provider, entries]) => [provider, indexEntries(entries)]));
}

function indexEntries(entries: readonly Entry[]): Index {
  const byKey = new Map<string, Entry>();
  for (const entry of entries) {
    for (const alias of entry.aliases) byKey.set(alias.toLowerCase(), entry);
  }
  // A model's own id is never hidden by another's alias.
  for (const entry of entries) byKey.set(entry.model, entry);
  return { entries, byKey };
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
