import type { Usage } from '../usage/usage.ts';
import type { Entry } from './entry.ts';
import { extraUsageOf, extraUsageText } from './extra-usage.ts';
import { openTextCells, type TextCells, textReader } from './text-cells.ts';

/** Texts that many rows of a bundle share. */
export const sharedColumns = [
  'kind',
  'model',
  'requestedModel',
  'provider',
  'endpoint',
  'caller',
  'username',
  'project',
  'session',
  'purpose',
  'key',
  'tags',
  'extraUsage',
  'costSource',
  'basis',
  'priceId',
  'remark',
  'reservationId',
  'adjusts',
] as const;
/** Texts that each row has for itself: cells in this order, row by row. */
export const ownColumns = ['id', 'callId', 'responseId', 'charge', 'rawUsage', 'salt'] as const;
export const countColumns = [
  'at',
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'cacheWrite',
  'output',
  'reasoning',
  'totalTokens',
  'localPromptTokens',
  'localCompletionTokens',
  'localTotalTokens',
  'toolCalls',
  'executionMicroseconds',
  'calls',
] as const;
export type SharedColumn = (typeof sharedColumns)[number];
export type OwnColumn = (typeof ownColumns)[number];
export type CountColumn = (typeof countColumns)[number];

/**
 * Many usage rows as plain columns: they cross a thread in a fraction of the time that as many objects take, and are bound to a
 * statement as they are. Without `recordedAt`, which is the same for all of them and known only in the end.
 */
export interface EntryColumns {
  readonly count: number;
  /** Each shared text once; the first stands for null. */
  readonly texts: readonly string[];
  /** Numbers into `texts`. */
  readonly shared: Readonly<Record<SharedColumn, Uint32Array>>;
  readonly own: TextCells;
  /** NaN is null. */
  readonly counts: Readonly<Record<CountColumn, Float64Array>>;
  /** Where `isPriced` is 0 the amount is null. */
  readonly nanocents: BigInt64Array;
  readonly isPriced: Uint8Array;
}

/** A usage row that nobody has booked yet. */
type Draft = Omit<Entry, 'recordedAt'>;

export function columnsOf(drafts: readonly Draft[]): EntryColumns {
  const columns = openColumns(drafts.length);
  for (const draft of drafts) columns.add(draft);
  return columns.finish();
}

export interface OpenedColumns {
  /** The next row. What it is given may go at once: no row is kept as an object. */
  add(draft: Draft): void;
  finish(): EntryColumns;
}

/** Columns that are filled row by row, `capacity` rows at most. */
export function openColumns(capacity: number): OpenedColumns {
  const texts: string[] = [''];
  const numbers = new Map<string, number>();
  const shared = recordOf(sharedColumns, () => new Uint32Array(capacity));
  const own = openTextCells(capacity * ownColumns.length);
  const counts = recordOf(countColumns, () => new Float64Array(capacity));
  const nanocents = new BigInt64Array(capacity);
  const isPriced = new Uint8Array(capacity);
  let count = 0;
  return {
    add(draft) {
      const row = count++;
      for (const name of plainShared) if (draft[name] !== null) shared[name][row] = numberOf(draft[name]);
      const tags = tagsText(draft.tags);
      if (tags !== null) shared.tags[row] = numberOf(tags);
      const extraUsage = extraUsageText(draft.usage);
      if (extraUsage !== null) shared.extraUsage[row] = numberOf(extraUsage);
      for (const name of ownColumns) own.add(draft[name]);
      for (const name of plainCounts) counts[name][row] = draft[name] ?? Number.NaN;
      for (const name of usageCounts) counts[name][row] = draft.usage[name] ?? Number.NaN;
      if (draft.nanocents === null) return;
      nanocents[row] = draft.nanocents;
      isPriced[row] = 1;
    },
    finish: () => ({
      count,
      texts,
      shared: mapped(shared, (column) => column.subarray(0, count)),
      own: own.finish(),
      counts: mapped(counts, (column) => column.subarray(0, count)),
      nanocents: nanocents.subarray(0, count),
      isPriced: isPriced.subarray(0, count),
    }),
  };

  function numberOf(text: string): number {
    let number = numbers.get(text);
    if (number === undefined) {
      number = texts.push(text) - 1;
      numbers.set(text, number);
    }
    return number;
  }
}

/** One row as it is stored. */
export function entryIn(columns: EntryColumns, row: number, recordedAt: number): Entry {
  const text = (name: SharedColumn) => textIn(columns, name, row);
  const count = (name: CountColumn) => countIn(columns, name, row);
  const texts = Object.fromEntries(plainShared.map((name) => [name, text(name)]));
  const owned = Object.fromEntries(ownColumns.map((name) => [name, ownTextIn(columns, name, row)]));
  const counts = Object.fromEntries(plainCounts.map((name) => [name, count(name)]));
  const usage = Object.fromEntries(usageCounts.map((name) => [name, count(name)]));
  return {
    ...texts,
    ...owned,
    ...counts,
    recordedAt,
    tags: JSON.parse(text('tags') ?? '{}'),
    usage: { ...usage, ...extraUsageOf(text('extraUsage')) } as Usage,
    nanocents: columns.isPriced[row] === 1 ? columns.nanocents[row]! : null,
  } as Entry;
}

export function textIn({ shared, texts }: EntryColumns, name: SharedColumn, row: number): string | null {
  const number = shared[name][row]!;
  return number === 0 ? null : texts[number]!;
}

export function ownTextIn({ own }: EntryColumns, name: OwnColumn, row: number): string | null {
  return textReader(own)(row * ownColumns.length + ownColumns.indexOf(name));
}

export function countIn({ counts }: EntryColumns, name: CountColumn, row: number): number | null {
  const count = counts[name][row]!;
  return Number.isNaN(count) ? null : count;
}

const plainShared = sharedColumns.filter((name) => name !== 'tags' && name !== 'extraUsage');
const usageCounts = [
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'cacheWrite',
  'output',
  'reasoning',
] as const satisfies readonly CountColumn[];
type UsageCount = (typeof usageCounts)[number];
const plainCounts = countColumns.filter(
  (name): name is Exclude<CountColumn, UsageCount> => !usageCounts.some((other) => other === name),
);

function tagsText(tags: Readonly<Record<string, string>>): string | null {
  for (const _ in tags) return JSON.stringify(tags);
  return null;
}

function recordOf<Name extends string, Value>(
  names: readonly Name[],
  make: () => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, make()])) as Record<Name, Value>;
}

function mapped<Name extends string, From, To>(
  record: Readonly<Record<Name, From>>,
  make: (value: From) => To,
): Record<Name, To> {
  const entries = Object.entries<From>(record).map(([name, value]) => [name, make(value)]);
  return Object.fromEntries(entries) as Record<Name, To>;
}
