import { NanocentError } from '../../errors/error.ts';
import type { Clock } from '../../time/clock.ts';
import type { DirectoryKind, DirectoryRow } from '../directory.ts';
import { entryOf, lineOf } from '../entry-codec.ts';
import { hexBytes } from '../ids.ts';
import type { AuditQuery, AuditRow, PromptPurge, PromptQuery, PromptRow } from '../log.ts';
import type { EndedBound, Head, Held, LedgerFacts, Machine, Names, Store, Touches } from '../port.ts';
import { reservationOf } from '../reservation-codec.ts';
import { accountColumns, accountOf } from '../row-codecs.ts';
import { backfill } from './backfill.ts';
import { compareRollups } from './compare-rollups.ts';
import type { Connection } from './connection.ts';
import {
  addDirectoryRow,
  deleteDirectoryRow,
  findDirectoryRow,
  findDirectoryRows,
  replaceDirectoryRow,
} from './directory.ts';
import { storeFailure } from './failure.ts';
import { inspect } from './inspect.ts';
import {
  loadAccounts,
  loadChainHead,
  loadConfigVersion,
  loadDueIds,
  loadEndedAccounts,
  loadHighestReservationId,
  loadIdempotency,
  loadLimits,
  loadOpenReservations,
  loadReservation,
} from './load.ts';
import { appendAudit, appendPrompts, findAudit, findPrompts, purgePrompts } from './logs.ts';
import {
  afterBytes,
  entriesById,
  entriesByResponse,
  entriesOfLine,
  entriesPage,
  entryRow,
  lineBooking,
} from './reads.ts';
import { retryBusy } from './retry.ts';
import { chain, linkColumns, linkOf, reservationReads } from './row-codecs.ts';
import { RowMemory } from './row-memory.ts';
import { findTasks, loadDueTasks, loadTask, loadTasks } from './tasks.ts';
import { totals } from './totals.ts';
import { Turns } from './turns.ts';
import { writePlan } from './write-plan.ts';

export interface SqliteStoreOptions {
  readonly file: string;
  readonly connection: Connection;
  readonly facts: LedgerFacts;
  readonly clock: Clock;
  readonly readOnly: boolean;
  readonly busyTimeoutMs: number;
  /** Another handle on the same file that sees it as it is at that moment. */
  readonly openView: () => Promise<Store>;
}

/**
 * The books in one SQLite file. One connection does everything: a transaction runs from BEGIN to COMMIT without giving
 * up the thread, so no read can fall into it, and its page cache is warm for both. Only `select` works elsewhere.
 */
export class SqliteStore implements Store {
  readonly engine = 'sqlite';
  readonly location: string;
  readonly #connection: Connection;
  readonly #facts: LedgerFacts;
  readonly #clock: Clock;
  readonly #readOnly: boolean;
  readonly #busyTimeoutMs: number;
  readonly #openView: SqliteStoreOptions['openView'];
  #rules: { readonly version: number; readonly limits: Head['limits'] } | null = null;
  readonly #memory = new RowMemory();
  readonly #turns = new Turns();
  #closed = false;

  constructor(options: SqliteStoreOptions) {
    this.location = options.file;
    this.#connection = options.connection;
    this.#facts = options.facts;
    this.#clock = options.clock;
    this.#readOnly = options.readOnly;
    this.#busyTimeoutMs = options.busyTimeoutMs;
    this.#openView = options.openView;
  }

  async transact<C, R>(commands: readonly C[], machine: Machine<C, R>): Promise<readonly R[]> {
    if (this.#readOnly) {
      throw new NanocentError('store_read_only', `${this.location} was opened for reading only.`, {
        fix: 'Open it without readOnly to book something.',
      });
    }
    const results = await this.#attempt(() => this.#transaction(commands, machine));
    await this.#turns.end();
    return results;
  }

