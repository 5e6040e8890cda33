import type { Context } from '../core/context.ts';
import { emptyTotals, type StatsGroup } from '../reports/index.ts';
import type { Entry } from '../store/entry.ts';
import type { GroupField, Totals } from '../store/query.ts';
import { formatInZone } from '../time/index.ts';
import { type Period, periodOf } from '../time/period.ts';

/** What the first page shows, all of it read from the ledger at one instant. */
export interface Overview {
  readonly at: number;
  readonly zone: string;
  readonly location: string;
  readonly month: Period;
  readonly today: Totals;
  readonly thisMonth: Totals;
  readonly days: readonly DayCost[];
  readonly byModel: readonly StatsGroup[];
  readonly byUser: readonly StatsGroup[];
  readonly recent: readonly Entry[];
  readonly held: Held;
}

export interface DayCost {
  /** `YYYY-MM-DD` in the ledger's zone. */
  readonly day: string;
  readonly nanocents: bigint;
  readonly calls: bigint;
}

/** Money set aside by calls in flight. */
export interface Held {
  readonly nanocents: bigint;
  readonly calls: number;
  /** True where more are open than were looked at. */
  readonly more: boolean;
}

const recentMax = 25;
const openMax = 1000;
const dayMs = 86_400_000;

export async function readOverview({ ledger, clock, zone }: Context): Promise<Overview> {
  const at = clock.now();
  const { reads } = ledger;
  const month = periodOf('monthly', at, zone);
  const day = periodOf('daily', at, zone);
  const ask = ({ start, end }: Period, by: readonly GroupField[]) =>
    reads.totals({ from: start, to: end, filter: {}, by });
  const [today, whole, models, users, days, page, open] = await Promise.all([
    ask(day, []),
    ask(month, []),
    ask(month, ['model']),
    ask(month, ['username']),
    ask(month, ['day']),
    reads.entries({ filter: {}, from: null, to: null, limit: recentMax }),
    reads.openReservations(openMax),
  ]);
  return {
    at,
    zone,
    location: reads.location,
    month,
    today: today[0] ?? emptyTotals,
    thisMonth: whole[0] ?? emptyTotals,
    days: everyDay(month, zone, days),
    byModel: dearestFirst(models),
    byUser: dearestFirst(users),
    recent: page.entries,
    held: {
      nanocents: open.reduce((sum, reservation) => sum + (reservation.held.cost ?? 0n), 0n),
      calls: open.length,
      more: open.length === openMax,
    },
  };
}

/** Days without a call are part of the picture. */
function everyDay(month: Period, zone: string, totals: readonly Totals[]): DayCost[] {
  const known = new Map(totals.map((row) => [row.group[0], row]));
  const names = new Set<string>();
  // Noon of every day: no change of the clocks moves it to another date.
  for (let at = month.start + dayMs / 2; at < month.end; at += dayMs)
    names.add(formatInZone(at, zone).slice(0, 10));
  return [...names].map((day) => {
    const row = known.get(day);
    return { day, nanocents: row?.nanocents ?? 0n, calls: row?.calls ?? 0n };
  });
}

function dearestFirst(rows: readonly Totals[]): StatsGroup[] {
  const groups = rows.map((totals) => ({ key: totals.group[0] ?? null, totals }));
  return groups.sort(
    ({ totals: left }, { totals: right }) =>
      compare(right.nanocents, left.nanocents) || compare(right.totalTokens, left.totalTokens),
  );
}

function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
