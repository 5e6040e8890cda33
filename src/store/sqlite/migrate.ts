import { hash } from 'node:crypto';
import { NanocentError } from '../../errors/error.ts';
import type { Connection } from './connection.ts';
import { books } from './migrations/1-books.ts';
import { views } from './migrations/2-views.ts';
import { responses } from './migrations/3-responses.ts';
import { tasks } from './migrations/4-tasks.ts';
import { allowanceView } from './migrations/5-allowance-view.ts';
import { logs } from './migrations/6-logs.ts';
import { endedAccounts } from './migrations/7-ended-accounts.ts';
import { directory } from './migrations/8-directory.ts';

export interface Migration {
  readonly id: number;
  readonly name: string;
  /** Never edited once released: its checksum is kept in every file that it was applied to. */
  readonly sql: string;
}

/** In order, ids from 1 without a gap. */
export const migrations: readonly Migration[] = [
  books,
  views,
  responses,
  tasks,
  allowanceView,
  logs,
  endedAccounts,
  directory,
];

export interface SchemaOptions {
  readonly file: string;
  readonly readOnly: boolean;
  /** Our tables may be made beside another program's. */
  readonly init: boolean;
  readonly now: () => number;
}

/** What the file's table of migrations says. */
interface Applied {
  readonly id: number;
  readonly name: string;
  readonly checksum: string;
}

/**
 * Brings a file to the newest schema, one migration per transaction, so that a process killed half-way leaves a whole
 * step done or not at all, and of several starting at once one applies each step. `attempt` waits for other processes.
 * Throws as appliedMigrations does, and store_read_only where steps are missing and nothing may be written.
 */
export async function migrate(
  connection: Connection,
  schema: SchemaOptions,
  attempt: <T>(operation: () => T) => Promise<T>,
): Promise<void> {
  const missing = migrations.slice(await attempt(() => appliedMigrations(connection, schema)));
  if (missing.length === 0) return;
  if (schema.readOnly) {
    const { file } = schema;
    throw new NanocentError(
      'store_read_only',
      `${file} lacks schema step ${missing[0]!.id} (${missing[0]!.name}).`,
      {
        fix: 'Open it once with write access, for example with `nanocent doctor`.',
        data: { file },
      },
    );
  }
  for (const migration of missing) {
    await attempt(() => connection.transaction(() => apply(connection, migration, schema)));
  }
}

/** The highest migration this program knows, which is what an open file has. */
export const schemaVersion = migrations.length;

export function checksumOf(migration: Migration): string {
  return hash('sha256', migration.sql, 'hex');
}

function apply(connection: Connection, migration: Migration, schema: SchemaOptions): void {
  // Another process may have been quicker while this one waited for the lock.
  if (appliedMigrations(connection, schema) >= migration.id) return;
  connection.exec(`CREATE TABLE IF NOT EXISTS nanocent_migrations (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`);
  connection.exec(migration.sql);
  connection.run(
    'INSERT INTO nanocent_migrations VALUES (?, ?, ?, ?)',
    migration.id,
    migration.name,
    checksumOf(migration),
    schema.now(),
  );
}

/** How many migrations the file has. Throws schema_newer, schema_changed, store_foreign; changes nothing. */
export function appliedMigrations(connection: Connection, { file, init }: SchemaOptions): number {
  const tables = connection
    .rows(
      `SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!'`,
    )
    .map((row) => row[0] as string);
  if (!tables.includes('nanocent_migrations')) {
    assertFree(tables, file, init);
    return 0;
  }
  const applied = connection
    .rows('SELECT id, name, checksum FROM nanocent_migrations ORDER BY id')
    .map((row) => ({ id: Number(row[0]), name: row[1] as string, checksum: row[2] as string }));
  for (const step of applied) assertKnown(step, file);
  return applied.length;
}

function assertFree(tables: readonly string[], file: string, init: boolean): void {
  if (tables.length === 0) return;
  const names = tables.slice(0, 5).join(', ');
  const taken = tables.find((name) => name.startsWith('nanocent_') || createdNames().has(name));
  if (init && taken === undefined) return;
  if (init) {
    throw new NanocentError(
      'store_foreign',
      `${file} has a table ${taken} of another program, a name that ours need.`,
      {
        fix: 'Keep the books in a file of their own.',
        data: { file },
      },
    );
  }
  throw new NanocentError(
    'store_foreign',
    `${file} holds tables of another program (${names}) and none of ours.`,
    {
      fix: 'Name another file, or say --init to keep the books beside those tables.',
      data: { file },
    },
  );
}

/** Tables and views that the migrations make. */
function createdNames(): ReadonlySet<string> {
  const found = migrations.flatMap(({ sql }) => [...sql.matchAll(/CREATE (?:TABLE|VIEW) (\w+)/g)]);
  return new Set(found.map((match) => match[1]!));
}

function assertKnown(step: Applied, file: string): void {
  const known = migrations[step.id - 1];
  if (known === undefined) {
    throw new NanocentError(
      'schema_newer',
      `${file} has schema step ${step.id} (${step.name}); this program knows ${migrations.length}.`,
      {
        fix: 'Use the newer Nanocent that wrote it.',
        data: { file, version: step.id },
      },
    );
  }
  if (known.name === step.name && checksumOf(known) === step.checksum) return;
  throw new NanocentError(
    'schema_changed',
    `Schema step ${step.id} (${step.name}) of ${file} is not the one this program has.`,
    {
      fix: 'Use the Nanocent that made this file; a development version may have changed the step.',
      data: { file, version: step.id },
    },
  );
}
