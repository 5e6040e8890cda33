import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { NanocentError } from '../errors/error.ts';

export type ForeignRow = Readonly<Record<string, unknown>>;

/** Another program's database, for reading only and a page at a time, so that its own writes go on. */
export interface ForeignDatabase {
  readonly name: string;
  readonly path: string;
  /** Table names with their columns. */
  readonly tables: ReadonlyMap<string, ReadonlySet<string>>;
  rows(sql: string, ...values: (string | number)[]): ForeignRow[];
  close(): void;
}

/** Throws file_not_found, and store_not_a_database for what SQLite cannot read. */
export function openForeignSqlite(name: string): ForeignDatabase {
  const path = resolve(name);
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new NanocentError('file_not_found', `there is no file ${name}`, {
      field: 'FILE',
      fix: 'check its name',
    });
  }
  const { database, tables } = openReadable(name, path);
  return {
    name,
    path,
    tables,
    rows: (sql, ...values) => database.prepare(sql).all(...values) as ForeignRow[],
    close: () => database.close(),
  };
}

/** A database in a folder that cannot be written to has no place for its index of the log: then it is read as it lies. */
function openReadable(name: string, path: string) {
  const immutable = pathToFileURL(path);
  immutable.searchParams.set('immutable', '1');
  let failure: unknown;
  for (const location of [path, immutable]) {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(location, { readOnly: true, timeout: 5_000 });
      return { database, tables: tablesOf(database) };
    } catch (error) {
      database?.close();
      failure = error;
    }
  }
  throw new NanocentError('store_not_a_database', `${name} cannot be read as a SQLite database`, {
    field: 'FILE',
    fix: 'check that it is the database itself, and that this user may read it',
    cause: failure,
  });
}

function tablesOf(database: DatabaseSync): Map<string, Set<string>> {
  const rows = database
    .prepare(
      `SELECT m.name AS "table", c.name AS "column" FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
       WHERE m.type = 'table'`,
    )
    .all() as { table: string; column: string }[];
  const tables = new Map<string, Set<string>>();
  for (const { table, column } of rows) {
    const columns = tables.get(table) ?? new Set();
    tables.set(table, columns.add(column));
  }
  return tables;
}
