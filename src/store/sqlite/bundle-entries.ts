import {
  type countColumns,
  type EntryColumns,
  type OwnColumn,
  type SharedColumn,
  textIn,
} from '../entry-columns.ts';
import type { PlannedBundle } from '../port.ts';
import type { Connection, Value } from './connection.ts';
import { entryIdColumns, entryColumns as names } from './entry-codec.ts';
import { idParameter } from './ids.ts';

/** Writes the rows, and gives the models they name, each with its providers once. */
export function writeBundleEntries(
  connection: Connection,
  { rows, chosen, firstLine, recordedAt }: PlannedBundle,
): [provider: string | null, model: string][] {
  const insert = connection.statement(insertSql);
  const values: Value[] = new Array(names.length).fill(null);
  const cells = cellsOf(rows, recordedAt);
  const models = new Map<number, [string | null, string]>();
  for (const [index, row] of chosen.entries()) {
    for (let column = 0; column < cells.length; column += 1) values[column] = cells[column]!(row);
    values[lineColumn] = firstLine + index;
    insert.run(...values);
    const { model, provider } = rows.shared;
    const pair = model[row]! * rows.texts.length + provider[row]!;
    if (!models.has(pair)) models.set(pair, [textIn(rows, 'provider', row), textIn(rows, 'model', row)!]);
  }
  return [...models.values()];
}

const insertSql = `INSERT INTO nanocent_entries (${names.join(', ')})
  VALUES (${names.map((name) => (entryIdColumns.has(name) ? idParameter : '?')).join(', ')})`;
const lineColumn = names.indexOf('line');

type Cell = (row: number) => Value;

/** For each column of the table, where its value comes from. */
function cellsOf(rows: EntryColumns, recordedAt: number): Cell[] {
  const { texts, shared, own, counts, nanocents, isPriced } = rows;
  const nothing: Cell = () => null;
  return names.map((name): Cell => {
    if (name === 'line') return nothing;
    if (name === 'recorded_at') return () => recordedAt;
    if (name === 'nanocents') return (row) => (isPriced[row] === 1 ? nanocents[row]! : null);
    const field = name === 'usage_extra' ? 'extraUsage' : camel(name);
    if (field in shared) {
      const numbers = shared[field as SharedColumn];
      if (numbers.every((number) => number === 0)) return nothing;
      return (row) => (numbers[row] === 0 ? null : texts[numbers[row]!]!);
    }
    if (field in own) {
      const own_ = own[field as OwnColumn];
      return (row) => own_[row]!;
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
