/**
 * Small models of ways to keep a budget, as peers' sources and documents describe them. They are models: written here, from
 * reading, without the products' code, settings or later repairs. Each await is a trip to something shared.
 */
import { openLedger } from '../../src/core/ledger.ts';
import { openMemory } from '../../src/store/memory/index.ts';
import type { Store } from '../../src/store/port.ts';
import { InterleavedStore, Locks, type Place } from '../../src/testing/interleavings-store.ts';
import { costLimit, requestsFor } from '../../src/testing/requests.ts';
import type { Scheduler } from '../../src/testing/scheduler.ts';
import { seededIds } from '../../src/testing/seeded.ts';
import type { Clock } from '../../src/time/clock.ts';

/** What a way to keep a budget is given. */
export interface Surroundings {
  readonly limit: bigint;
  /** The most that one call can cost. */
  readonly worst: bigint;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

/** One call that was let through. */
export interface Ticket {
  settle(spent: bigint): Promise<void>;
}

/** One caller's way to the budget, in one process. */
export interface Gate {
  /** Null where the budget says no. */
  admit(): Promise<Ticket | null>;
}

export interface Keeper {
  /** A gate for a caller; callers of one process share what that process remembers. */
  gate(caller: number, process: number): Gate;
  /** What a process remembers is gone, and the connections of its callers are closed. */
  crash(process: number, callers: readonly number[]): void;
  /** Time has passed: what is done every few seconds. */
  tick(): void;
  /** What the books say when everything has come to rest, and what they still hold back though nothing runs. */
  atRest(): Promise<{ readonly spent: bigint; readonly held: bigint }>;
}

type Step = (label: string) => Promise<void>;

const second = 1000;

abstract class Model implements Keeper {
  protected readonly around: Surroundings;
  /** What the shared database says was spent. */
  protected spent = 0n;
  protected held = 0n;

  constructor(around: Surroundings) {
    this.around = around;
  }

  gate(caller: number, process: number): Gate {
    const step: Step = (label) => this.around.scheduler.step(caller, label);
    return { admit: () => this.admit(step, process) };
  }

  protected abstract admit(step: Step, process: number): Promise<Ticket | null>;

  crash(_process: number, _callers: readonly number[]): void {}

  tick(): void {}

  async atRest(): Promise<{ spent: bigint; held: bigint }> {
    return { spent: this.spent, held: this.held };
  }
}

/** Compares what was spent, lets the call through, and adds its cost when it is over. */
export class CheckAfter extends Model {
  protected async admit(step: Step): Promise<Ticket | null> {
    await step('read what was spent');
    if (this.spent >= this.around.limit) return null;
    return {
      settle: async (spent) => {
        await step('add the cost');
        this.spent += spent;
      },
    };
  }
}

/** Reads the balance, compares, and takes the estimate off in a statement of its own that compares no more. */
export class ReadThenDecrement extends Model {
  protected async admit(step: Step): Promise<Ticket | null> {
    const { limit, worst } = this.around;
    await step('read the balance');
    if (limit - this.spent - this.held < worst) return null;
    await step('take the estimate off');
    this.held += worst;
    return {
      settle: async (spent) => {
        await step('give the rest back');
        this.held -= worst;
        this.spent += spent;
      },
    };
  }
}

const counterLivesMs = 60 * second;
const flushEveryMs = 10 * second;

/**
 * A counter that all share and that is forgotten after a minute; then it begins with what the database says, which hears of
 * costs every ten seconds from each process's memory. A hold is cut to what is left. Only its request knows of it.
 */
export class CounterWithLife extends Model {
  #counter = 0n;
  #bornAt: number | null = null;
  #flushedAt = 0;
  readonly #unwritten = new Map<number, bigint>();

  protected async admit(step: Step, process: number): Promise<Ticket | null> {
    await step('read the counter');
    this.#refresh();
    const left = this.around.limit - this.#counter;
    if (left <= 0n) return null;
    const hold = left < this.around.worst ? left : this.around.worst;
    await step('raise the counter');
    this.#refresh();
    this.#counter += hold;
    return {
      settle: async (spent) => {
        await step('correct the counter');
        this.#refresh();
        this.#counter += spent - hold;
        this.#unwritten.set(process, (this.#unwritten.get(process) ?? 0n) + spent);
      },
    };
  }

