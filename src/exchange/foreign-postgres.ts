import { NanocentError } from '../errors/error.ts';
import type { ForeignRow } from './foreign-sqlite.ts';
import { type AccountingRows, lacksTable } from './from-llm-accounting.ts';
import { accountingTable } from './llm-accounting-row.ts';

/** The part of node-postgres that is used here (https://node-postgres.com/apis/client, checked 2026-11-22). */
interface PostgresClient {
  connect(): Promise<unknown>;
  query(sql: string, values: readonly unknown[]): Promise<{ readonly rows: readonly ForeignRow[] }>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}
interface PostgresDriver {
  readonly Client: new (options: Readonly<Record<string, unknown>>) => PostgresClient;
}

const connectTimeoutMs = 10_000;
const queryTimeoutMs = 60_000;

/** Opens a llm-accounting database on PostgreSQL for reading. Throws driver_missing, store_unreachable, body_malformed. */
export async function openForeignPostgres(url: string): Promise<AccountingRows> {
  const { Client } = await loadDriver();
  const place = withoutPassword(url);
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    application_name: 'nanocent import',
    options: '-c default_transaction_read_only=on',
  });
  // A connection that breaks while nothing is asked: the next query says so.
  client.on('error', () => {});
  const query = (sql: string, values: readonly unknown[] = []) =>
    client.query(sql, values).catch((error: unknown) => {
      throw unreachable(place, error);
    });
  await client.connect().catch((error: unknown) => {
    throw unreachable(place, error);
  });
  try {
    return await accountingRows(place, query, () => client.end());
  } catch (error) {
    await client.end();
    throw error;
  }
}

type Query = (sql: string, values?: readonly unknown[]) => Promise<{ readonly rows: readonly ForeignRow[] }>;

async function accountingRows(
  place: string,
  query: Query,
  close: () => Promise<void>,
): Promise<AccountingRows> {
  const found = await query(
    `SELECT column_name AS name, data_type AS type FROM information_schema.columns
     WHERE table_name = $1 AND table_schema = ANY (current_schemas(false))`,
    [accountingTable],
  );
  if (!found.rows.some(({ name }) => name === 'id')) throw lacksTable(place);
  // As JSON a time is ISO 8601, with its offset exactly where the column keeps one.
  const list = found.rows.map(({ name, type }) => {
    const column = `"${String(name).replaceAll('"', '""')}"`;
    return String(type).startsWith('timestamp') ? `to_json(${column}) #>> '{}' AS ${column}` : column;
  });
  const page = `SELECT ${list.join(', ')} FROM ${accountingTable} AS e WHERE e.id > $1 ORDER BY e.id LIMIT $2`;
  const counts = `SELECT count(*)::float8 AS "all", count(*) FILTER (WHERE id > $1)::float8 AS behind FROM ${accountingTable}`;
  return {
    name: place,
    place,
    page: async (after, limit) => (await query(page, [after, limit])).rows,
    counts: async (after) => (await query(counts, [after])).rows[0] as never,
    close,
  };
}

async function loadDriver(): Promise<PostgresDriver> {
  // An optional peer: not a name for the compiler, which has no types of it, nor for a bundler to insist on.
  const name: string = 'pg';
  try {
    const loaded = (await import(name)) as PostgresDriver & { readonly default?: PostgresDriver };
    return loaded.default ?? loaded;
  } catch (error) {
    throw new NanocentError('driver_missing', 'reading a PostgreSQL database needs the package pg', {
      fix: 'run npm install pg, beside nanocent',
      cause: error,
    });
  }
}

function unreachable(place: string, cause: unknown): NanocentError {
  const reason =
    cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause);
  return new NanocentError('store_unreachable', `${place} does not answer: ${reason}`, {
    field: 'URL',
    fix: 'check the address, the user and the password in the URL',
    cause,
  });
}

/** A URL fit for showing. */
export function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return 'the database';
  const shown = new URL(url);
  shown.password = '';
  // Drivers take one from there, too.
  shown.search = '';
  return shown.href;
}
