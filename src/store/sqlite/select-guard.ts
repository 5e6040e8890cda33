import { constants, type DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Row } from './connection.ts';
import { publicViews } from './migrations/2-views.ts';
import { type SelectAnswer, toWire, type WireValue } from './select-wire.ts';

/** Bytes of an answer, roughly: above it rows are left out. */
const answerBytesMax = 8_388_608;

/** Bounds on one query: no second file, no value over 1 MB, no text over 20 kB, no program over 25,000 steps' length. */
const limits = {
  attach: 0,
  length: 1_000_000,
  sqlLength: 20_000,
  vdbeOp: 25_000,
  exprDepth: 200,
  compoundSelect: 50,
  triggerDepth: 1,
  variableNumber: 0,
} as const;

/**
 * Runs one query that may read the public views and nothing else. What it may touch is an allow-list that SQLite asks
 * for each column while it prepares the query; the list itself is what the views touch.
 */
export function runGuarded(database: DatabaseSync, sql: string, rowsMax: number): SelectAnswer {
  const { touched, tables } = recordViews(database);
  const hidden = hiddenTables(database);
  const named = hidden.find(
    (table) => table.startsWith('nanocent_') && new RegExp(`\\b${table}\\b`, 'i').test(sql),
  );
  if (named !== undefined) return { forbidden: `names the table ${named}` };
  const permit = { touched, hidden: new Set(hidden.filter((table) => !tables.has(table))) };
  Object.assign(database.limits, limits);
  const denied: string[] = [];
  database.setAuthorizer((...request) => {
    if (isPermitted(request, permit)) return constants.SQLITE_OK;
    denied.push(describe(request));
    return constants.SQLITE_DENY;
  });
  try {
    const statement = database.prepare(sql);
    if (!isBlank(sql.slice(statement.sourceSQL.length))) return { forbidden: 'has more than one statement' };
    return run(statement, rowsMax);
  } catch (error) {
    // Some statements ask only while they run: VACUUM INTO attaches a file.
    if (denied.length === 0) throw error;
    return { forbidden: denied[0]! };
  }
}

function run(statement: StatementSync, rowsMax: number): SelectAnswer {
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const columns = statement.columns().map(({ name }) => name);
  const rows: WireValue[][] = [];
  let bytes = 0;
  for (const row of statement.iterate() as unknown as Iterable<Row>) {
    if (rows.length >= rowsMax || bytes > answerBytesMax) return { columns, rows, truncated: true };
    const values = row.map(toWire);
    for (const value of values) bytes += typeof value === 'string' ? value.length : 8;
    rows.push(values);
  }
  return { columns, rows, truncated: false };
}

type Request = readonly [
  action: number,
  first: string | null,
  second: string | null,
  database: string | null,
  view: string | null,
];

/**
 * What the views themselves touch, table, column and view. A view's name alone would not do: SQLite also gives the
 * name of a WITH clause here, so `WITH llm_usage AS (SELECT … FROM a base table)` would pass for the view.
 */
function recordViews(database: DatabaseSync): {
  readonly touched: ReadonlySet<string>;
  readonly tables: ReadonlySet<string | null>;
} {
  const touched = new Set<string>();
  const tables = new Set<string | null>();
  database.setAuthorizer((...request) => {
    touched.add(readKey(request));
    if (request[0] === constants.SQLITE_READ) tables.add(request[1]);
    return constants.SQLITE_OK;
  });
  for (const view of publicViews) database.prepare(`SELECT * FROM "${view}"`);
  database.setAuthorizer(null);
  return { touched, tables };
}

/** Tables and table-valued functions that a query must not even count. */
function hiddenTables(database: DatabaseSync): string[] {
  const rows = database
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' UNION SELECT name FROM pragma_module_list`)
    .all();
  return rows.map((row) => String(row.name)).filter((name) => !jsonTables.has(name));
}

const jsonTables: ReadonlySet<unknown> = new Set(['json_each', 'json_tree']);

interface Permit {
  readonly touched: ReadonlySet<string>;
  /** Not even their rows may be counted. */
  readonly hidden: ReadonlySet<string>;
}

function isPermitted(request: Request, permit: Permit): boolean {
  const [action, first, second] = request;
  switch (action) {
    case constants.SQLITE_SELECT:
    case constants.SQLITE_RECURSIVE:
      return true;
    case constants.SQLITE_FUNCTION:
      return permittedFunctions.has(String(second).toLowerCase());
    case constants.SQLITE_READ:
      return permit.touched.has(readKey(request)) || isOpenRead(String(first), second, permit);
    default:
      return false;
  }
}

/**
 * The views and JSON taken apart. Where no column is read, as by count(*), also the query's own WITH clauses, which
 * have any name, and the tables under a view that SQLite dissolved; the query's text cannot name those itself.
 */
function isOpenRead(table: string, column: string | null, { hidden }: Permit): boolean {
  if (jsonTables.has(table) || (publicViews as readonly string[]).includes(table)) return true;
  return column === '' && !hidden.has(table) && !/^(sqlite|pragma)_/i.test(table);
}

function readKey([action, table, column, , view]: Request): string {
  return JSON.stringify([action, table, column, view]);
}

function describe([action, first, second]: Request): string {
  if (action === constants.SQLITE_READ) return `reads ${first}${second ? `.${second}` : ''}`;
  if (action === constants.SQLITE_FUNCTION) return `calls ${second}()`;
  return `does something else than reading${first ? ` (${first})` : ''}`;
}

/** White space, semicolons and comments. */
function isBlank(rest: string): boolean {
  return /^(?:[\s;]|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$))*$/.test(rest);
}

/** No file, no extension, no timer, nothing that tells about other tables. `->>` and `like` are operators. */
const permittedFunctions: ReadonlySet<string> = new Set(
  [
    'count sum total avg min max group_concat string_agg median percentile percentile_cont percentile_disc',
    'abs coalesce concat concat_ws format printf hex unhex ifnull iif if instr length octet_length lower upper',
    'ltrim rtrim trim nullif quote replace round sign substr substring typeof unicode char glob like likely unlikely',
    'likelihood random date time datetime julianday unixepoch strftime timediff current_timestamp current_date current_time',
    'ceil ceiling floor trunc mod pow power sqrt exp ln log log10 log2 pi sin cos tan asin acos atan atan2 degrees radians',
    'json json_array json_array_length json_extract -> ->> json_object json_type json_valid json_quote',
    'json_group_array json_group_object row_number rank dense_rank percent_rank cume_dist ntile lag lead',
    'first_value last_value nth_value',
  ].flatMap((line) => line.split(' ')),
);
