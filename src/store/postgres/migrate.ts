import { hash } from 'node:crypto';
import { NanocentError } from '../../errors/error.ts';
import type { Connections, Session } from './connection.ts';
import { books } from './migrations/1-books.ts';
import { views } from './migrations/2-views.ts';
import { directory } from './migrations/3-directory.ts';

export interface Migration {
  readonly id: number;
  readonly name: string;
  /** Never edited once released: its checksum is kept in every ledger that it was applied to. */
  readonly sql: string;
}

/** In order, ids from 1 without a gap. */
export const migrations: readonly Migration[] = [books, views, directory];

/** The highest migration this program knows, which is what an open ledger has. */
export const schemaVersion = migrations.length;

export interface SchemaOptions {
  /** Fit for showing. */
  readonly place: string;
  /** Name of the schema that holds our tables. */
  readonly schema: string;
  readonly readOnly: boolean;
  /** Our tables may be made in a database that holds another program's. */
  readonly init: boolean;
}

/**
 * Brings a ledger to the newest schema, one migration per transaction: a process that is killed half-way leaves a whole step done
 * or not at all. Of several that start at once one applies each step; the others wait for it, under a lock that ends with the
 * transaction. Throws schema_newer, schema_changed, store_foreign, store_read_only.
 */
export async function migrate(connections: Connections, options: SchemaOptions): Promise<void> {
  const missing = migrations.slice(
    await connections.snapshot((session) => appliedMigrations(session, options)),
  );
  if (missing.length === 0) return;
  if (options.readOnly) {
    const problem = `${options.place} lacks schema step ${missing[0]!.id} (${missing[0]!.name}).`;
    throw new NanocentError('store_read_only', problem, {
      fix: 'Open it once with write access, for example with `nanocent doctor`.',
    });
  }
  for (const migration of missing) {
    await connections.transaction('write', (session) => apply(session, migration, options));
  }
}

export function checksumOf(migration: Migration): string {
  return hash('sha256', migration.sql, 'hex');
}

async function apply(session: Session, migration: Migration, options: SchemaOptions): Promise<void> {
  await session.row(`SELECT pg_advisory_xact_lock(hashtextextended('nanocent ' || $1, 0))`, options.schema);
  // Another process may have been quicker while this one waited for the lock.
  if ((await appliedMigrations(session, options)) >= migration.id) return;
  await session.ask(`CREATE SCHEMA IF NOT EXISTS "${options.schema}"`);
  await session.ask(`CREATE TABLE IF NOT EXISTS nanocent_migrations (
    id integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL)`);
  await session.ask(migration.sql);
  await session.run(
    'INSERT INTO nanocent_migrations VALUES ($1, $2, $3, now())',
    ...[migration.id, migration.name, checksumOf(migration)],
  );
}

/** How many migrations the ledger has. Changes nothing. */
export async function appliedMigrations(session: Session, options: SchemaOptions): Promise<number> {
  const [isOurs, foreign] = (await session.row(`SELECT ${oursExist}, ${foreignTables}`, options.schema))!;
  if (isOurs === 0n) {
    assertFree(JSON.parse(foreign as string), options);
    return 0;
  }
  const rows = await session.rows('SELECT id, name, checksum FROM nanocent_migrations ORDER BY id');
  for (const row of rows) {
    assertKnown({ id: Number(row[0]), name: String(row[1]), checksum: String(row[2]) }, options.place);
  }
  return rows.length;
}

/** Asked together with the next one: between two questions another process may make them. */
const oursExist = `EXISTS (SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = 'nanocent_migrations')`;

/** Tables of other programs as JSON, those of our schema first; those of extensions and of other ledgers are left out. */
const foreignTables = `(SELECT coalesce(json_agg(f.name), '[]') FROM (
  SELECT n.nspname || '.' || c.relname AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT 1 FROM pg_depend AS d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    AND (n.nspname = $1 OR NOT EXISTS (SELECT 1 FROM pg_class AS o
      WHERE o.relnamespace = n.oid AND o.relname = 'nanocent_migrations'))
  ORDER BY n.nspname = $1 DESC, 1 LIMIT 5) AS f)`;

function assertFree(tables: readonly string[], { place, schema, init }: SchemaOptions): void {
  const taken = tables.find((name) => name.startsWith(`${schema}.`));
  if (tables.length === 0 || (init && taken === undefined)) return;
  if (taken !== undefined) {
    throw new NanocentError(
      'store_foreign',
      `${place} has a table ${taken} of another program, where ours belong.`,
      {
        fix: 'Name another schema, as in postgresql://…/database?schema=books',
        data: { place },
      },
    );
  }
  throw new NanocentError(
    'store_foreign',
    `${place} holds tables of another program (${tables.join(', ')}) and none of ours.`,
    { fix: 'Name another database, or say --init to keep the books beside those tables.', data: { place } },
  );
}

function assertKnown(step: Omit<Migration, 'sql'> & { readonly checksum: string }, place: string): void {
  const known = migrations[step.id - 1];
  const data = { place, version: step.id };
  if (known === undefined) {
    throw new NanocentError(
      'schema_newer',
      `${place} has schema step ${step.id} (${step.name}); this program knows ${migrations.length}.`,
      { fix: 'Use the newer Nanocent that wrote it.', data },
    );
  }
  if (known.name === step.name && checksumOf(known) === step.checksum) return;
  throw new NanocentError(
    'schema_changed',
    `Schema step ${step.id} (${step.name}) of ${place} is not the one this program has.`,
    { fix: 'Use the Nanocent that made this ledger; a development version may have changed the step.', data },
  );
}
