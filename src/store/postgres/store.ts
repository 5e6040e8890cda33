import { NanocentError } from '../../errors/error.ts';
import type { DirectoryKind, DirectoryRow } from '../directory.ts';
import { hexBytes } from '../ids.ts';
import type { AuditQuery, AuditRow, PromptPurge, PromptQuery, PromptRow } from '../log.ts';
import type { LedgerFacts, Machine, Store } from '../port.ts';
import { reservationOf } from '../reservation-codec.ts';
import { accountColumns, accountOf } from '../row-codecs.ts';
import { retryWhole } from '../server/retry.ts';
import { Batches } from './batch.ts';
import { compareRollups } from './compare-rollups.ts';
import type { Connections, Session } from './connection.ts';
import {
  addDirectoryRow,
  deleteDirectoryRow,
  findDirectoryRow,
  findDirectoryRows,
  replaceDirectoryRow,
} from './directory.ts';
import { isWorthRetrying, storeFailure } from './failure.ts';
import { inspect } from './inspect.ts';
import {
  linkColumns,
  linkOf,
  loadChainHeads,
  loadClock,
  loadConfigVersion,
  loadDueIds,
  loadEndedAccounts,
  loadIdempotency,
  loadLimits,
  loadOpenReservations,
  loadReservation,
  reservationReads,
} from './load.ts';
import { findAudit, findPrompts, purgePrompts, sendAudit, sendPrompts } from './logs.ts';
import { entriesById, entriesByResponse, entriesOfLine, entriesPage, entryWithLine } from './reads.ts';
import { select } from './select.ts';
import { findTasks, loadDueTasks, loadTask } from './tasks.ts';
import { totals } from './totals.ts';

export interface PostgresStoreOptions {
  /** Fit for showing. */
  readonly place: string;
  readonly connections: Connections;
  readonly facts: LedgerFacts;
  readonly now: (serverNow: number) => number;
  readonly random: () => number;
  readonly readOnly: boolean;
  /** A moment that all reads see, for a view; without it each read sees its own. */
  readonly held?: { readonly session: Session; end(): void };
}

/** The books in a schema of a PostgreSQL database, shared by any number of processes. Nothing is remembered but the rules. */
export class PostgresStore implements Store {
  readonly engine = 'postgres';
  readonly location: string;
  readonly #options: PostgresStoreOptions;
  readonly #batches: Batches;
  #closed = false;

  constructor(options: PostgresStoreOptions) {
    this.location = options.place;
    this.#options = options;
    this.#batches = new Batches(options);
  }

  async transact<C, R>(commands: readonly C[], machine: Machine<C, R>): Promise<readonly R[]> {
    if (this.#options.readOnly) {
      throw new NanocentError('store_read_only', `${this.location} was opened for reading only.`, {
        fix: 'Open it without readOnly to book something.',
      });
    }
    return this.#guard(() => this.#batches.transact(commands, machine));
  }

  view(): Promise<Store> {
    return this.#guard(async () => {
      const held = await this.#options.connections.hold();
      return new PostgresStore({ ...this.#options, held, readOnly: true });
    });
  }

