import type { Rows } from '../../store/port.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import type { Cell } from '../table.ts';
import { counted } from '../text.ts';

/** More rows than anyone reads; `truncated` says when there were more. */
const rowsMax = 10_000;
const timeMs = 30_000;

export async function run(shell: Shell): Promise<undefined> {
  const query = shell.arguments.required(
    'query',
    'give one SELECT, for example --query "SELECT * FROM accounting_entries"',
  );
  const books = await shell.books();
  const found = await books.reads.select(query, { rowsMax, timeMs });
  await shell.report({
    json: () => ({
      schema: 'nanocent.rows/1',
      columns: found.columns,
      rows: found.rows.map((row) => row.map(jsonValue)),
      truncated: found.truncated,
    }),
    csv: () => found,
    text: () => table(shell, found),
  });
  if (found.truncated) shell.note(`only the first ${counted(found.rows.length, 'row')} are shown`);
  return undefined;
}

type Value = Rows['rows'][number][number];

/** JSON numbers are exact up to 2^53; a larger integer is a decimal string. */
function jsonValue(value: Value): string | number | null {
  if (typeof value !== 'bigint') return value;
  return BigInt(Number(value)) === value && Number.isSafeInteger(Number(value))
    ? Number(value)
    : String(value);
}

function table(shell: Shell, { columns, rows }: Rows): string {
  if (rows.length === 0) return 'no rows\n';
  const isNumber = (value: Value) => value === null || typeof value !== 'string';
  return showTable(
    shell,
    columns.map((title, index) =>
      rows.every((row) => isNumber(row[index]!))
        ? { title, align: 'right' as const }
        : { title, cutTo: 10, ...(index === 0 ? {} : { optional: index }) },
    ),
    rows.map((row) => row.map((value): Cell => (value === null ? null : String(value)))),
  );
}
