import { isTokenUnit } from '../../src/prices/charge.ts';
import { ratioOf, type ShardRow, type ShardSource, type TierTexts } from '../../src/prices/shard.ts';
import { rateText } from './convert.ts';
import type { OverlayEntry } from './overlay/overlay.ts';

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
  for (const model of entry.models) {
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
  return {
    ...row,
    r: row.r.map(([bound, rates]) => {
      const ratios = Object.entries(entry.addRatios ?? {})
        .filter(([, [unit]]) => rates[unit] !== undefined)
        .map(([unit, [of, ratio]]) => [unit, rateText(Number(rates[of]), ratioOf(ratio))]);
      return [
        entry.bound !== undefined && bound === entry.bound[0] ? entry.bound[1] : bound,
        { ...entry.addRates, ...Object.fromEntries(ratios), ...rates },
      ];
    }),
    ...(entry.serviceTiers === undefined
      ? {}
      : { s: { ...row.s, ...boundedTiers(row.r, entry.serviceTiers) } }),
    ...(entry.regions === undefined ? {} : { g: { ...row.g, ...entry.regions } }),
    ...(entry.minimums === undefined ? {} : { m: { ...row.m, ...entry.minimums } }),
    ...(entry.cacheWriteAsInput === undefined || hasWrites(row.r) ? {} : { c: 1 as const }),
  };
}

/** A service tier of a price by context length has to say its own tiers or be a ratio. */
function boundedTiers(base: TierTexts, tiers: NonNullable<ShardRow['s']>): NonNullable<ShardRow['s']> {
  for (const [name, tier] of Object.entries(tiers)) {
    if (
      typeof tier !== 'string' &&
      base.length > 1 &&
      tier.at(-1)![0] === null &&
      tier.length < base.length
    ) {
      throw new Error(`Service tier ${name} has fewer context tiers than the price it belongs to.`);
    }
  }
  return tiers;
}

function hasWrites(tiers: TierTexts): boolean {
  return tiers.some(([, rates]) =>
    Object.keys(rates).some((unit) => isTokenUnit(unit) && /^cacheWrite/.test(unit)),
  );
}
