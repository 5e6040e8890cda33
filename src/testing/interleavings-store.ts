import { NanocentError } from '../errors/error.ts';
import {
  type Head,
  type Held,
  type Machine,
  type Names,
  noTaskChanges,
  type Plan,
  type Store,
  type Touches,
} from '../store/port.ts';
import type { Scheduler } from './scheduler.ts';

/** What becomes of a commit: kept and answered, kept without an answer, or never made. */
export type Fate = 'kept' | 'unanswered' | 'lost';

/** One database, as several processes share it. */
export interface Place {
  readonly books: Store;
  readonly locks: Locks;
  readonly scheduler: Scheduler;
  /** `rows` locks what a batch names, as a server does; `writer` lets one transaction in at a time, as SQLite does. */
  readonly locking: 'rows' | 'writer';
  readonly fate: () => Fate;
  /** Called after each commit, before anybody else moves. */
  readonly committed: (plan: Plan<unknown>) => Promise<void>;
}

/** Locks by name, shared or exclusive, each held until its process lets go of all of them. */
export class Locks {
  readonly #holders = new Map<string, Set<number>>();
  readonly #exclusive = new Set<string>();

  isFree(process: number, { name, shared }: Lock): boolean {
    const holders = this.#holders.get(name);
    if (!holders || (holders.size === 1 && holders.has(process))) return true;
    return shared === true && !this.#exclusive.has(name);
  }

  take(process: number, { name, shared }: Lock): void {
    const holders = this.#holders.get(name) ?? new Set();
    this.#holders.set(name, holders.add(process));
    if (!shared) this.#exclusive.add(name);
  }

  release(process: number): void {
    for (const [name, holders] of this.#holders) {
      holders.delete(process);
      if (holders.size > 0) continue;
      this.#holders.delete(name);
      this.#exclusive.delete(name);
    }
  }
}

export interface Lock {
  readonly name: string;
  readonly shared?: boolean;
}

/** How often a transaction begins anew because the store's clock has passed it. */
const attemptsMax = 100;

/**
 * A connection of one process to a database that others use at the same time: the steps of `transact` with a stop before
 * each, the locks that the port names, in their order, and a commit whose answer may get lost.
 */
export class InterleavedStore {
  protected readonly place: Place;
  protected readonly process: number;

  constructor(place: Place, process: number) {
    this.place = place;
    this.process = process;
  }

  /** As the port has it: reads go to the committed books. */
  static open(place: Place, process: number): Store {
    return asStore(place.books, new InterleavedStore(place, process));
  }

  async transact<C, R>(commands: readonly C[], machine: Machine<C, R>): Promise<readonly R[]> {
    try {
      for (let attempt = 0; attempt < attemptsMax; attempt++) {
        const plan = await this.attempt(commands, machine);
        if (plan !== null) return plan.results;
        this.place.locks.release(this.process);
      }
      throw new Error(`the store's clock passed a transaction ${attemptsMax} times`);
    } finally {
      this.place.locks.release(this.process);
    }
  }

  /** Null where another batch committed at a later instant meanwhile: a transaction never goes back in time. */
  protected async attempt<C, R>(commands: readonly C[], machine: Machine<C, R>): Promise<Plan<R> | null> {
    const { books, locking } = this.place;
    const names = machine.names(commands);
    await this.lock('head', locking === 'rows' ? namedLocks(names) : [{ name: 'writer' }]);
    const head = await readHead(books, names);
    const touches = machine.touches(commands, head);
    const held = await this.hold(touches);
    if (held.chain.at > head.now) return null;
    const plan = machine.decide(commands, head, held);
    await this.commit(plan, touches, held);
    return plan;
  }

  /** Locks the rows that a batch touches, then reads them. */
  protected async hold(touches: Touches): Promise<Held> {
    if (this.place.locking === 'rows') {
      await this.lock('accounts', [...this.accountLocks(touches), ...taskLocks(touches)]);
      await this.lock('chain', [{ name: 'chain' }]);
    }
    return readHeld(this.place.books, touches);
  }

