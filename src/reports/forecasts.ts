import type { Limit, LimitType, SelectorField } from '../limits/limit.ts';
import { wildcard } from '../limits/pick.ts';
import type { EntryFilter, FilterField, Totals } from '../store/query.ts';
import { dayLabel } from '../store/rollup.ts';
import { type Period, periodOf } from '../time/period.ts';
import { windowAt } from '../time/window.ts';
import {
  type AmountForecast,
  type Days,
  forecastAmount,
  forecastReach,
  lookBackDays,
  type ReachForecast,
  type Unknown,
} from './forecast.ts';
import type { LimitState } from './limit-states.ts';
import type { TotalsSource } from './period-stats.ts';

export interface Clocked {
  readonly now: number;
  /** The ledger's: its days are what rollups keep. */
  readonly zone: string;
}

/** What the current month comes to, in nanocents. */
export interface MonthForecast {
  readonly month: Period;
  readonly forecast: AmountForecast | Unknown;
}

export async function monthForecast(
  source: TotalsSource,
  filter: EntryFilter,
  clock: Clocked,
): Promise<MonthForecast> {
  const month = periodOf('monthly', clock.now, clock.zone);
  const [totals, history] = await Promise.all([
    source.totals({ from: month.start, to: month.end, filter, by: [] }),
    historyOf(source, { filter, by: [], clock }),
  ]);
  const days = history((row) => row.nanocents, []);
  const spent = totals[0]?.nanocents ?? 0n;
  return { month, forecast: forecastAmount(days, { spent, leftMs: month.end - clock.now }) };
}

/** When each of these counters is used up, in their order. One question a limit, not one a counter. */
export async function limitForecasts(
  source: TotalsSource,
  states: readonly LimitState[],
  clock: Clocked,
): Promise<readonly (ReachForecast | Unknown)[]> {
  const histories = new Map<number, Promise<History>>();
  for (const state of states) {
    const { limit } = state;
    if (unknownOf(state) !== null || histories.has(limit.id)) continue;
    histories.set(limit.id, historyOf(source, { ...questionOf(limit), clock }));
  }
  return Promise.all(
    states.map(async (state): Promise<ReachForecast | Unknown> => {
      const reason = unknownOf(state);
      if (reason !== null) return { known: false, reason, days: 0 };
      const { limit, subject, used, held, resetsAt } = state;
      const remaining = state.remaining!;
      const history = await histories.get(limit.id)!;
      const group = questionOf(limit).by.map((field) => subject[field] ?? null);
      const days = history((row) => row[sumOf[limit.type]!], group);
      const isRolling = limit.window.kind === 'rolling';
      return forecastReach(days, {
        now: clock.now,
        remaining,
        resetsAt: isRolling ? null : resetsAt,
        rolling: isRolling ? { max: used + held + remaining, lengthMs: lengthOf(limit, clock.now) } : null,
      });
    }),
  );
}

/** Sums of the days before today by group, from the first day after that of the first call. */
type History = (sum: (row: Totals) => bigint, group: readonly (string | null)[]) => Days;

async function historyOf(
  source: TotalsSource,
  ask: { readonly filter: EntryFilter; readonly by: readonly FilterField[]; readonly clock: Clocked },
): Promise<History> {
  const { now, zone } = ask.clock;
  const days = daysBefore(now, zone);
  const rows = await source.totals({
    from: days[0]!.start,
    to: days.at(-1)!.end,
    filter: ask.filter,
    by: ['day', ...ask.by],
  });
  const byGroup = new Map<string, Map<string, Totals>>();
  for (const row of rows) {
    const [day, ...group] = row.group;
    const name = JSON.stringify(group);
    if (!byGroup.has(name)) byGroup.set(name, new Map());
    byGroup.get(name)!.set(day!, row);
  }
  return (sum, group) => {
    const known = byGroup.get(JSON.stringify(group));
    if (!known) return [];
    // The day of the first call is no complete one.
    const first = days.findIndex(({ label }) => known.has(label));
    return days.slice(first + 1).map(({ label }) => {
      const row = known.get(label);
      return row ? sum(row) : 0n;
    });
  };
}

/** One more than a forecast looks back over: the first may be the day of the first call. Oldest first. */
function daysBefore(now: number, zone: string) {
  const rule = { kind: 'calendar', unit: 'day', count: 1, zone } as const;
  const days: { readonly start: number; readonly end: number; readonly label: string }[] = [];
  let end = windowAt(rule, now).start;
  while (days.length <= lookBackDays) {
    const { start } = windowAt(rule, end - 1);
    days.unshift({ start, end, label: dayLabel(start, zone) });
    end = start;
  }
  return days;
}

const sumOf: Readonly<
  Partial<Record<LimitType, 'nanocents' | 'calls' | 'promptTokens' | 'output' | 'totalTokens'>>
> = {
  cost: 'nanocents',
  requests: 'calls',
  input_tokens: 'promptTokens',
  output_tokens: 'output',
  total_tokens: 'totalTokens',
};

/** Fields by which days are kept; a filter by others would read every call. */
const byUser: readonly SelectorField[] = ['username', 'caller', 'project', 'key', 'model'];
const byProvider: readonly SelectorField[] = ['provider', 'model'];

function unknownOf({ limit, remaining }: LimitState): Unknown['reason'] | null {
  const isClosed = remaining === null || (limit.max === 0n && remaining === 0n);
  if (isClosed || sumOf[limit.type] === undefined) return 'nothing_to_reach';
  const fields = Object.keys(limit.selector) as SelectorField[];
  const isKept = [byUser, byProvider].some((kept) => fields.every((field) => kept.includes(field)));
  if (!isKept) return 'not_kept_by_day';
  return isShort(limit) ? 'window_short' : null;
}

function isShort({ window }: Limit): boolean {
  if (window.kind !== 'calendar' && window.kind !== 'rolling') return false;
  const unitMs = { second: 1_000, minute: 60_000, hour: 3_600_000, day: dayMs, week: dayMs, month: dayMs };
  return window.count * unitMs[window.unit] < dayMs;
}

const dayMs = 86_400_000;

function lengthOf(limit: Limit, now: number): number {
  const { start, end } = windowAt(limit.window, now);
  return end! - start;
}

function questionOf({ selector }: Limit): {
  readonly filter: EntryFilter;
  readonly by: readonly FilterField[];
} {
  const fields = Object.keys(selector) as FilterField[];
  const fixed = fields.filter((field) => selector[field] !== wildcard);
  return {
    filter: Object.fromEntries(fixed.map((field) => [field, selector[field]!])),
    by: fields.filter((field) => selector[field] === wildcard),
  };
}
