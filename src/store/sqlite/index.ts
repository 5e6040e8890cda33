import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { NanocentError } from '../../errors/error.ts';
import type { Clock } from '../../time/clock.ts';
import { assertZone } from '../../time/zone.ts';
import { hexText } from '../ids.ts';
import type { LedgerFacts, Store } from '../port.ts';
import { dayOf } from '../rollup.ts';
import { assertWalIsSafe, Connection, enterWal, setPragmas } from './connection.ts';
import { storeFailure } from './failure.ts';
import { appliedMigrations, migrate, schemaVersion } from './migrate.ts';
import { retryBusy } from './retry.ts';
import { SqliteStore } from './store.ts';

/** Which file, and how it is opened. */
export interface SqliteOptions {
  /** Path; made absolute. Never a URI and never `:memory:`. */
  readonly file: string;
  readonly clock: Clock;
  /** IANA zone of days, fixed when the ledger is made; an existing ledger keeps its own. Default UTC. */
  readonly zone?: string;
  /** Makes the file (mode 0600) and its folder (0700) where they are missing. Default: unless readOnly. */
  readonly create?: boolean;
  readonly readOnly?: boolean;
  /** Makes our tables in a file that holds another program's. */
  readonly init?: boolean;
  /** How long one transaction waits for other processes. Default 5,000. */
  readonly busyTimeoutMs?: number;
  /** Random bytes for the ledger's id. */
  readonly random?: (size: number) => Uint8Array;
}

/**
 * Opens the books in one SQLite file and brings its schema up to date. Throws file_not_found, zone_unknown,
 * store_not_a_database, store_foreign, store_unreachable, store_read_only, store_full, store_busy, schema_newer,
 * schema_changed, runtime_too_old.
 */
export async function openSqlite(options: SqliteOptions): Promise<Store> {
  const file = resolve(options.file);
  const { clock, readOnly = false, zone = 'UTC', busyTimeoutMs = 5000, init = false } = options;
  assertZone(zone);
  prepareFile(file, readOnly ? false : (options.create ?? true));
  let connection: Connection | null = null;
  try {
    const opened = new Connection(file, readOnly);
    connection = opened;
    const attempt = <T>(operation: () => T) => retryBusy(operation, busyTimeoutMs, file);
    await attempt(() => setPragmas(opened));
    assertWalIsSafe(opened);
    const schema = { file, readOnly, init, now: () => clock.now() };
    await attempt(() => appliedMigrations(opened, schema));
    if (!readOnly) await attempt(() => enterWal(opened, file));
    await migrate(opened, schema, attempt);
    const birth = { ledgerId: hexText((options.random ?? randomBytes)(16)), zone, createdAt: clock.now() };
    const facts = await attempt(
      () => readFacts(opened) ?? opened.transaction(() => insertFacts(opened, birth)),
    );
    addFunctions(opened, facts);
    const common = { file, facts, clock, busyTimeoutMs };
    const openView = async () => {
      const view = new Connection(file, true);
      await attempt(() => setPragmas(view));
      addFunctions(view, facts);
      await attempt(() => view.hold());
      return new SqliteStore({ ...common, connection: view, readOnly: true, openView });
    };
    return new SqliteStore({ ...common, connection: opened, readOnly, openView });
  } catch (error) {
    connection?.close();
    throw storeFailure(error, file);
  }
}

/** What our SQL calls and SQLite does not have. */
function addFunctions(connection: Connection, facts: LedgerFacts): void {
  const dayStart = (at: unknown) => dayOf(Number(at), facts.zone).start;
  connection.database.function('nanocent_day', { deterministic: true, directOnly: true }, dayStart);
}

function prepareFile(file: string, create: boolean): void {
  if (existsSync(file)) return;
  if (!create) {
    throw new NanocentError('file_not_found', `There is no ledger ${file}.`, {
      fix: 'Check the path, or let it be made by opening it for writing.',
      data: { file },
    });
  }
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // SQLite gives its -wal and -shm files the mode of the file itself.
    closeSync(openSync(file, 'a', 0o600));
  } catch (cause) {
    const full = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NanocentError(full ? 'store_full' : 'store_unreachable', `${file} cannot be made: ${reason}.`, {
      fix: full ? 'Free space on its disk.' : 'Name a file in a folder that this user may write to.',
      data: { file },
      cause,
    });
  }
}

/** Null in a file whose first opening got no further than its tables. */
function readFacts(connection: Connection): LedgerFacts | null {
  const row = connection.row('SELECT ledger_id, zone, created_at FROM nanocent_meta');
  if (row === undefined) return null;
  return {
    ledgerId: row[0] as string,
    zone: row[1] as string,
    createdAt: Number(row[2]),
    schemaVersion,
  };
}

/** The first process to come this far names the ledger. */
function insertFacts(connection: Connection, birth: Omit<LedgerFacts, 'schemaVersion'>): LedgerFacts {
  const { ledgerId, zone, createdAt } = birth;
  connection.run('INSERT OR IGNORE INTO nanocent_meta VALUES (1, ?, ?, ?, 0)', ledgerId, zone, createdAt);
  return readFacts(connection)!;
}
