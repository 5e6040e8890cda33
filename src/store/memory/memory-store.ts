import { NanocentError } from '../../errors/error.ts';
import type { Account } from '../../ledger/account.ts';
import { type ChainHead, decodeLine, genesisHash, type LineRef, type Link } from '../../ledger/journal.ts';
import type { Reservation } from '../../ledger/reservation.ts';
import type { Limit } from '../../limits/limit.ts';
import type { Entry } from '../entry.ts';
import { entryIn } from '../entry-columns.ts';
import type {
  EndedBound,
  Head,
  Held,
  IdempotencyRow,
  LedgerFacts,
  Machine,
  Names,
  Plan,
  PlannedBundle,
  Store,
  Touches,
} from '../port.ts';
import type { Task, TaskFilter } from '../task.ts';
import { JournalLines } from './journal-lines.ts';
import { MemoryDirectory } from './memory-directory.ts';
import { backfillRows, entriesPage, tasksOf, totalsOf } from './memory-reads.ts';

/** What a ledger in memory needs from outside. */
export interface MemoryOptions {
  readonly clock: { now(): number };
  readonly ledgerId: string;
  /** IANA zone of days; UTC when absent. */
  readonly zone?: string;
}

/** Everything in Maps, for tests and throw-away runs: the same machine, no durability. */
export function openMemory(options: MemoryOptions): Store {
  return new MemoryStore(options);
}

interface Booked {
  readonly entry: Entry;
  /** Of its line, and its place among the rows of that line. */
  readonly position: number;
  readonly row: number;
}

class MemoryStore extends MemoryDirectory implements Store {
  readonly engine = 'memory';
  readonly location = 'memory';
  readonly #clock: MemoryOptions['clock'];
  readonly #facts: LedgerFacts;
  readonly #accounts = new Map<string, Account>();
  readonly #reservations = new Map<string, Reservation>();
  readonly #entries = new Map<string, Booked>();
  readonly #idempotency = new Map<string, IdempotencyRow>();
  readonly #lines = new JournalLines();
  readonly #links: Link[] = [];
  readonly #limits = new Map<number, Limit>();
  readonly #tasks = new Map<string, Task>();
  #configVersion = 0;
  readonly #purges: LineRef[] = [];
  #closed = false;

