import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { NanocentError } from '../../errors/error.ts';
import type { Row, Value } from '../row.ts';

export type { Row, Value } from '../row.ts';

/**
 * One database handle. Statements are prepared once and kept; rows come back as arrays with every integer as bigint,
 * because money may pass 2^53 and a silent rounding would be a lie.
 */
export class Connection {
  readonly database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(file: string, readOnly: boolean) {
    this.database = new DatabaseSync(file, {
      readOnly,
      // Waiting is ours (retry.ts): SQLite's handler would block the thread.
      timeout: 0,
      enableForeignKeyConstraints: false,
      enableDoubleQuotedStringLiterals: false,
      allowExtension: false,
    });
  }

  /** For SQL texts out of a fixed set: each stays prepared until the handle closes. */
  statement(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }

  run(sql: string, ...values: Value[]): void {
    this.statement(sql).run(...values);
  }

  row(sql: string, ...values: Value[]): Row | undefined {
    return this.statement(sql).get(...values) as unknown as Row | undefined;
  }

  rows(sql: string, ...values: Value[]): Row[] {
    return this.statement(sql).all(...values) as unknown as Row[];
  }

  /** For SQL texts that are put together per query: prepared for this once. */
  rowsOnce(sql: string, values: readonly Value[]): Row[] {
    return this.#prepare(sql).all(...values) as unknown as Row[];
  }

  /** Runs SQL without results, several statements too. */
  exec(sql: string): void {
    this.database.exec(sql);
  }

  /**
   * Runs `work` between BEGIN IMMEDIATE and COMMIT; any error rolls back. IMMEDIATE only: a deferred transaction that
   * turns into a writer fails at once with BUSY_SNAPSHOT and cannot be retried.
   */
  transaction<T>(work: () => T): T {
    return this.#between('BEGIN IMMEDIATE', work);
  }

  /** Runs reads that see one state of the file. */
  snapshot<T>(work: () => T): T {
    return this.#between('BEGIN', work);
  }

  close(): void {
    this.#prepared.clear();
    this.database.close();
  }

  /** From here on every read sees the file as it is now; until the handle closes. */
  hold(): void {
    this.run('BEGIN');
    this.row('SELECT count(*) FROM sqlite_schema');
  }

  #between<T>(begin: string, work: () => T): T {
    if (this.database.isTransaction) return work();
    this.run(begin);
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (error) {
      // A full disk may have ended the transaction already.
      if (this.database.isTransaction) this.run('ROLLBACK');
      throw error;
    }
  }

  #prepare(sql: string): StatementSync {
    const statement = this.database.prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    return statement;
  }
}

/** Pages in the log before it is copied into the file: 6,000 × 4 KiB. 4,000–8,000 was 30–40 % faster than 1,000. */
export const walAutocheckpointPages = 6000;

/** Durability settings, set on every handle and read back: a commit that returned must survive a power cut. */
export function setPragmas(connection: Connection): void {
  connection.exec(
    `PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF; PRAGMA wal_autocheckpoint=${walAutocheckpointPages}`,
  );
  for (const { name, wanted } of requiredPragmas) {
    const value = readPragma(connection, name);
    if (value !== wanted) {
      throw new NanocentError('store_unreachable', `PRAGMA ${name} is ${value}, not ${wanted}.`, {
        fix: 'Use the Node that Nanocent is pinned to: this SQLite ignores a setting that the books depend on.',
      });
    }
  }
}

/** Switches to the write-ahead log, which readers do not stop; a file stays in it. */
export function enterWal(connection: Connection, file: string): void {
  if (readPragma(connection, 'journal_mode') === 'wal') return;
  const mode = String(connection.rowsOnce('PRAGMA journal_mode=WAL', [])[0]?.[0]);
  if (mode === 'wal') return;
  throw new NanocentError('store_unreachable', `${file} cannot keep a write-ahead log (mode ${mode}).`, {
    fix: 'Keep it on a local disk, in a folder that this user may write to.',
    data: { file },
  });
}

/** `synchronous` 2 is FULL. */
export const requiredPragmas: readonly { readonly name: string; readonly wanted: string }[] = [
  { name: 'synchronous', wanted: '2' },
  { name: 'trusted_schema', wanted: '0' },
  { name: 'busy_timeout', wanted: '0' },
];

export function readPragma(connection: Connection, name: string): string {
  return String(connection.row(`PRAGMA ${name}`)?.[0]);
}

/**
 * Whether this SQLite's write-ahead log is free of the WAL-reset bug: 3.7.0–3.51.2 can lose committed writes with two
 * connections; mended in 3.51.3, and in 3.44.6 and 3.50.7 (https://www.sqlite.org/wal.html#walresetbug, 2026-11-22).
 */
export function walIsSafe(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major !== 3) return major > 3;
  if (minor === 44) return patch >= 6;
  if (minor === 50) return patch >= 7;
  return minor > 51 || (minor === 51 && patch >= 3);
}

/** Throws runtime_too_old where walIsSafe says no. */
export function assertWalIsSafe(connection: Connection): void {
  const version = String(connection.row('SELECT sqlite_version()')?.[0]);
  if (walIsSafe(version)) return;
  throw new NanocentError('runtime_too_old', `SQLite ${version} can lose committed writes (WAL-reset bug).`, {
    fix: 'Use Node 24.21 or newer: SQLite 3.51.3 mends it.',
    data: { version },
  });
}