  #transaction<C, R>(commands: readonly C[], machine: Machine<C, R>): readonly R[] {
    const names = machine.names(commands);
    try {
      const { plan, now } = this.#connection.transaction(() => {
        this.#turns.begin(this.#memory.sync(this.#connection));
        const { head, held, existing } = this.#load(names, (loaded) => machine.touches(commands, loaded));
        const decided = machine.decide(commands, head, held);
        writePlan(this.#connection, decided, { head, zone: this.#facts.zone, existing });
        return { plan: decided, now: head.now };
      });
      this.#memory.keep(plan, now);
      return plan.results;
    } catch (error) {
      this.#memory.forget();
      throw error;
    }
  }

  #load(
    names: Names,
    touchesOf: (head: Head) => Touches,
  ): { head: Head; held: Held; existing: ReadonlySet<string> } {
    const connection = this.#connection;
    const rules = this.#loadRules();
    const memory = this.#memory;
    memory.chainHead ??= loadChainHead(connection);
    const { chainHead } = memory;
    const reservations = names.changesLimits ? loadOpenReservations(connection, Number.MAX_SAFE_INTEGER) : [];
    memory.highestReservationId ??= loadHighestReservationId(connection);
    for (const id of names.reservations) {
      if (id > memory.highestReservationId) continue;
      const row = memory.reservations.get(id) ?? loadReservation(connection, id);
      if (row !== null) reservations.push(row);
    }
    const head: Head = {
      now: Math.max(this.#clock.now(), chainHead.at),
      facts: this.#facts,
      configVersion: rules.version,
      limits: rules.limits,
      idempotency: loadIdempotency(connection, names.idempotency),
      reservations: new Map(reservations.map((row) => [row.id, row])),
    };
    const touches = touchesOf(head);
    const { accounts, existing } = loadAccounts(connection, touches, memory);
    const tasks = loadTasks(connection, touches.tasks);
    const backfills = touches.backfills.map((query) => backfill(connection, query));
    return { head, held: { accounts, chain: chainHead, backfills, tasks }, existing };
  }

  /** Limits are read again whenever another transaction changed them; between changes they are remembered. */
  #loadRules(): { readonly version: number; readonly limits: Head['limits'] } {
    const version = loadConfigVersion(this.#connection);
    if (this.#rules?.version !== version) this.#rules = { version, limits: loadLimits(this.#connection) };
    return this.#rules;
  }

  async view(): Promise<Store> {
    this.#assertOpen();
    try {
      return await this.#openView();
    } catch (error) {
      throw storeFailure(error, this.location);
    }
  }

  limits() {
    return this.#snapshot(() => this.#loadRules());
  }

  async facts() {
    return this.#facts;
  }

  entry(id: string) {
    return this.#attempt(() => {
      const row = entryRow(this.#connection, id);
      if (row === undefined) return null;
      const position = lineBooking(this.#connection, lineOf(row));
      return { entry: entryOf(row), line: { chain, position } };
    });
  }

  entries(query: Parameters<Store['entries']>[0]) {
    return this.#attempt(() => entriesPage(this.#connection, query));
  }

  totals(query: Parameters<Store['totals']>[0]) {
    return this.#snapshot(() => totals(this.#connection, query, this.#facts.zone));
  }

  reservation(id: string) {
    return this.#attempt(() => loadReservation(this.#connection, id));
  }

  dueReservations(limit: number) {
    return this.#snapshot(() => {
      const now = Math.max(this.#clock.now(), loadChainHead(this.#connection).at);
      return { now, ids: loadDueIds(this.#connection, now, limit) };
    });
  }

  openReservations(limit: number) {
    return this.#attempt(() => loadOpenReservations(this.#connection, limit));
  }

  task(key: string) {
    return this.#attempt(() => loadTask(this.#connection, key));
  }

  dueTasks(kind: string, limit: number) {
    return this.#snapshot(() => {
      const now = Math.max(this.#clock.now(), loadChainHead(this.#connection).at);
      return { now, tasks: loadDueTasks(this.#connection, kind, now, limit) };
    });
  }

  tasks(filter: Parameters<Store['tasks']>[0]) {
    return this.#attempt(() => findTasks(this.#connection, filter));
  }

  accounts(keys: readonly string[]) {
    const sql = `SELECT ${accountColumns} FROM nanocent_accounts WHERE key = ?`;
    return this.#snapshot(() =>
      keys.flatMap((key) => {
        const row = this.#connection.row(sql, hexBytes(key));
        return row === undefined ? [] : [accountOf(row)];
      }),
    );
  }

  endedAccounts(bounds: readonly EndedBound[], limit: number) {
    return this.#snapshot(() => loadEndedAccounts(this.#connection, bounds, limit));
  }

  lines(after: { readonly chain: number; readonly position: number }, limit: number) {
    const sql = 'SELECT body FROM nanocent_journal WHERE position > ? ORDER BY position LIMIT ?';
    return this.#attempt(() =>
      after.chain === chain
        ? this.#connection.rows(sql, after.position, limit).map((row) => row[0] as string)
        : [],
    );
  }

  line(at: { readonly chain: number; readonly position: number }) {
    const sql = 'SELECT body FROM nanocent_journal WHERE position = ?';
    return this.#attempt(() => {
      const row = at.chain === chain ? this.#connection.row(sql, at.position) : undefined;
      return row === undefined ? null : (row[0] as string);
    });
  }

  links(after: { readonly chain: number; readonly number: number }, limit: number) {
    const sql = `SELECT ${linkColumns} FROM nanocent_links WHERE number > ? ORDER BY number LIMIT ?`;
    return this.#attempt(() =>
      after.chain === chain ? this.#connection.rows(sql, after.number, limit).map(linkOf) : [],
    );
  }

  chainHeads() {
    return this.#attempt(() => [loadChainHead(this.#connection)]);
  }

  purges() {
    const sql = 'SELECT position FROM nanocent_purges ORDER BY position';
    return this.#attempt(() =>
      this.#connection.rows(sql).map((row) => ({ chain, position: Number(row[0]) })),
    );
  }

  scanAccounts(afterKey: string | null, limit: number) {
    const sql = `SELECT ${accountColumns} FROM nanocent_accounts WHERE key > ? ORDER BY key LIMIT ?`;
    return this.#attempt(() => this.#connection.rows(sql, afterBytes(afterKey), limit).map(accountOf));
  }

  scanReservations(afterId: string | null, limit: number) {
    const sql = `SELECT ${reservationReads} FROM nanocent_reservations WHERE id > ? ORDER BY id LIMIT ?`;
    return this.#attempt(() => this.#connection.rows(sql, afterBytes(afterId), limit).map(reservationOf));
  }

  entriesById(ids: readonly string[]) {
    return this.#snapshot(() => entriesById(this.#connection, ids));
  }

  entriesOfLine(line: { readonly chain: number; readonly position: number }, rows: number) {
    return this.#attempt(() =>
      line.chain === chain ? entriesOfLine(this.#connection, line.position, rows) : [],
    );
  }

  idempotency(names: readonly string[]) {
    return this.#snapshot(() => [...loadIdempotency(this.#connection, names).values()]);
  }

  entriesByResponse(responseIds: readonly string[], between: { readonly from: number; readonly to: number }) {
    return this.#attempt(() => entriesByResponse(this.#connection, responseIds, between));
  }

  countEntries() {
    return this.#attempt(() => Number(this.#connection.row('SELECT count(*) FROM nanocent_entries')![0]));
  }

  compareRollups(limit: number) {
    return this.#snapshot(() => compareRollups(this.#connection, this.#facts.zone, limit));
  }

  async appendAudit(rows: readonly AuditRow[]) {
    await this.#write(() => appendAudit(this.#connection, rows));
  }

  auditRows(query: AuditQuery) {
    return this.#attempt(() => findAudit(this.#connection, query));
  }

  async appendPrompts(rows: readonly PromptRow[]) {
    await this.#write(() => appendPrompts(this.#connection, rows));
  }

  promptRows(query: PromptQuery) {
    return this.#attempt(() => findPrompts(this.#connection, query));
  }

  purgePrompts(purge: PromptPurge) {
    return this.#write(() => purgePrompts(this.#connection, purge));
  }

  directoryRow(kind: DirectoryKind, name: string) {
    return this.#attempt(() => findDirectoryRow(this.#connection, kind, name));
  }

  directoryRows(kind: DirectoryKind, after: string | null, limit: number) {
    return this.#attempt(() => findDirectoryRows(this.#connection, kind, after, limit));
  }

  addDirectoryRow(row: DirectoryRow) {
    return this.#write(() => addDirectoryRow(this.#connection, row));
  }

  replaceDirectoryRow(name: string, version: number, row: DirectoryRow) {
    return this.#write(() => replaceDirectoryRow(this.#connection, name, version, row));
  }

  deleteDirectoryRow(kind: DirectoryKind, name: string) {
    return this.#write(() => deleteDirectoryRow(this.#connection, kind, name));
  }

  inspect() {
    return this.#attempt(() => inspect(this.#connection, this.location));
  }

  async select(sql: string, bounds: Parameters<Store['select']>[1]) {
    this.#assertOpen();
    // Few commands need it, and starting processes costs 5 ms to load.
    const { select } = await import('./select.ts');
    return select(this.location, sql, bounds);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  /** Several statements that see one state of the file. */
  #snapshot<T>(work: () => T): Promise<T> {
    return this.#attempt(() => this.#connection.snapshot(work));
  }

  /** A transaction beside the books. */
  #write<T>(work: () => T): Promise<T> {
    return this.#attempt(() => this.#connection.transaction(work));
  }

  /** Waits for other processes, and turns SQLite's errors into ours. */
  async #attempt<T>(operation: () => T): Promise<T> {
    try {
      const guarded = () => {
        this.#assertOpen();
        return operation();
      };
      return await retryBusy(guarded, this.#busyTimeoutMs, this.location);
    } catch (error) {
      throw storeFailure(error, this.location);
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new NanocentError('store_closed', `${this.location} has been closed.`);
  }
}
