import { isTokenUnit } from '../../src/prices/charge.ts';
import { ratioOf, type ShardRow, type ShardSource, type TierTexts } from '../../src/prices/shard.ts';
import { rateText } from './convert.ts';
import type { OverlayEntry, ServiceTier } from './overlay/overlay.ts';

/** One model while a shard is being built. */
export interface Draft {
  readonly model: string;
  readonly names: Set<string>;
  rows: ShardRow[];
}

export interface DraftShard {
  readonly provider: string;
  readonly fallbacks: readonly string[];
  readonly sources: ShardSource[];
  readonly drafts: Map<string, Draft>;
}

/** Applies one entry to a shard. Throws when it names a model that is not there and brings no rows of its own. */
export function applyOverlay(shard: DraftShard, entry: OverlayEntry): void {
  for (const model of modelsOf(shard, entry)) {
    const draft = shard.drafts.get(model) ?? created(shard, entry, model);
    for (const name of entry.notAliases ?? []) draft.names.delete(name);
    for (const name of entry.aliases ?? []) {
      for (const other of shard.drafts.values()) other.names.delete(name);
      draft.names.add(name);
    }
    if (entry.rows !== undefined)
      draft.rows = entry.rows.map((row) => ({ ...row, o: sourceIndex(shard, entry) }));
    draft.rows = draft.rows.map((row) => completed(row, entry));
  }
}

function modelsOf(shard: DraftShard, { models, provider }: OverlayEntry): readonly string[] {
  if (Array.isArray(models)) return models as readonly string[];
  const known = [...shard.drafts.keys()];
  const matching = models === '*' ? known : known.filter((model) => (models as RegExp).test(model));
  if (matching.length === 0) throw new Error(`No model of ${provider} matches ${String(models)}.`);
  return matching;
}

function created(shard: DraftShard, entry: OverlayEntry, model: string): Draft {
  if (entry.rows === undefined) {
    throw new Error(`The overlay names ${shard.provider}/${model}, which the base data does not have.`);
  }
  // A model of its own takes its id away from whichever had it as an alias.
  for (const other of shard.drafts.values()) other.names.delete(model);
  const draft: Draft = { model, names: new Set(), rows: [] };
  shard.drafts.set(model, draft);
  return draft;
}

function sourceIndex(shard: DraftShard, { source }: OverlayEntry): number {
  const found = shard.sources.findIndex(
    ({ url, checked }) => url === source.url && checked === source.checked,
  );
  if (found > 0) return found;
  return shard.sources.push({ name: 'nanocent', ...source, recorded: source.checked }) - 1;
}

function completed(row: ShardRow, entry: OverlayEntry): ShardRow {
  const tiers = row.r.map(([bound, rates]): TierTexts[number] => {
    const ratios = Object.entries(entry.addRatios ?? {})
      .filter(([, [of]]) => rates[of] !== undefined)
      .map(([unit, [of, ratio]]) => [unit, rateText(Number(rates[of]), ratioOf(ratio))]);
    const moved = entry.bound !== undefined && bound === entry.bound[0] ? entry.bound[1] : bound;
    return [moved, { ...entry.addRates, ...Object.fromEntries(ratios), ...rates }];
  });
  const service = Object.entries(entry.serviceTiers ?? {}).map(([name, tier]) => [
    name,
    serviceTier(tiers, tier),
  ]);
  return {
    ...row,
    r: tiers,
    ...(service.length === 0 ? {} : { s: { ...row.s, ...Object.fromEntries(service) } }),
    ...(entry.regions === undefined ? {} : { g: { ...row.g, ...entry.regions } }),
    ...(entry.minimums === undefined ? {} : { m: { ...row.m, ...entry.minimums } }),
    ...(entry.cacheWriteAsInput === undefined || hasWrites(tiers) ? {} : { c: 1 as const }),
  };
}

function serviceTier(tiers: TierTexts, tier: ServiceTier): string | TierTexts {
  if (!isPartialRatio(tier)) return tier;
  const { ratio, keep = [], without = [] } = tier;
  return tiers.map(([bound, rates]): TierTexts[number] => {
    const scaled = Object.entries(rates)
      .filter(([unit]) => isTokenUnit(unit) && !without.includes(unit))
      .map(([unit, rate]) => [unit, keep.includes(unit) ? rate : rateText(Number(rate), ratioOf(ratio))]);
    return [bound, Object.fromEntries(scaled)];
  });
}

function isPartialRatio(tier: ServiceTier): tier is Extract<ServiceTier, { readonly ratio: string }> {
  return typeof tier === 'object' && 'ratio' in tier;
}

function hasWrites(tiers: TierTexts): boolean {
  return tiers.some(([, rates]) => Object.keys(rates).some((unit) => unit.startsWith('cacheWrite')));
}
