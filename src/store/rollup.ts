import { windowAt } from '../time/window.ts';
import { offsetAt } from '../time/zone.ts';
import { type Entry, promptTokens, totalTokens } from './entry.ts';
import type { Totals } from './query.ts';

/** What is summed over entries, in the order in which engines keep the columns. */
export const sumFields = [
  'calls',
  'entries',
  'input',
  'cacheRead',
  'cacheWrite',
  'output',
  'reasoning',
  'promptTokens',
  'totalTokens',
  'localPromptTokens',
  'localCompletionTokens',
  'localTotalTokens',
  'executionMicroseconds',
  'unpricedCalls',
  'nanocents',
] as const satisfies readonly Exclude<keyof Totals, 'group'>[];
export type SumField = (typeof sumFields)[number];
export type Sums = Record<SumField, bigint>;

/** Fields that each rollup keeps apart, in key order, after its bucket. */
export const narrowFields = ['provider', 'model'] as const;
export const wideFields = ['username', 'caller', 'project', 'key', 'model'] as const;

export const quarterHourMs = 900_000;

/** What one batch adds to one rollup row. */
export interface RollupDelta {
  /** Start of the quarter hour (UTC) or of the day (ledger's zone). */
  readonly bucket: number;
  /** Values of narrowFields or wideFields. */
  readonly group: readonly (string | null)[];
  readonly sums: Sums;
}

/** Everything a batch of entries adds to both rollups, one delta per row that it touches. */
export function rollupDeltas(
  entries: readonly Entry[],
  zone: string,
): { readonly narrow: readonly RollupDelta[]; readonly wide: readonly RollupDelta[] } {
  const narrow = new Map<string, RollupDelta>();
  const wide = new Map<string, RollupDelta>();
  // Most of a batch happened on one day.
  let day = { start: 0, end: 0 };
  for (const entry of entries) {
    const { at } = entry;
    if (at < day.start || at >= day.end) day = dayOf(at, zone);
    const sums = entrySums(entry);
    merge(narrow, quarterHourOf(at), entry, narrowFields, sums);
    merge(wide, day.start, entry, wideFields, sums);
  }
  return { narrow: [...narrow.values()], wide: [...wide.values()] };
}

/** What one entry adds to a total. An unknown count adds nothing; an unknown price counts in `unpricedCalls`. */
export function entrySums(entry: Entry): Sums {
  const { usage } = entry;
  return {
    calls: BigInt(entry.calls),
    entries: 1n,
    input: count(usage.input),
    cacheRead: count(usage.cacheRead),
    cacheWrite: count(usage.cacheWrite5m) + count(usage.cacheWrite1h) + count(usage.cacheWrite),
    output: count(usage.output),
    reasoning: count(usage.reasoning),
    promptTokens: count(promptTokens(usage)),
    totalTokens: count(totalTokens(entry)),
    localPromptTokens: count(entry.localPromptTokens),
    localCompletionTokens: count(entry.localCompletionTokens),
    localTotalTokens: count(entry.localTotalTokens),
    executionMicroseconds: count(entry.executionMicroseconds),
    unpricedCalls: entry.nanocents === null ? 1n : 0n,
    nanocents: entry.nanocents ?? 0n,
  };
}

/** Adds in place. */
export function addSums(into: Sums, more: Sums): void {
  for (const field of sumFields) into[field] += more[field];
}

export function quarterHourOf(at: number): number {
  return Math.floor(at / quarterHourMs) * quarterHourMs;
}

/** The ledger's day that `at` lies in, `[start, end)`. */
export function dayOf(at: number, zone: string): { readonly start: number; readonly end: number } {
  const { start, end } = windowAt({ kind: 'calendar', unit: 'day', count: 1, zone }, at);
  return { start, end: end! };
}

/** `YYYY-MM-DD` of a day that began at this instant. */
export function dayLabel(dayStart: number, zone: string): string {
  return new Date(dayStart + offsetAt(dayStart, zone)).toISOString().slice(0, 10);
}

function merge(
  into: Map<string, RollupDelta>,
  bucket: number,
  entry: Entry,
  fields: readonly (typeof narrowFields | typeof wideFields)[number][],
  sums: Sums,
): void {
  // Text fields hold no NUL, so it parts them; a value is marked to be told from "without".
  let name = String(bucket);
  for (const field of fields) name += entry[field] === null ? '\u0000' : `\u0000=${entry[field]}`;
  const known = into.get(name);
  if (known !== undefined) addSums(known.sums, sums);
  else into.set(name, { bucket, group: fields.map((field) => entry[field]), sums: { ...sums } });
}

function count(value: number | null): bigint {
  return value === null ? 0n : BigInt(value);
}
