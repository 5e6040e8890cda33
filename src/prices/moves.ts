import type { Rate } from '../money/index.ts';
import type { CatalogModel } from './catalog-index.ts';
import type { UnitName } from './price.ts';
import { priceAt } from './price-at.ts';

/** A rate that an update would move further than is believed without being asked. */
export interface LargeMove {
  readonly provider: string;
  readonly model: string;
  readonly unit: UnitName;
  readonly before: Rate;
  readonly after: Rate;
}

/** An update that moves a rate by more than this factor, either way, or between free and not free, needs a yes. */
export const believedMove = 5n;

/**
 * The moves of an update that are too large to be taken without a yes, at an instant. Only models that both sides
 * have are compared; a new model has nothing to move from.
 */
export function largeMoves(
  before: readonly CatalogModel[],
  after: readonly CatalogModel[],
  at: number,
): LargeMove[] {
  const known = new Map(before.map((model) => [`${model.provider}/${model.model}`, model]));
  return after.flatMap((model) => {
    const old = known.get(`${model.provider}/${model.model}`);
    return old === undefined ? [] : movesOf(old, model, at);
  });
}

function movesOf(old: CatalogModel, model: CatalogModel, at: number): LargeMove[] {
  const [from, to] = [priceAt(old.prices, at), priceAt(model.prices, at)];
  if (from === null || to === null) return [];
  return to.tiers.flatMap((tier, index) =>
    Object.entries(tier.rates).flatMap(([unit, after]) => {
      const before = (from.tiers[index] ?? from.tiers.at(-1)!).rates[unit];
      if (before === undefined || !isLarge(before, after)) return [];
      return [{ provider: model.provider, model: model.model, unit, before, after }];
    }),
  );
}

function isLarge(before: Rate, after: Rate): boolean {
  return before * believedMove < after || after * believedMove < before;
}
