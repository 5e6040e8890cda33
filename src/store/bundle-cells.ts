import { entryColumns } from './entry-codec.ts';
import {
  type countColumns,
  type EntryColumns,
  type OwnColumn,
  ownColumns,
  type SharedColumn,
} from './entry-columns.ts';
import type { Value } from './row.ts';
import { textReader } from './text-cells.ts';

/** A value of one row. */
export type Cell = (row: number) => Value;

/** For each of entryColumns, where its value comes from; `line` is the caller's. */
export function cellsOf(rows: EntryColumns, recordedAt: number): Cell[] {
  const { texts, shared, own, counts, nanocents, isPriced } = rows;
  const nothing: Cell = () => null;
  const ownText = textReader(own);
  return entryColumns.map((name): Cell => {
    if (name === 'line') return nothing;
    if (name === 'recorded_at') return () => recordedAt;
    if (name === 'nanocents') return (row) => (isPriced[row] === 1 ? nanocents[row]! : null);
    const field = name === 'usage_extra' ? 'extraUsage' : camel(name);
    if (field in shared) {
      const numbers = shared[field as SharedColumn];
      if (numbers.every((number) => number === 0)) return nothing;
      return (row) => (numbers[row] === 0 ? null : texts[numbers[row]!]!);
    }
    if (ownColumns.includes(field as OwnColumn)) {
      const column = ownColumns.indexOf(field as OwnColumn);
      return (row) => ownText(row * ownColumns.length + column);
    }
    const column = counts[field as (typeof countColumns)[number]];
    return (row) => {
      const count = column[row]!;
      return Number.isNaN(count) ? null : count;
    };
  });
}

/** `cache_write_5m` is `cacheWrite5m` outside. */
function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
