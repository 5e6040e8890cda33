import { randomBytes } from 'node:crypto';
import type { Clock } from '../../time/clock.ts';
import { assertZone } from '../../time/zone.ts';
import { hexText } from '../ids.ts';
import type { LedgerFacts, Store } from '../port.ts';
import { retryWhole } from '../server/retry.ts';
import { addressOf, driverOptions, type PostgresAddress, placeOf, schemaName } from './address.ts';
import { Connections, type Session } from './connection.ts';
import { loadDriver, types } from './driver.ts';
import { isWorthRetrying, storeFailure } from './failure.ts';
import { assertFit } from './inspect.ts';
import { migrate, schemaVersion } from './migrate.ts';
import { PostgresStore } from './store.ts';

export type { PostgresAddress } from './address.ts';

/** Which database and schema, and how it is opened. */
export interface PostgresOptions {
  /** `postgresql://user:password@host:port/database?sslmode=…&schema=…`, or its parts. */
  readonly at: string | PostgresAddress;
  /** The server's own clock when left out, which all processes share. */
  readonly clock?: Clock;
  /** IANA zone of days, fixed when the ledger is made; an existing ledger keeps its own. Default UTC. */
  readonly zone?: string;
  readonly readOnly?: boolean;
  /** Makes our tables in a database that holds another program's. */
  readonly init?: boolean;
  /** Connections at once, 2 to 100; batches of one process need two. Default 4. */
  readonly connectionsMax?: number;
  /** Random bytes for the ledger's id. */
  readonly random?: (size: number) => Uint8Array;
}

const connectTimeoutMs = 10_000;

/**
 * Opens the books in a PostgreSQL database (13 or newer, also behind a transaction pooler) and brings its schema up to date.
 * Throws driver_missing, config_invalid, zone_unknown, store_foreign, store_unreachable, store_read_only, store_busy,
 * schema_newer, schema_changed.
 */
export async function openPostgres(options: PostgresOptions): Promise<Store> {
  const { clock, zone = 'UTC', readOnly = false, init = false, connectionsMax = 4 } = options;
  assertZone(zone);
  const address = typeof options.at === 'string' ? addressOf(options.at) : options.at;
  const schema = schemaName(address.schema);
  const place = placeOf(address);
  const { Pool } = await loadDriver();
  const pool = new Pool({
    ...driverOptions(address),
    types,
    pipeline: true,
    max: Math.min(100, Math.max(2, connectionsMax)),
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    application_name: 'nanocent',
    allowExitOnIdle: true,
  });
  // A connection that breaks is taken out of the pool by itself, and whoever asks something of it hears of it as an answer.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const connections = new Connections(pool, schema);
  try {
    await retryWhole(() => connections.snapshot((session) => assertFit(session, place)), isWorthRetrying);
    await retryWhole(() => migrate(connections, { place, schema, readOnly, init }), isWorthRetrying);
    const birth = { ledgerId: hexText((options.random ?? randomBytes)(16)), zone };
    const facts =
      (await connections.snapshot(readFacts)) ??
      (await connections.transaction('write', (session) => insertFacts(session, birth, clock)));
    const now = clock === undefined ? (server: number) => server : () => clock.now();
    return new PostgresStore({ place, connections, facts, now, random: Math.random, readOnly });
  } catch (error) {
    await connections.close();
    throw storeFailure(error, place);
  }
}

/** Null in a ledger whose first opening got no further than its tables. */
async function readFacts(session: Session): Promise<LedgerFacts | null> {
  const row = await session.row('SELECT ledger_id, zone, created_at FROM nanocent_meta');
  if (row === undefined) return null;
  return { ledgerId: String(row[0]), zone: String(row[1]), createdAt: Number(row[2]), schemaVersion };
}

/** The first process to come this far names the ledger. */
async function insertFacts(
  session: Session,
  { ledgerId, zone }: { readonly ledgerId: string; readonly zone: string },
  clock: Clock | undefined,
): Promise<LedgerFacts> {
  const server = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
  const insert = `INSERT INTO nanocent_meta VALUES (1, $1, $2, coalesce($3::bigint, ${server}), 0) ON CONFLICT DO NOTHING`;
  await session.run(insert, ledgerId, zone, clock?.now() ?? null);
  return (await readFacts(session))!;
}
