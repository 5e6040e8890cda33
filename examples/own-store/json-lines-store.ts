/** A store of one's own: a ledger in one file of JSON lines, for one process. docs/stores-of-your-own.md walks through it. */
import { randomUUID } from 'node:crypto';
import { NanocentError } from 'nanocent';
import {
  backfillRows,
  entriesPage,
  type Head,
  type Held,
  type LedgerFacts,
  type Machine,
  MemoryDirectory,
  type Names,
  type Store,
  type Touches,
  tasksOf,
  totalsOf,
} from 'nanocent/store/memory';
import { JsonLines } from './json-lines.ts';
import { type Batch, batchOf, Rows } from './rows.ts';

type Clock = { now(): number };
/** What changes beside the books: both logs, and the names of projects and users. */
type Change =
  | 'appendAudit'
  | 'appendPrompts'
  | 'purgePrompts'
  | 'addDirectoryRow'
  | 'replaceDirectoryRow'
  | 'deleteDirectoryRow';

interface Line {
  readonly facts?: LedgerFacts;
  readonly batch?: Batch;
  readonly change?: { readonly name: Change; readonly given: readonly unknown[] };
}

/** Opens the ledger in a file, or makes it. */
export async function openJsonLines(file: string, clock: Clock): Promise<Store> {
  const beside = new MemoryDirectory();
  const rows = new Rows();
  let facts: LedgerFacts | null = null;
  const lines = new JsonLines(file, (value) => {
    const line = value as Line;
    if (line.facts) facts = line.facts;
    if (line.batch) rows.write(line.batch);
    if (line.change) apply(beside, line.change.name, line.change.given);
  });
  if (facts === null) {
    facts = { ledgerId: randomUUID(), zone: 'UTC', createdAt: clock.now(), schemaVersion: 1 };
    lines.append({ facts });
  }
  return new JsonLinesStore({ file, clock, facts, rows, beside, lines });
}

interface Parts {
  readonly file: string;
  readonly clock: Clock;
  readonly facts: LedgerFacts;
  readonly rows: Rows;
  readonly beside: MemoryDirectory;
  /** Null in a view, which only reads. */
  readonly lines: JsonLines | null;
}