  override crash(process: number): void {
    this.#unwritten.delete(process);
  }

  override tick(): void {
    if (this.around.clock.now() - this.#flushedAt < flushEveryMs) return;
    this.#flushedAt = this.around.clock.now();
    for (const cost of this.#unwritten.values()) this.spent += cost;
    this.#unwritten.clear();
  }

  override async atRest() {
    this.#flushedAt = 0;
    this.tick();
    return super.atRest();
  }

  #refresh(): void {
    const now = this.around.clock.now();
    if (this.#bornAt !== null && now - this.#bornAt < counterLivesMs) return;
    this.#bornAt = now;
    this.#counter = this.spent;
  }
}

const syncEveryMs = 5 * second;

/** Each process counts for itself, and tells the database every five seconds; then it hears what the others have spent. */
export class CounterInMemory extends Model {
  #syncedAt = 0;
  readonly #own = new Map<number, { base: bigint; since: bigint }>();

  protected async admit(step: Step, process: number): Promise<Ticket | null> {
    await step('look at the own counter');
    const own = this.#of(process);
    if (own.base + own.since >= this.around.limit) return null;
    return {
      settle: async (spent) => {
        await step('count it');
        this.#of(process).since += spent;
      },
    };
  }

  override crash(process: number): void {
    this.#own.delete(process);
  }

  override tick(): void {
    if (this.around.clock.now() - this.#syncedAt < syncEveryMs) return;
    this.#syncedAt = this.around.clock.now();
    for (const own of this.#own.values()) {
      this.spent += own.since;
      own.since = 0n;
    }
    for (const own of this.#own.values()) own.base = this.spent;
  }

  override async atRest() {
    this.#syncedAt = 0;
    this.tick();
    return super.atRest();
  }

  #of(process: number): { base: bigint; since: bigint } {
    const known = this.#own.get(process) ?? { base: this.spent, since: 0n };
    this.#own.set(process, known);
    return known;
  }
}

/** One statement compares and holds. The hold stands in a total only: who it belongs to, its request alone knows. */
export class HoldWithoutRow extends Model {
  protected async admit(step: Step): Promise<Ticket | null> {
    const { limit, worst } = this.around;
    await step('compare and hold');
    if (this.spent + this.held + worst > limit) return null;
    this.held += worst;
    return {
      settle: async (spent) => {
        await step('settle');
        this.held -= worst;
        this.spent += spent;
      },
    };
  }
}

/** Nanocent: the ledger of this repository itself, one connection for each caller. */
export class Ours implements Keeper {
  readonly #around: Surroundings;
  readonly #place: Place;

  private constructor(around: Surroundings, books: Store) {
    this.#around = around;
    this.#place = {
      books,
      scheduler: around.scheduler,
      locks: new Locks(),
      locking: 'rows',
      fate: () => 'kept',
      committed: async () => {},
    };
  }

  static async open(around: Surroundings): Promise<Keeper> {
    const books = openMemory({ clock: around.clock, ledgerId: 'compared' });
    await openLedger(books).write(costLimit(around.limit));
    return new Ours(around, books);
  }

  gate(caller: number): Gate {
    const { worst, clock } = this.#around;
    const ledger = openLedger(InterleavedStore.open(this.#place, caller));
    const { reserve, settle } = requestsFor(seededIds(caller), clock);
    return {
      admit: async () => {
        const hold = reserve(worst, {}, { ttlMs: 600 * second });
        if ((await ledger.write(hold)).outcome !== 'reserved') return null;
        return {
          settle: async (spent) => {
            await ledger.write(settle(hold.id, spent));
          },
        };
      },
    };
  }

  /** A database rolls back what a closed connection had begun. */
  crash(_process: number, callers: readonly number[]): void {
    for (const caller of callers) this.#place.locks.release(caller);
  }

  tick(): void {}

  async atRest() {
    const ledger = openLedger(this.#place.books);
    const { ids } = await ledger.reads.dueReservations(1000);
    for (const id of ids) await ledger.write({ kind: 'expire', id });
    const [account] = await ledger.reads.scanAccounts(null, 1);
    return { spent: account?.settled ?? 0n, held: account?.reserved ?? 0n };
  }
}
