import {
  type EntryFilter,
  type FilterField,
  type GroupField,
  noTotals,
  type Totals,
  type TotalsQuery,
} from '../store/query.ts';
import type { Period } from '../time/period.ts';

/** The one question that reports put to a store. */
export interface TotalsSource {
  totals(query: TotalsQuery): Promise<readonly Totals[]>;
}

/** Which period and calls are added up, and by what they are grouped. */
export interface StatsQuery {
  readonly period: Period;
  readonly filter?: EntryFilter;
  /** Groups beside the totals; by model when left out. */
  readonly by?: FilterField | 'day';
}

export interface StatsGroup {
  /** The group's value; null is "without". */
  readonly key: string | null;
  readonly totals: Totals;
}

/** A period's sums, groups and rankings. */
export interface PeriodStats {
  readonly period: Period;
  readonly by: FilterField | 'day';
  readonly totals: Totals;
  /** Dearest first. */
  readonly groups: readonly StatsGroup[];
  readonly rankings: Rankings;
}

export const rankedSums = [
  'promptTokens',
  'completionTokens',
  'totalTokens',
  'calls',
  'nanocents',
  'executionMicroseconds',
] as const;
export type RankedSum = (typeof rankedSums)[number];

/** Models from most to least by each sum; those with nothing of it are left out. */
export type Rankings = Readonly<
  Record<RankedSum, readonly { readonly model: string; readonly value: bigint }[]>
>;

export async function periodStats(source: TotalsSource, query: StatsQuery): Promise<PeriodStats> {
  const { period, filter = {}, by = 'model' } = query;
  const ask = (fields: readonly GroupField[]) =>
    source.totals({ from: period.start, to: period.end, filter, by: fields });
  const [all, groups, models] = await Promise.all([
    ask([]),
    ask([by]),
    by === 'model' ? null : ask(['model']),
  ]);
  return {
    period,
    by,
    totals: all[0] ?? emptyTotals,
    groups: groupsOf(groups, by),
    rankings: rankingsOf(models ?? groups),
  };
}

export const emptyTotals: Totals = { group: [], ...noTotals };

function groupsOf(rows: readonly Totals[], by: string): StatsGroup[] {
  const groups = rows.map((totals) => ({ key: totals.group[0] ?? null, totals }));
  if (by === 'day') return groups.sort((left, right) => order(left.key, right.key));
  return groups.sort(
    (left, right) =>
      compare(right.totals.nanocents, left.totals.nanocents) ||
      compare(right.totals.totalTokens, left.totals.totalTokens) ||
      order(left.key, right.key),
  );
}

function rankingsOf(models: readonly Totals[]): Rankings {
  const lists = rankedSums.map((sum) => {
    const rows = models.map((totals) => ({ model: totals.group[0] ?? '', value: ranked(totals, sum) }));
    const some = rows.filter((row) => row.value !== 0n);
    return [
      sum,
      some.sort((left, right) => compare(right.value, left.value) || order(left.model, right.model)),
    ];
  });
  return Object.fromEntries(lists) as Rankings;
}

function ranked(totals: Totals, sum: RankedSum): bigint {
  return sum === 'completionTokens' ? totals.output : totals[sum];
}

function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function order(left: string | null, right: string | null): number {
  return left === right ? 0 : (left ?? '') < (right ?? '') ? -1 : 1;
}