class JsonLinesStore implements Store {
  readonly engine = 'json-lines';
  readonly location: string;
  readonly #parts: Parts;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.location = parts.file;
  }

  /**
   * One batch: look, let the ledger decide, keep what it decided on disk, and only then show it and answer. Nothing here
   * waits, so nothing comes between.
   */
  async transact<C, R>(commands: readonly C[], machine: Machine<C, R>): Promise<readonly R[]> {
    const { rows } = this.#parts;
    const head = this.#head(machine.names(commands));
    const plan = machine.decide(commands, head, this.#held(machine.touches(commands, head)));
    const batch = batchOf(plan);
    this.#append({ batch });
    rows.write(batch);
    return plan.results;
  }

  #head(names: Names): Head {
    const { rows, facts } = this.#parts;
    const named = names.reservations.flatMap((id) => rows.reservations.get(id) ?? []);
    const open = [...rows.reservations.values()].filter((row) => names.changesLimits && row.state === 'open');
    return {
      now: this.#now(),
      facts,
      configVersion: rows.configVersion,
      limits: [...rows.limits.values()],
      idempotency: pick(rows.idempotency, names.idempotency),
      reservations: new Map([...open, ...named].map((row) => [row.id, row])),
    };
  }

  #held(touches: Touches): Held {
    const { rows } = this.#parts;
    const all = [...rows.accounts.values()];
    const ofLimits = all.filter(({ limitId }) => touches.accountsOfLimits.includes(limitId));
    const read = (touches.reads ?? []).flatMap(({ key }) => rows.accounts.get(key) ?? []);
    const named = touches.accounts.map(
      (name) => rows.accounts.get(name.key) ?? { ...name, settled: 0n, reserved: 0n },
    );
    return {
      accounts: new Map([...ofLimits, ...read, ...named].map((account) => [account.key, account])),
      tasks: pick(rows.tasks, touches.tasks),
      chain: rows.head,
      backfills: touches.backfills.map((query) => backfillRows(rows.entries, query)),
    };
  }

  /** Never behind an earlier batch, whatever the machine's clock does. */
  #now(): number {
    return Math.max(this.#parts.clock.now(), this.#parts.rows.head.at);
  }

  #append(line: Line): void {
    if (this.#closed) throw new NanocentError('store_closed', 'this ledger has been closed');
    if (!this.#parts.lines) throw new NanocentError('store_read_only', 'a view only reads');
    this.#parts.lines.append(line);
  }

  async view() {
    return new JsonLinesStore({ ...this.#parts, rows: this.#parts.rows.copy(), lines: null });
  }
  async close() {
    if (!this.#closed) this.#parts.lines?.close();
    this.#closed = true;
  }

  async facts() {
    return this.#parts.facts;
  }
  async limits() {
    const { configVersion, limits } = this.#parts.rows;
    return { version: configVersion, limits: [...limits.values()] };
  }
  async entry(id: string) {
    const found = this.#parts.rows.booked.get(id);
    return found ? { entry: found.entry, line: { chain: 1, position: found.position } } : null;
  }
  async entries(query: Parameters<Store['entries']>[0]) {
    return entriesPage(this.#parts.rows.entries, query);
  }
  async totals(query: Parameters<Store['totals']>[0]) {
    return totalsOf(this.#parts.rows.entries, query, this.#parts.facts.zone);
  }
  async entriesById(ids: readonly string[]) {
    return ids.flatMap((id) => this.#parts.rows.booked.get(id)?.entry ?? []);
  }
  async entriesOfLine({ position }: { readonly position: number }) {
    return [...this.#parts.rows.booked.values()].filter((one) => one.position === position);
  }
  async entriesByResponse(ids: readonly string[], between: { readonly from: number; readonly to: number }) {
    return this.#parts.rows.entries.filter(
      ({ at, responseId }) =>
        at >= between.from && at < between.to && responseId !== null && ids.includes(responseId),
    );
  }
  async countEntries() {
    return this.#parts.rows.booked.size;
  }

  async reservation(id: string) {
    return this.#parts.rows.reservations.get(id) ?? null;
  }
  async openReservations(limit: number) {
    const open = [...this.#parts.rows.reservations.values()].filter(({ state }) => state === 'open');
    return open.sort((left, right) => left.expiresAt - right.expiresAt).slice(0, limit);
  }
  async dueReservations(limit: number) {
    const now = this.#now();
    const open = await this.openReservations(Number.POSITIVE_INFINITY);
    const due = open.filter(({ expiresAt }) => expiresAt <= now);
    return { now, ids: due.slice(0, limit).map(({ id }) => id) };
  }

  async task(key: string) {
    return this.#parts.rows.tasks.get(key) ?? null;
  }
  async tasks(filter: Parameters<Store['tasks']>[0]) {
    return tasksOf([...this.#parts.rows.tasks.values()], filter);
  }
  async dueTasks(kind: string, limit: number) {
    const now = this.#now();
    const due = [...this.#parts.rows.tasks.values()].filter(
      (task) => task.kind === kind && task.dueAt !== null && task.dueAt <= now,
    );
    due.sort((left, right) => left.dueAt! - right.dueAt! || (left.key < right.key ? -1 : 1));
    return { now, tasks: due.slice(0, limit) };
  }

  async accounts(keys: readonly string[]) {
    return [...pick(this.#parts.rows.accounts, keys).values()];
  }
  async endedAccounts(bounds: Parameters<Store['endedAccounts']>[0], limit: number) {
    const ended = [...this.#parts.rows.accounts.values()].filter(
      ({ limitId, windowEnd, reserved }) =>
        reserved === 0n &&
        windowEnd !== null &&
        bounds.some(({ limitIds, before }) => windowEnd <= before && limitIds.includes(limitId)),
    );
    return ended.slice(0, limit);
  }
  async scanAccounts(after: string | null, limit: number) {
    return pageAfter(this.#parts.rows.accounts, after, limit);
  }
  async scanReservations(after: string | null, limit: number) {
    return pageAfter(this.#parts.rows.reservations, after, limit);
  }
  async idempotency(names: readonly string[]) {
    return [...pick(this.#parts.rows.idempotency, names).values()];
  }

  async lines(after: { readonly position: number }, limit: number) {
    const next = this.#parts.rows.lines.filter(({ position }) => position > after.position);
    return next.slice(0, limit).map(({ body }) => body);
  }
  async line(at: { readonly position: number }) {
    return this.#parts.rows.lines.find(({ position }) => position === at.position)?.body ?? null;
  }
  async links(after: { readonly number: number }, limit: number) {
    return this.#parts.rows.links.slice(after.number, after.number + limit);
  }
  async chainHeads() {
    return [this.#parts.rows.head];
  }
  async purges() {
    return this.#parts.rows.purges;
  }
  /** Totals are added up each time: there are no sums on disk that could differ. */
  async compareRollups() {
    return [];
  }
  async inspect() {
    return [
      { name: 'file', ok: true, detail: `${this.location}, synced after every batch; for one process` },
    ];
  }
  async select(): Promise<never> {
    throw new NanocentError('query_forbidden', 'this store has no SQL', { fix: 'use the SQLite store' });
  }

  async auditRows(query: Parameters<Store['auditRows']>[0]) {
    return this.#parts.beside.auditRows(query);
  }
  async promptRows(query: Parameters<Store['promptRows']>[0]) {
    return this.#parts.beside.promptRows(query);
  }
  async directoryRow(...which: Parameters<Store['directoryRow']>) {
    return this.#parts.beside.directoryRow(...which);
  }
  async directoryRows(...which: Parameters<Store['directoryRows']>) {
    return this.#parts.beside.directoryRows(...which);
  }
  appendAudit = this.#change('appendAudit');
  appendPrompts = this.#change('appendPrompts');
  purgePrompts = this.#change('purgePrompts');
  addDirectoryRow = this.#change('addDirectoryRow');
  replaceDirectoryRow = this.#change('replaceDirectoryRow');
  deleteDirectoryRow = this.#change('deleteDirectoryRow');

  /** On disk first, then done. */
  #change<Name extends Change>(name: Name): Store[Name] {
    const changed = async (...given: readonly unknown[]) => {
      this.#append({ change: { name, given } });
      return apply(this.#parts.beside, name, given);
    };
    return changed as Store[Name];
  }
}

function apply(beside: MemoryDirectory, name: Change, given: readonly unknown[]): unknown {
  return (beside[name] as (...given: readonly unknown[]) => unknown).apply(beside, [...given]);
}

function pick<Row>(rows: ReadonlyMap<string, Row>, keys: readonly string[]): Map<string, Row> {
  return new Map(keys.flatMap((key) => (rows.has(key) ? [[key, rows.get(key)!]] : [])));
}

function pageAfter<Row>(rows: ReadonlyMap<string, Row>, after: string | null, limit: number): Row[] {
  const keys = [...rows.keys()].filter((key) => after === null || key > after).sort();
  return keys.slice(0, limit).map((key) => rows.get(key)!);
}