  constructor(options: MemoryOptions) {
    super();
    this.#clock = options.clock;
    this.#facts = {
      ledgerId: options.ledgerId,
      zone: options.zone ?? 'UTC',
      createdAt: options.clock.now(),
      schemaVersion: 1,
    };
  }

  async transact<C, R>(commands: readonly C[], machine: Machine<C, R>): Promise<readonly R[]> {
    if (this.#closed) throw new NanocentError('store_closed', 'this ledger has been closed');
    const head = this.#head(machine.names(commands));
    const plan = machine.decide(commands, head, this.#held(machine.touches(commands, head)));
    this.#write(plan);
    return plan.results;
  }

  #head(names: Names): Head {
    const chain = this.#chainHead();
    const reservations = names.changesLimits
      ? [...this.#reservations.values()].filter((row) => row.state === 'open')
      : [];
    for (const id of names.reservations) {
      const row = this.#reservations.get(id);
      if (row) reservations.push(row);
    }
    return {
      now: Math.max(this.#clock.now(), chain.at),
      facts: this.#facts,
      configVersion: this.#configVersion,
      limits: [...this.#limits.values()],
      idempotency: new Map(
        names.idempotency.flatMap((name) => {
          const row = this.#idempotency.get(name);
          return row ? [[name, row]] : [];
        }),
      ),
      reservations: new Map(reservations.map((row) => [row.id, row])),
    };
  }

  #held(touches: Touches): Held {
    const ofLimits = [...this.#accounts.values()].filter(({ limitId }) =>
      touches.accountsOfLimits.includes(limitId),
    );
    const read = (touches.reads ?? []).flatMap(({ key }) => this.#accounts.get(key) ?? []);
    const named = touches.accounts.map(
      (name) => this.#accounts.get(name.key) ?? { ...name, settled: 0n, reserved: 0n },
    );
    return {
      accounts: new Map([...ofLimits, ...read, ...named].map((account) => [account.key, account])),
      tasks: new Map(
        touches.tasks.flatMap((key) => {
          const task = this.#tasks.get(key);
          return task ? [[key, task]] : [];
        }),
      ),
      chain: this.#chainHead(),
      backfills: touches.backfills.map((query) => backfillRows(this.#allEntries(), query)),
    };
  }

  #write<R>(plan: Plan<R>): void {
    for (const account of plan.accounts) this.#accounts.set(account.key, account);
    for (const key of plan.prunes ?? []) this.#accounts.delete(key);
    for (const { row } of plan.reservations) this.#reservations.set(row.id, row);
    const positions = new Map(plan.lines.map((line) => [line.entryId, line.position]));
    for (const entry of plan.entries)
      this.#entries.set(entry.id, { entry, position: positions.get(entry.id)!, row: 0 });
    if (plan.bundle) this.#writeBundle(plan.bundle);
    for (const line of plan.lines) this.#lines.add(line.position, line.body);
    if (plan.link) this.#links.push(plan.link);
    for (const row of plan.idempotency) this.#idempotency.set(row.name, row);
    for (const name of plan.forgets) this.#idempotency.delete(name);
    for (const limit of plan.limits) this.#limits.set(limit.id, limit);
    if (plan.limits.length > 0) this.#configVersion += 1;
    if (plan.purgeBefore !== null) this.#purge(plan.purgeBefore, plan.link!);
    for (const task of plan.tasks.rows) this.#tasks.set(task.key, task);
    for (const task of plan.tasks.onlyNew) if (!this.#tasks.has(task.key)) this.#tasks.set(task.key, task);
    for (const key of plan.tasks.ended) this.#tasks.delete(key);
  }

  #writeBundle({ rows, chosen, firstLine, recordedAt }: PlannedBundle): void {
    for (const [row, index] of chosen.entries()) {
      const entry = entryIn(rows, index, recordedAt);
      this.#entries.set(entry.id, { entry, position: firstLine, row });
    }
  }

  /** A purge rides with other writes: its line is one of the link's. */
  #purge(before: number, link: Link): void {
    for (let position = link.firstPosition; position <= link.lastPosition; position++) {
      const body = this.#lines.at(position);
      if (body !== null && decodeLine(1, body).kind === 'purge') this.#purges.push({ chain: 1, position });
    }
    for (const [id, { entry }] of this.#entries) if (entry.at < before) this.#entries.delete(id);
    for (const [id, row] of this.#reservations) {
      if (row.state === 'open' || row.createdAt >= before) continue;
      this.#reservations.set(id, { ...row, draft: null, attributes: {} });
    }
  }

  #chainHead(): ChainHead {
    const last = this.#links.at(-1);
    if (!last) return { chain: 1, position: 0, number: 0, hash: genesisHash, at: 0 };
    return { chain: 1, position: last.lastPosition, number: last.number, hash: last.hash, at: last.at };
  }

  #allEntries(): Entry[] {
    return [...this.#entries.values()].map(({ entry }) => entry);
  }

  async view() {
    const copy = new MemoryStore({
      clock: this.#clock,
      ledgerId: this.#facts.ledgerId,
      zone: this.#facts.zone,
    });
    copy.#take(this);
    return copy;
  }

  #take(other: MemoryStore): void {
    for (const [key, row] of other.#accounts) this.#accounts.set(key, row);
    for (const [id, row] of other.#reservations) this.#reservations.set(id, row);
    for (const [id, row] of other.#entries) this.#entries.set(id, row);
    for (const [name, row] of other.#idempotency) this.#idempotency.set(name, row);
    for (const [id, row] of other.#limits) this.#limits.set(id, row);
    for (const [key, row] of other.#tasks) this.#tasks.set(key, row);
    this.#lines.addAll(other.#lines);
    this.#links.push(...other.#links);
    this.#purges.push(...other.#purges);
    this.#configVersion = other.#configVersion;
  }

  async limits() {
    return { version: this.#configVersion, limits: [...this.#limits.values()] };
  }
  async facts() {
    return this.#facts;
  }
  async entry(id: string) {
    const found = this.#entries.get(id);
    return found ? { entry: found.entry, line: { chain: 1, position: found.position } } : null;
  }
  async entries(query: Parameters<Store['entries']>[0]) {
    return entriesPage(this.#allEntries(), query);
  }
  async totals(query: Parameters<Store['totals']>[0]) {
    return totalsOf(this.#allEntries(), query, this.#facts.zone);
  }
  async reservation(id: string) {
    return this.#reservations.get(id) ?? null;
  }
  async dueReservations(limit: number) {
    const now = Math.max(this.#clock.now(), this.#chainHead().at);
    const due = (await this.openReservations(Number.POSITIVE_INFINITY)).filter((row) => row.expiresAt <= now);
    return { now, ids: due.slice(0, limit).map((row) => row.id) };
  }
  async openReservations(limit: number) {
    const open = [...this.#reservations.values()].filter((row) => row.state === 'open');
    return open.sort((left, right) => left.expiresAt - right.expiresAt).slice(0, limit);
  }
  async task(key: string) {
    return this.#tasks.get(key) ?? null;
  }
  async dueTasks(kind: string, limit: number) {
    const now = Math.max(this.#clock.now(), this.#chainHead().at);
    const due = [...this.#tasks.values()].filter(
      (task) => task.kind === kind && task.dueAt !== null && task.dueAt <= now,
    );
    due.sort((left, right) => left.dueAt! - right.dueAt! || (left.key < right.key ? -1 : 1));
    return { now, tasks: due.slice(0, limit) };
  }
  async tasks(filter: TaskFilter) {
    return tasksOf([...this.#tasks.values()], filter);
  }
  async accounts(keys: readonly string[]) {
    return keys.flatMap((key) => this.#accounts.get(key) ?? []);
  }
  async endedAccounts(bounds: readonly EndedBound[], limit: number) {
    const ended = [...this.#accounts.values()].filter(
      ({ limitId, windowEnd, reserved }) =>
        reserved === 0n &&
        windowEnd !== null &&
        bounds.some(({ limitIds, before }) => windowEnd <= before && limitIds.includes(limitId)),
    );
    return ended.slice(0, limit);
  }
  async lines(after: { position: number }, limit: number) {
    return this.#lines.after(after.position, limit);
  }
  async line(at: { position: number }) {
    return this.#lines.at(at.position);
  }
  async links(after: { number: number }, limit: number) {
    return this.#links.slice(after.number, after.number + limit);
  }
  async chainHeads() {
    return [this.#chainHead()];
  }
  async scanAccounts(afterKey: string | null, limit: number) {
    return page([...this.#accounts.values()], (row) => row.key, afterKey, limit);
  }
  async scanReservations(afterId: string | null, limit: number) {
    return page([...this.#reservations.values()], (row) => row.id, afterId, limit);
  }
  async entriesById(ids: readonly string[]) {
    return ids.flatMap((id) => this.#entries.get(id)?.entry ?? []);
  }
  async entriesOfLine(line: LineRef) {
    const own = [...this.#entries.values()].filter(({ position }) => position === line.position);
    return own.map(({ row, entry }) => ({ row, entry }));
  }
  async idempotency(names: readonly string[]) {
    return names.flatMap((name) => this.#idempotency.get(name) ?? []);
  }
  async entriesByResponse(
    responseIds: readonly string[],
    { from, to }: { readonly from: number; readonly to: number },
  ) {
    const wanted = new Set(responseIds);
    const rows = [...this.#entries.values()].map(({ entry }) => entry);
    return rows.filter(
      ({ at, responseId }) => at >= from && at < to && responseId !== null && wanted.has(responseId),
    );
  }
  async countEntries() {
    return this.#entries.size;
  }
  async purges() {
    return this.#purges;
  }
  /** Totals are computed from the rows each time: there is nothing that could differ. */
  async compareRollups() {
    return [];
  }
  async inspect() {
    return [
      { name: 'durability', ok: false, detail: 'memory only: everything is gone when the process ends' },
    ];
  }
  async select(): Promise<never> {
    throw new NanocentError('query_forbidden', 'the memory store has no SQL', {
      fix: 'use the SQLite store',
    });
  }
  async close() {
    this.#closed = true;
  }
}

function page<T>(rows: T[], keyOf: (row: T) => string, after: string | null, limit: number): T[] {
  return rows
    .filter((row) => after === null || keyOf(row) > after)
    .sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1))
    .slice(0, limit);
}
