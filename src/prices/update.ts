import type { Rate } from '../money/index.ts';
import type { Catalog } from './catalog.ts';
import type { CatalogModel } from './catalog-index.ts';
import { comparedUnits, compareSources, type Disagreement } from './diff.ts';
import { type LargeMove, largeMoves } from './moves.ts';
import type { ContextTier, Price, UnitName } from './price.ts';
import { priceAt } from './price-at.ts';

/** One rate that an update changes. */
export interface RateChange {
  readonly provider: string;
  readonly model: string;
  /** The context tier, from 0. */
  readonly tier: number;
  readonly unit: UnitName;
  readonly before: Rate;
  readonly after: Rate;
}

/** What taking over a published price file comes to; nothing has happened yet. */
export interface PriceUpdate {
  readonly changes: readonly RateChange[];
  /** Models that have no price here. */
  readonly added: readonly CatalogModel[];
  /** Changes that are not believed without a yes. */
  readonly moves: readonly LargeMove[];
  /** Models whose price here depends on the hour, which no file says: left as they are. */
  readonly hourly: readonly string[];
  /** Rates that are known to be wrong, and left: our own of another time or of another model. */
  readonly left: readonly Disagreement[];
  /** What has to be put on top: changed rows, from now on, and the added models. */
  readonly models: readonly CatalogModel[];
}

/**
 * Rates that both sides know are taken over, from the file's own date or from this instant on; models without a price
 * here are added as the file has them. What a file does not say (service tiers, fees, regions, units) stays as it was, and
 * so does what the comparison of sources finds to be stale or another model's, unless `all` is wanted. The catalog has
 * to be ready.
 */
export function planUpdate(
  catalog: Catalog,
  theirs: readonly CatalogModel[],
  { at, all = false }: { readonly at: number; readonly all?: boolean },
): PriceUpdate {
  const left = all ? [] : knownWrong(catalog, theirs, at);
  const leave = new Set(left.map(({ provider, model }) => `${provider}/${model}`));
  const listed = new Set(theirs.map(({ provider, model }) => `${provider}/${model}`));
  const changes: RateChange[] = [];
  const added: CatalogModel[] = [];
  const hourly: string[] = [];
  const changed = new Map<string, { readonly old: CatalogModel; readonly now: CatalogModel }>();
  for (const model of theirs) {
    const match = catalog.find({ provider: model.provider, model: model.model, at });
    if (match.outcome !== 'found') {
      added.push(model);
      continue;
    }
    const other = priceAt(model.prices, at);
    const differing = other === null ? [] : differences(match.price, other);
    if (other === null || differing.length === 0 || leave.has(`${model.provider}/${model.model}`)) continue;
    const own = match.price.model;
    const { provider } = model;
    if (match.price.during !== undefined) {
      hourly.push(`${provider}/${own}`);
      continue;
    }
    // An alias moves its model, unless the file speaks of that model too.
    const isModel = match.matchedBy === 'exact' || match.matchedBy === 'alias';
    const free = !listed.has(`${provider}/${own}`) && !changed.has(`${provider}/${own}`);
    const id = isModel && match.price.provider === provider && free ? own : model.model;
    const price = merged(match.price, other, { provider, model: id, at });
    const named = { provider, model: id, aliases: [] };
    changed.set(`${provider}/${id}`, {
      old: { ...named, prices: [match.price] },
      now: { ...named, prices: [price] },
    });
    changes.push(...differing.map((one) => ({ provider, model: id, ...one })));
  }
  const pairs = [...changed.values()];
  return {
    changes,
    added,
    hourly,
    left,
    moves: largeMoves(
      pairs.map(({ old }) => old),
      pairs.map(({ now }) => now),
      at,
    ),
    models: [...pairs.map(({ now }) => now), ...added],
  };
}

function knownWrong(catalog: Catalog, theirs: readonly CatalogModel[], at: number): Disagreement[] {
  const ours = catalog.providers.flatMap((provider) => catalog.models(provider));
  const wrong = compareSources(ours, theirs, at).disagreements;
  return wrong.filter(({ kind }) => kind === 'stale' || kind === 'alias');
}

function differences(mine: Price, other: Price) {
  return mine.tiers.flatMap(({ rates }, tier) =>
    comparedUnits.flatMap((unit) => {
      const before = rates[unit];
      const after = rateIn(other.tiers[tier], unit);
      return before === undefined || after === undefined || before === after
        ? []
        : [{ tier, unit, before, after }];
    }),
  );
}

/** Files that know one kind of cache write mean the short one. */
function rateIn(tier: ContextTier | undefined, unit: UnitName): Rate | undefined {
  return tier?.rates[unit] ?? (unit === 'cacheWrite5m' ? tier?.rates.cacheWrite : undefined);
}

function merged(
  mine: Price,
  other: Price,
  { provider, model, at }: { readonly provider: string; readonly model: string; readonly at: number },
): Price {
  const tiers = mine.tiers.map((tier, index): ContextTier => {
    const taken = comparedUnits.flatMap((unit) => {
      const rate = tier.rates[unit] === undefined ? undefined : rateIn(other.tiers[index], unit);
      return rate === undefined ? [] : [[unit, rate] as const];
    });
    return { ...tier, rates: { ...tier.rates, ...Object.fromEntries(taken) } };
  });
  const dated = other.from !== null && other.from > (mine.from ?? Number.NEGATIVE_INFINITY);
  const { recordedAt, source } = other;
  const from = dated ? other.from : at;
  return { ...mine, provider, model, tiers, from, to: other.to, recordedAt, source };
}
