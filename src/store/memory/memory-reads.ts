import type { Subject } from '../../ledger/account.ts';
import { type SelectorField, selectorFields } from '../../limits/limit.ts';
import { formatInZone } from '../../time/index.ts';
import { type Entry, promptTokens, totalTokens } from '../entry.ts';
import type { BackfillQuery, BackfillRow } from '../port.ts';
import {
  type EntryFilter,
  type EntryPage,
  type EntryQuery,
  type FilterField,
  type GroupField,
  noTotals,
  type Totals,
  type TotalsQuery,
} from '../query.ts';
import { type Task, type TaskFilter, taskState } from '../task.ts';

/** The plainest reading of each query, over all rows: also what other engines' answers are held against. */
export function entriesPage(entries: readonly Entry[], query: EntryQuery): EntryPage {
  const { before } = query;
  const found = entries
    .filter((entry) => inRange(entry, query) && matches(entry, query.filter))
    .filter((entry) => query.callId === undefined || entry.callId === query.callId)
    .filter((entry) => query.reservationId === undefined || entry.reservationId === query.reservationId)
    .filter((entry) => !before || entry.at < before.at || (entry.at === before.at && entry.id < before.id))
    .sort((left, right) => right.at - left.at || (right.id < left.id ? -1 : 1));
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  return { entries: page, next: found.length > page.length && last ? { at: last.at, id: last.id } : null };
}

/** Exact sums of rows, by the fields that are asked for. */
export function totalsOf(entries: readonly Entry[], query: TotalsQuery, zone: string): Totals[] {
  const groups = new Map<string, Totals>();
  for (const entry of entries) {
    if (!inRange(entry, query) || !matches(entry, query.filter)) continue;
    const group = query.by.map((field) => groupValue(entry, field, zone));
    const key = JSON.stringify(group);
    groups.set(key, add(groups.get(key) ?? { group, ...noTotals }, entry));
  }
  return [...groups.values()];
}

/** Tasks by a filter, latest change first. */
export function tasksOf(tasks: readonly Task[], filter: TaskFilter): Task[] {
  return tasks
    .filter((task) => filter.kind === undefined || task.kind === filter.kind)
    .filter((task) => filter.state === undefined || taskState(task) === filter.state)
    .filter(({ updatedAt }) => updatedAt <= (filter.unchangedSince ?? Number.POSITIVE_INFINITY))
    .filter((task) => filter.failing === undefined || task.attempts > 0 === filter.failing)
    .sort((left, right) => right.updatedAt - left.updatedAt || (left.key < right.key ? -1 : 1))
    .slice(0, filter.limit);
}

/** What rows that are there already count for in a new limit. */
export function backfillRows(entries: readonly Entry[], query: BackfillQuery): BackfillRow[] {
  const { from, to, stepMs } = query;
  const sums = new Map<string, BackfillRow>();
  for (const entry of entries) {
    if (entry.at < from || (to !== null && entry.at >= to)) continue;
    const start = stepMs === null ? null : Math.floor(entry.at / stepMs) * stepMs;
    for (const subject of coveredSubjects(entry, query)) {
      const key = JSON.stringify([start, subject]);
      const sum = (sums.get(key)?.sum ?? 0n) + measured(entry, query.measure);
      sums.set(key, { subject, start, sum });
    }
  }
  return [...sums.values()];
}

/** What a row counts for in a limit's measure; an unknown amount counts for nothing. */
function measured(entry: Entry, measure: string): bigint {
  switch (measure) {
    case 'cost':
      return entry.nanocents ?? 0n;
    case 'requests':
      return BigInt(entry.calls);
    case 'input_tokens':
      return BigInt(promptTokens(entry.usage) ?? 0);
    case 'output_tokens':
      return BigInt(entry.usage.output ?? 0);
    case 'total_tokens':
      return BigInt(totalTokens(entry) ?? 0);
    default:
      return 0n;
  }
}

function coveredSubjects(entry: Entry, query: BackfillQuery): Subject[] {
  let subjects: Subject[] = [{}];
  for (const field of selectorFields) {
    const wanted = query.selector[field];
    if (wanted === undefined) continue;
    const values = selectorValues(entry, field, wanted);
    subjects = subjects.flatMap((subject) => values.map(([name, value]) => ({ ...subject, [name]: value })));
  }
  return subjects;
}

function selectorValues(entry: Entry, field: SelectorField, wanted: string): [string, string][] {
  if (field === 'tag') {
    const [name, value = '*'] = wanted.split(/=(.*)/s);
    return Object.entries(entry.tags)
      .filter(([tag, actual]) => (name === '*' || tag === name) && (value === '*' || actual === value))
      .map(([tag, actual]) => [`tag:${tag}`, actual]);
  }
  // Limits speak of the model that was asked for; the entry keeps both.
  const value = field === 'model' ? (entry.requestedModel ?? entry.model) : entry[field];
  return value === null || (wanted !== '*' && wanted !== value) ? [] : [[field, value]];
}

function inRange(entry: Entry, range: { from: number | null; to: number | null }): boolean {
  return (range.from === null || entry.at >= range.from) && (range.to === null || entry.at < range.to);
}

function matches(entry: Entry, filter: EntryFilter): boolean {
  return Object.entries(filter).every(([field, value]) => entry[field as FilterField] === value);
}

function groupValue(entry: Entry, field: GroupField, zone: string): string | null {
  if (field === 'day') return formatInZone(entry.at, zone).slice(0, 10);
  if (field === 'quarterHour') return String(Math.floor(entry.at / 900_000) * 900_000);
  return entry[field];
}

function add(totals: Totals, entry: Entry): Totals {
  const { usage } = entry;
  const writes = (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0) + (usage.cacheWrite ?? 0);
  return {
    group: totals.group,
    calls: totals.calls + BigInt(entry.calls),
    entries: totals.entries + 1n,
    input: totals.input + BigInt(usage.input ?? 0),
    cacheRead: totals.cacheRead + BigInt(usage.cacheRead ?? 0),
    cacheWrite: totals.cacheWrite + BigInt(writes),
    output: totals.output + BigInt(usage.output ?? 0),
    reasoning: totals.reasoning + BigInt(usage.reasoning ?? 0),
    promptTokens: totals.promptTokens + BigInt(promptTokens(usage) ?? 0),
    totalTokens: totals.totalTokens + BigInt(totalTokens(entry) ?? 0),
    localPromptTokens: totals.localPromptTokens + BigInt(entry.localPromptTokens ?? 0),
    localCompletionTokens: totals.localCompletionTokens + BigInt(entry.localCompletionTokens ?? 0),
    localTotalTokens: totals.localTotalTokens + BigInt(entry.localTotalTokens ?? 0),
    nanocents: totals.nanocents + (entry.nanocents ?? 0n),
    executionMicroseconds: totals.executionMicroseconds + BigInt(entry.executionMicroseconds ?? 0),
    unpricedCalls: totals.unpricedCalls + (entry.nanocents === null ? 1n : 0n),
  };
}
