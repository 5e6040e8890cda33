import type { Ids } from '../core/context.ts';
import { type LedgerService, openLedger } from '../core/ledger.ts';
import type { LimitDraft, WriteRequest } from '../core/request.ts';
import { openMemory } from '../store/memory/index.ts';
import type { Machine, Plan, Store } from '../store/port.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import { Caller, type Told } from './interleavings-caller.ts';
import { asStore, type Fate, InterleavedStore, Locks, type Place } from './interleavings-store.ts';
import { Watch } from './interleavings-watch.ts';
import { costLimit, requestsFor } from './requests.ts';
import { anyReady, type Choice, type Parked, Scheduler } from './scheduler.ts';
import { type Random, seededIds, seededRandom } from './seeded.ts';

/** How a process opens the books that it shares with others. */
export type OpenProcess = (place: Place, process: number, ids: Ids) => LedgerService;

export const openOurs: OpenProcess = (place, process) => openLedger(InterleavedStore.open(place, process));

export interface InterleavingsOptions {
  readonly seed: number;
  readonly open?: OpenProcess;
  /** Lets `verify` and the laws prove the books at the end, too. */
  readonly proved: boolean;
  /** Each process's own connection to the books; one memory that all share, where left out. */
  readonly connect?: (clock: FakeClock) => Promise<Store>;
}

/** One database with everything around it that several processes need. */
export class SharedBooks {
  readonly clock: FakeClock;
  readonly scheduler: Scheduler;
  readonly books: Store;
  readonly watch: Watch;
  readonly place: Place;
  readonly told: Told = { reservations: new Set(), rows: new Set() };
  fate: () => Fate = () => 'kept';

  constructor(locking: Place['locking'], options: SharedBooksOptions = {}) {
    const { watched: watches = true, clock = fakeClock() } = options;
    const locks = new Locks();
    this.clock = clock;
    this.scheduler = new Scheduler((process) => locks.release(process));
    this.books = options.books ?? openMemory({ clock, ledgerId: 'shared' });
    this.watch = new Watch(this.books);
    this.place = {
      books: this.books,
      locks,
      scheduler: this.scheduler,
      locking,
      fate: () => this.fate(),
      committed: async (plan) => {
        if (watches) await this.watch.committed(plan);
      },
    };
  }

  /** Writes something at once, while no process runs. */
  async given(...requests: readonly WriteRequest[]): Promise<void> {
    const ledger = openLedger(watched(this.books, this.watch));
    for (const request of requests) await ledger.write(request);
  }

  /** All deadlines pass, and somebody sweeps; then the books must be in order. */
  async end(options: { readonly proved: boolean }): Promise<void> {
    this.clock.advance(3 * 86_400_000);
    const ledger = openLedger(watched(this.books, this.watch));
    const { ids } = await ledger.reads.dueReservations(1000);
    await Promise.all(ids.map((id) => ledger.write({ kind: 'expire', id })));
    this.watch.assertTold(this.told);
    await this.watch.ended(options);
  }
}

export interface SharedBooksOptions {
  readonly watched?: boolean;
  readonly clock?: FakeClock;
  /** The connection that the watch looks through. */
  readonly books?: Store;
}

/** Everything that is committed goes past the watch. */
export function watched(books: Store, watch: Watch): Store {
  return asStore(books, {
    async transact<C, R>(commands: readonly C[], machine: Machine<C, R>) {
      let plan: Plan<R> | null = null;
      const decide: Machine<C, R>['decide'] = (...values) => {
        plan = machine.decide(...values);
        return plan;
      };
      const results = await books.transact(commands, { ...machine, decide });
      await watch.committed(plan!);
      return results;
    },
  });
}

/**
 * Two or three processes make calls on one database; who takes the next step, who dies where, which answers get lost and how the
 * clock runs follows from the seed. Throws an AssertionError at the first commit after which the books are wrong.
 */
