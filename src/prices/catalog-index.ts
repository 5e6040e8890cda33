import type { KeyCandidate, MatchedBy } from './match.ts';
import type { Price } from './price.ts';
import { canonicalProvider } from './provider-names.ts';
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

export interface Entry {
  readonly provider: string;
  readonly model: string;
  readonly aliases: readonly string[];
  prices(): readonly Price[];
}

/** Models of one provider in one layer, by every id they have. */
export interface Index {
  readonly entries: readonly Entry[];
  readonly byKey: ReadonlyMap<string, Entry>;
}

export interface Hit {
  readonly entry: Entry;
  readonly matchedBy: MatchedBy;
}

/** What a key finds; at most one, as keys are unique in an index. */
export function lookUp(index: Index, candidate: KeyCandidate): Hit[] {
  const entry = index.byKey.get(candidate.key);
  if (entry === undefined) return [];
  const alias = candidate.matchedBy === 'exact' && candidate.key !== entry.model;
  return [{ entry, matchedBy: alias ? 'alias' : candidate.matchedBy }];
}

/** A price put on top of a model holds for every id that the model below it answers to. */
export function onTop(higher: readonly Index[], { entry, matchedBy }: Hit): Hit[] {
  return higher.flatMap((index) => {
    const over = index.byKey.get(entry.model);
    return over === undefined
      ? []
      : [{ entry: over, matchedBy: matchedBy === 'exact' ? 'alias' : matchedBy }];
  });
}

/** A shipped shard; rows become prices when one of the model's is first looked at. */
export function indexShard(shard: Shard): Index {
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

/** A layer, by provider. */
export function indexLayer(layer: CatalogLayer): ReadonlyMap<string, Index> {
  const byProvider = new Map<string, Entry[]>();
  for (const listed of layer.models) {
    const { model, aliases } = listed;
    const name = canonicalProvider(listed.provider);
    const entries = byProvider.get(name) ?? [];
    byProvider.set(name, entries);
    entries.push({ provider: name, model: model.toLowerCase(), aliases, prices: () => listed.prices });
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
