import type { Rate } from '../money/index.ts';
import type { CatalogModel } from './catalog-index.ts';
import type { Price, UnitName } from './price.ts';
import { priceAt } from './price-at.ts';

/** Why two sources disagree about a rate. */
export type DisagreementKind =
  | 'stale' // theirs is what we charge at another time: an old price, or one announced and withdrawn
  | 'alias' // theirs is our price of another model: the name was redirected there
  | 'unit' // the same number off by a power of ten from 100 up: per token, per thousand, in cents
  | 'error'; // one of the two is wrong

/** A rate on which two sources differ. */
export interface Disagreement {
  readonly provider: string;
  readonly model: string;
  /** The context tier, from 0. */
  readonly tier: number;
  readonly unit: UnitName;
  readonly ours: Rate;
  readonly theirs: Rate;
  readonly kind: DisagreementKind;
  /** One sentence. */
  readonly why: string;
  /** `ours` where our row was compared with the provider's own page; else nobody has decided. */
  readonly decided: 'ours' | 'open';
}

/** How far two sources of prices agree. */
export interface SourceComparison {
  /** Models that both have with a price at the instant. */
  readonly compared: number;
  readonly agreeing: number;
  readonly onlyOurs: number;
  readonly onlyTheirs: readonly string[];
  readonly disagreements: readonly Disagreement[];
}

/** Our own corrections are read off primary sources, entry by entry (scripts/prices/overlay). */
const primarySource = 'nanocent';

/** Units that every source of token prices has; a unit that only one side knows is a gap, not a disagreement. */
export const comparedUnits: readonly UnitName[] = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite5m',
  'cacheWrite1h',
];

/** Compares another source's models with ours at an instant, by exact id or alias, and says why they differ. */
export function compareSources(
  ours: readonly CatalogModel[],
  theirs: readonly CatalogModel[],
  at: number,
): SourceComparison {
  const byKey = new Map<string, CatalogModel>();
  for (const model of ours) {
    for (const id of [...model.aliases, model.model]) byKey.set(`${model.provider}/${id}`, model);
  }
  const onlyTheirs: string[] = [];
  const disagreements: Disagreement[] = [];
  const met = new Set<CatalogModel>();
  let compared = 0;
  let agreeing = 0;
  for (const model of theirs) {
    const own = byKey.get(`${model.provider}/${model.model}`);
    const [mine, other] = [own && priceAt(own.prices, at), priceAt(model.prices, at)];
    if (own === undefined || mine === undefined || mine === null || other === null) {
      onlyTheirs.push(`${model.provider}/${model.model}`);
      continue;
    }
    met.add(own);
    compared++;
    const found = differencesOf(mine, other).map((difference) =>
      judge(difference, own, model, mine, other, ours, at),
    );
    if (found.length === 0) agreeing++;
    disagreements.push(...found);
  }
  return { compared, agreeing, onlyOurs: ours.length - met.size, onlyTheirs, disagreements };
}

interface Difference {
  readonly tier: number;
  readonly unit: UnitName;
  readonly ours: Rate;
  readonly theirs: Rate;
}

function differencesOf(mine: Price, other: Price): Difference[] {
  return mine.tiers.flatMap((tier, index) => {
    const across = other.tiers[index];
    if (across === undefined) return [];
    return comparedUnits.flatMap((unit) => {
      const ours = tier.rates[unit];
      const theirs = across.rates[unit] ?? (unit === 'cacheWrite5m' ? across.rates.cacheWrite : undefined);
      return ours === undefined || theirs === undefined || ours === theirs
        ? []
        : [{ tier: index, unit, ours, theirs }];
    });
  });
}

function judge(
  difference: Difference,
  own: CatalogModel,
  model: CatalogModel,
  mine: Price,
  other: Price,
  ours: readonly CatalogModel[],
  at: number,
): Disagreement {
  const [kind, why] = reasonFor(difference, own, mine, other, ours, at);
  const decided = mine.source.name === primarySource ? 'ours' : 'open';
  return { provider: model.provider, model: model.model, ...difference, kind, why, decided };
}

function reasonFor(
  { ours: own, theirs }: Difference,
  model: CatalogModel,
  mine: Price,
  other: Price,
  ours: readonly CatalogModel[],
  at: number,
): readonly [DisagreementKind, string] {
  const factor = powerOfTen(own, theirs);
  if (factor !== null) return ['unit', `the same digits, ${factor} times apart: another unit`];
  const dated = model.prices.find((price) => price !== mine && sameBase(price, other));
  if (dated !== undefined) return ['stale', `our price ${datesOf(dated)}`];
  const redirected = !sameBase(mine, other);
  const twin = ours.find((candidate) => {
    if (!redirected || candidate === model || candidate.provider !== model.provider) return false;
    const price = priceAt(candidate.prices, at);
    return price !== null && sameBase(price, other) && related(candidate.model, model.model);
  });
  if (twin !== undefined) return ['alias', `our price of ${twin.model}: the name is redirected there`];
  return ['error', `no time and no model of ours has this price; ours is from ${mine.source.name}`];
}

/** Input and output alike: enough to call two prices the same, as sources differ in which other rates they have. */
function sameBase(a: Price, b: Price): boolean {
  const [x, y] = [a.tiers[0]!.rates, b.tiers[0]!.rates];
  return x.input === y.input && x.output === y.output;
}

/** Models of one family: by chance many models share a price. */
function related(a: string, b: string): boolean {
  const family = (id: string) => id.replace(/^.*\//, '').split(/[-.\d]/)[0];
  return family(a) === family(b);
}

function powerOfTen(a: Rate, b: Rate): bigint | null {
  const [small, large] = a < b ? [a, b] : [b, a];
  if (small === 0n || large % small !== 0n) return null;
  const factor = large / small;
  return factor >= 100n && /^10+$/.test(factor.toString()) ? factor : null;
}

function datesOf({ from, to, during }: Price): string {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  const hours = during === undefined ? '' : ' at some hours';
  if (from === null && to === null) return `of other hours${hours}`;
  if (from === null) return `before ${day(to!)}${hours}`;
  return to === null ? `from ${day(from)}${hours}` : `from ${day(from)} to ${day(to)}${hours}`;
}
