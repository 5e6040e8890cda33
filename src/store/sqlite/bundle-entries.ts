import { cellsOf } from '../bundle-cells.ts';
import { entryIdColumns, entryColumns as names } from '../entry-codec.ts';
import { textIn } from '../entry-columns.ts';
import type { PlannedBundle } from '../port.ts';
import type { Connection, Value } from './connection.ts';
import { idParameter } from './id-parameter.ts';

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