export async function interleave(options: InterleavingsOptions): Promise<{ readonly order: string }> {
  const order: string[] = [];
  try {
    await play(options, order);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`seed ${options.seed}, order ${order.join('')}: ${message}`, { cause });
  }
  return { order: order.join('') };
}

/** The steps taken are added to `order`: the number of a process, with a cross where it dies. */
async function play(options: InterleavingsOptions, order: string[]): Promise<void> {
  const random = seededRandom(options.seed);
  const clock = fakeClock();
  const connections: Store[] = [];
  const connect = async () => {
    if (!options.connect) return null;
    const connection = await options.connect(clock);
    connections.push(connection);
    return connection;
  };
  const books = await connect();
  const shared = new SharedBooks(random.onceIn(4) ? 'writer' : 'rows', { clock, ...(books && { books }) });
  await shared.given(...limitsOf(random));
  shared.fate = () => random.pick<Fate>([...Array<Fate>(18).fill('kept'), 'unanswered', 'lost']);
  const open = options.open ?? openOurs;
  const cap = { id: 'run', max: BigInt(20 + random.below(80)) };
  shared.watch.capped(cap);
  const spawn = async (process: number, calls: number) => {
    const place = { ...shared.place, books: (await connect()) ?? shared.books };
    const ids = seededIds(process);
    const { told, scheduler } = shared;
    const caller = new Caller({
      ledger: open(place, process, ids),
      random,
      requests: requestsFor(ids, clock),
      pause: (label) => scheduler.step(process, label),
      told,
      keys,
      cap,
    });
    await scheduler.spawn(process, () => caller.work(calls));
  };
  const processes = random.pick([2, 2, 3]);
  for (let process = 1; process <= processes; process++) await spawn(process, 1 + random.below(2));
  await shared.scheduler.run(chooser(shared, { random, order, processes, spawn }));
  await shared.end({ proved: options.proved });
  for (const connection of connections) await connection.close();
}

const keys = ['a', 'b'].map((letter) => letter.repeat(64));

interface Choosing {
  readonly random: Random;
  readonly order: string[];
  readonly processes: number;
  readonly spawn: (process: number, calls: number) => Promise<void>;
}

/** Anybody may be next; now and then the clock moves, and in every second run somebody dies. */
function chooser({ clock }: SharedBooks, { random, order, processes, spawn }: Choosing) {
  const crashAt = random.onceIn(2) ? random.below(14 * processes) : -1;
  return async (parked: readonly Parked[]): Promise<Choice> => {
    if (random.onceIn(12)) clock.advance(random.pick([1, 1000, 600_000, 86_400_000, -3_600_000]));
    if (order.length === crashAt) {
      const { process } = random.pick(parked);
      order.push(`†${process}`);
      if (random.onceIn(2)) await spawn(processes + 1, 1);
      return { process, crash: true };
    }
    const process = anyReady(random, parked);
    order.push(String(process));
    return { process };
  };
}

function limitsOf(random: Random): WriteRequest[] {
  const changed = (request: WriteRequest, more: Partial<LimitDraft>) =>
    request.kind === 'setLimit' ? { ...request, limit: { ...request.limit, ...more } } : request;
  const day = { kind: 'calendar', unit: 'day', count: 1, zone: 'UTC' } as const;
  // Seldom: the names of its many steps cost as much as all the rest of a run.
  const rolling = { kind: 'rolling', unit: 'hour', count: 1 } as const;
  const window = () => (random.onceIn(8) ? rolling : random.pick([{ kind: 'lifetime' } as const, day]));
  const everyone = costLimit(BigInt(40 + random.below(80)));
  const each = costLimit(BigInt(30 + random.below(60)), 'username');
  return [
    changed(everyone, { window: window() }),
    ...(random.onceIn(2) ? [changed(each, { window: window() })] : []),
    ...(random.onceIn(4) ? [changed(costLimit(20n, 'model'), { enforcement: 'soft' })] : []),
    ...(random.onceIn(4)
      ? [changed(costLimit(2n), { type: 'concurrent_requests', window: { kind: 'none' } })]
      : []),
  ];
}