  /** One order everywhere, here that of the keys: two batches never wait for each other. */
  protected accountLocks(touches: Touches): Lock[] {
    return touches.accounts.map(({ key }) => ({ name: `account ${key}` })).sort(byName);
  }

  /** Writes, lets go of the locks, and answers. */
  protected async commit(plan: Plan<unknown>, touches: Touches, held: Held): Promise<void> {
    await this.step('commit');
    const fate = this.place.fate();
    if (fate !== 'lost') await this.write(plan, touches, held);
    this.place.locks.release(this.process);
    await this.step('answer');
    if (fate === 'kept') return;
    throw new NanocentError('store_unreachable', 'the connection broke while a transaction was committed');
  }

  /** `held` is what the plan was decided on. */
  protected async write(plan: Plan<unknown>, touches: Touches, _held: Held): Promise<void> {
    await writePlan(this.place.books, plan, touches);
    await this.place.committed(plan);
  }

  protected step(label: string, isReady?: () => boolean): Promise<void> {
    return this.place.scheduler.step(this.process, label, isReady);
  }

  protected async lock(label: string, locks: readonly Lock[]): Promise<void> {
    await this.step(label);
    for (const lock of locks) {
      const isFree = () => this.place.locks.isFree(this.process, lock);
      while (!isFree()) await this.step(`waits for ${lock.name}`, isFree);
      this.place.locks.take(this.process, lock);
    }
  }
}

/** Config version → idempotency keys → reservations, each sorted. */
function namedLocks(names: Names): Lock[] {
  const keys = names.idempotency.map((name) => ({ name: `key ${name}` }));
  const reservations = names.reservations.map((id) => ({ name: `reservation ${id}` }));
  const config = { name: 'config', shared: !names.changesLimits };
  return [config, ...keys.sort(byName), ...reservations.sort(byName)];
}

function taskLocks({ tasks }: Touches): Lock[] {
  return tasks.map((key) => ({ name: `task ${key}` })).sort(byName);
}

function byName(left: Lock, right: Lock): number {
  return left.name < right.name ? -1 : 1;
}

/** The reads of one store with the writes of another. */
export function asStore(reads: Store, writes: Pick<Store, 'transact'>): Store {
  return new Proxy(reads, {
    get(target, name) {
      if (name === 'transact') return writes.transact.bind(writes);
      if (name === 'close') return async () => {};
      const value = target[name as keyof Store];
      return typeof value === 'function' ? (value as (...values: unknown[]) => unknown).bind(target) : value;
    },
  });
}

const nothingNamed: Names = { idempotency: [], reservations: [], changesLimits: false };
const nothingTouched: Touches = { accounts: [], backfills: [], accountsOfLimits: [], tasks: [] };

/** The first step of a transaction alone: nothing is written. */
export async function readHead(books: Store, names: Names): Promise<Head> {
  const [head] = await books.transact(
    [null],
    probe(names, nothingTouched, (found) => found),
  );
  return head!;
}

/** The second one. */
export async function readHeld(books: Store, touches: Touches): Promise<Held> {
  const [held] = await books.transact(
    [null],
    probe(nothingNamed, touches, (_, found) => found),
  );
  return held!;
}

/** The last one: a plan that was made before. */
export async function writePlan(books: Store, plan: Plan<unknown>, touches: Touches): Promise<void> {
  const names = { ...nothingNamed, reservations: plan.reservations.map(({ row }) => row.id) };
  await books.transact([null], { names: () => names, touches: () => touches, decide: () => plan });
}

function probe<R>(names: Names, touches: Touches, result: (head: Head, held: Held) => R): Machine<null, R> {
  return {
    names: () => names,
    touches: () => touches,
    decide: (_, head, held) => ({ ...emptyPlan, results: [result(head, held)] }),
  };
}

export const emptyPlan: Omit<Plan<never>, 'results'> = {
  accounts: [],
  reservations: [],
  entries: [],
  lines: [],
  link: null,
  idempotency: [],
  forgets: [],
  limits: [],
  purgeBefore: null,
  tasks: noTaskChanges,
};