  limits() {
    return this.#read(async (session) => {
      const [version, limits] = await Promise.all([loadConfigVersion(session), loadLimits(session)]);
      return { version, limits };
    });
  }

  async facts() {
    return this.#options.facts;
  }

  entry(id: string) {
    return this.#read((session) => entryWithLine(session, id));
  }

  entries(query: Parameters<Store['entries']>[0]) {
    return this.#read((session) => entriesPage(session, query));
  }

  totals(query: Parameters<Store['totals']>[0]) {
    return this.#read((session) => totals(session, query, this.#options.facts.zone));
  }

  reservation(id: string) {
    return this.#read((session) => loadReservation(session, id));
  }

  dueReservations(limit: number) {
    return this.#read(async (session) => {
      const now = await this.#nowOf(session);
      return { now, ids: await loadDueIds(session, now, limit) };
    });
  }

  openReservations(limit: number) {
    return this.#read((session) => loadOpenReservations(session, limit));
  }

  task(key: string) {
    return this.#read((session) => loadTask(session, key));
  }

  dueTasks(kind: string, limit: number) {
    return this.#read(async (session) => {
      const now = await this.#nowOf(session);
      return { now, tasks: await loadDueTasks(session, kind, now, limit) };
    });
  }

  tasks(filter: Parameters<Store['tasks']>[0]) {
    return this.#read((session) => findTasks(session, filter));
  }

  accounts(keys: readonly string[]) {
    const sql = `SELECT ${accountColumns} FROM nanocent_accounts WHERE key = ANY ($1::bytea[])`;
    return this.#read(async (session) => {
      const rows = (await session.rows(sql, keys.map(hexBytes))).map(accountOf);
      const found = new Map(rows.map((account) => [account.key, account]));
      return keys.flatMap((key) => found.get(key) ?? []);
    });
  }

  endedAccounts(bounds: Parameters<Store['endedAccounts']>[0], limit: number) {
    return this.#read((session) => loadEndedAccounts(session, bounds, limit));
  }

  lines(after: { readonly chain: number; readonly position: number }, limit: number) {
    const sql =
      'SELECT body FROM nanocent_journal WHERE chain = $1 AND position > $2 ORDER BY position LIMIT $3';
    return this.#read(async (session) =>
      (await session.rows(sql, after.chain, after.position, limit)).map((row) => row[0] as string),
    );
  }

  line(at: { readonly chain: number; readonly position: number }) {
    const sql = 'SELECT body FROM nanocent_journal WHERE chain = $1 AND position = $2';
    return this.#read(async (session) => {
      const row = await session.row(sql, at.chain, at.position);
      return row === undefined ? null : (row[0] as string);
    });
  }

  links(after: { readonly chain: number; readonly number: number }, limit: number) {
    const sql = `SELECT ${linkColumns} FROM nanocent_links WHERE chain = $1 AND number > $2 ORDER BY number LIMIT $3`;
    return this.#read(async (session) =>
      (await session.rows(sql, after.chain, after.number, limit)).map(linkOf),
    );
  }

  chainHeads() {
    return this.#read(loadChainHeads);
  }

  purges() {
    const sql = 'SELECT chain, position FROM nanocent_purges ORDER BY chain, position';
    return this.#read(async (session) =>
      (await session.rows(sql)).map((row) => ({ chain: Number(row[0]), position: Number(row[1]) })),
    );
  }

  scanAccounts(afterKey: string | null, limit: number) {
    const sql = `SELECT ${accountColumns} FROM nanocent_accounts WHERE key > $1 ORDER BY key LIMIT $2`;
    return this.#read(async (session) =>
      (await session.rows(sql, hexBytes(afterKey ?? ''), limit)).map(accountOf),
    );
  }

  scanReservations(afterId: string | null, limit: number) {
    const sql = `SELECT ${reservationReads} FROM nanocent_reservations WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2`;
    return this.#read(async (session) => (await session.rows(sql, afterId, limit)).map(reservationOf));
  }

  entriesById(ids: readonly string[]) {
    return this.#read((session) => entriesById(session, ids));
  }

  entriesOfLine(line: { readonly chain: number; readonly position: number }, rows: number) {
    return this.#read((session) => entriesOfLine(session, line, rows));
  }

  idempotency(names: readonly string[]) {
    return this.#read((session) => loadIdempotency(session, names));
  }

  entriesByResponse(responseIds: readonly string[], between: { readonly from: number; readonly to: number }) {
    return this.#read((session) => entriesByResponse(session, responseIds, between));
  }

  countEntries() {
    return this.#read(async (session) =>
      Number((await session.row('SELECT count(*) FROM nanocent_entries'))![0]),
    );
  }

  compareRollups(limit: number) {
    return this.#read((session) => compareRollups(session, this.#options.facts.zone, limit));
  }

  async appendAudit(rows: readonly AuditRow[]) {
    await this.#write(async (session) => sendAudit(session, rows));
  }

  auditRows(query: AuditQuery) {
    return this.#read((session) => findAudit(session, query));
  }

  async appendPrompts(rows: readonly PromptRow[]) {
    await this.#write(async (session) => sendPrompts(session, rows));
  }

  promptRows(query: PromptQuery) {
    return this.#read((session) => findPrompts(session, query));
  }

  purgePrompts(purge: PromptPurge) {
    return this.#write((session) => purgePrompts(session, purge));
  }

  directoryRow(kind: DirectoryKind, name: string) {
    return this.#read((session) => findDirectoryRow(session, kind, name));
  }

  directoryRows(kind: DirectoryKind, after: string | null, limit: number) {
    return this.#read((session) => findDirectoryRows(session, kind, after, limit));
  }

  addDirectoryRow(row: DirectoryRow) {
    return this.#write((session) => addDirectoryRow(session, row));
  }

  replaceDirectoryRow(name: string, version: number, row: DirectoryRow) {
    return this.#write((session) => replaceDirectoryRow(session, name, version, row));
  }

  deleteDirectoryRow(kind: DirectoryKind, name: string) {
    return this.#write((session) => deleteDirectoryRow(session, kind, name));
  }

  inspect() {
    return this.#read(inspect);
  }

  select(sql: string, bounds: Parameters<Store['select']>[1]) {
    return this.#guard(() => select(this.#options.connections, sql, bounds));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#options.held) this.#options.held.end();
    else await this.#options.connections.close();
  }

  async #nowOf(session: Session): Promise<number> {
    const { server, latest } = await loadClock(session);
    return Math.max(this.#options.now(server), latest);
  }

  /** Several questions that see one moment. */
  #read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const { held, connections } = this.#options;
    return this.#guard(() =>
      held ? work(held.session) : retryWhole(() => connections.snapshot(work), isWorthRetrying),
    );
  }

  #write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#guard(() => this.#options.connections.transaction('write', work));
  }

  /** Turns the driver's errors into ours. */
  async #guard<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new NanocentError('store_closed', `${this.location} has been closed.`);
    try {
      return await operation();
    } catch (error) {
      throw storeFailure(error, this.location);
    }
  }
}
