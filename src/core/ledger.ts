import { NanocentError } from '../errors/error.ts';
import { createPicker } from '../limits/pick.ts';
import type { Machine, Store } from '../store/port.ts';
import { createBundleMachine } from './bundle-machine.ts';
import type { BundleRequest, BundleResult } from './bundle-request.ts';
import { HoldDeadlines } from './hold-deadlines.ts';
import { createMachine } from './machine.ts';
import type { WriteRequest, WriteResult } from './request.ts';
import type { TaskRequest, TaskResult } from './tasks.ts';
import { withTasks } from './with-tasks.ts';

/** Everything that only looks. */
export type StoreReads = Omit<Store, 'transact' | 'view' | 'close'>;

/** One ledger, in this thread or in another one: writes as plain data, reads, and an end. */
export interface LedgerService {
  /**
   * Resolves after the commit. Rejects with store_busy, store_full … with nothing written; after store_unreachable it may turn
   * out to have been written: asking again with the same id tells.
   */
  write(request: WriteRequest): Promise<WriteResult>;
  /** The same for many calls at once, in a transaction of their own. */
  writeBundle(request: BundleRequest): Promise<BundleResult>;
  /** The same for a task: rides in the same transaction as the writes that wait at that moment. */
  changeTask(request: TaskRequest): Promise<TaskResult>;
  readonly reads: StoreReads;
  /** Reads that all see the same moment, where the ledger is in this thread. Must be closed. */
  view?(): Promise<{ readonly reads: StoreReads; close(): Promise<void> }>;
  /** Waits for what was asked before it. */
  close(): Promise<void>;
}

/** Commands of one transaction; above it the next batch begins. */
const batchCommandsMax = 1024;
/** Writes that may wait at once before further ones are turned away. */
const waitingMax = 100_000;
/** A write that met its own key in the same batch is asked again this often: each time a batch later. */
const againMax = 8;

type Request = WriteRequest | BundleRequest | TaskRequest;
type Result = WriteResult | BundleResult | TaskResult;

interface Waiting {
  readonly request: Request;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  again: number;
}

/** Group commit: all writes that wait at the same moment ride in one transaction. */
export function openLedger(store: Store): LedgerService {
  return new GroupCommit(store);
}

class GroupCommit implements LedgerService {
  readonly reads: StoreReads;
  readonly #store: Store;
  readonly #deadlines: HoldDeadlines;
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;
  readonly #pick = createPicker();
  #closed = false;

  constructor(store: Store) {
    this.#store = store;
    this.#deadlines = new HoldDeadlines(store);
    this.reads = store;
  }

  write(request: WriteRequest): Promise<WriteResult> {
    return this.#enqueue<WriteResult>(request);
  }

  writeBundle(request: BundleRequest): Promise<BundleResult> {
    return this.#enqueue<BundleResult>(request);
  }

  changeTask(request: TaskRequest): Promise<TaskResult> {
    return this.#enqueue<TaskResult>(request);
  }

  #enqueue<Own extends Result>(request: Request): Promise<Own> {
    if (this.#closed) return Promise.reject(new NanocentError('store_closed', 'this ledger has been closed'));
    if (this.#waiting.length >= waitingMax) {
      const message = `${waitingMax} writes are waiting for the store already`;
      return Promise.reject(new NanocentError('store_busy', message, { fix: 'slow down, and ask again' }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve: resolve as Waiting['resolve'], reject, again: 0 });
      this.#running ??= this.#run();
    });
  }

  async view() {
    const store = await this.#store.view();
    return { reads: store, close: () => store.close() };
  }

  async close(): Promise<void> {
    this.#closed = true;
    while (this.#running) await this.#running;
    await this.#store.close();
  }

  async #run(): Promise<void> {
    // Everything asked for in this turn of the event loop joins the batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch();
      await this.#commit(batch);
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#running = null;
  }

  /**
   * A change of limits rides alone: the writes after it are decided under the new rules. So does a purge: the rows of the
   * writes after it are not deleted by it. And so does a bundle, whose line takes the place of many.
   */
  #nextBatch(): Waiting[] {
    const change = this.#waiting.findIndex(({ request }) => ridesAlone(request));
    const end = change === 0 ? 1 : change < 0 ? batchCommandsMax : Math.min(change, batchCommandsMax);
    return this.#waiting.splice(0, end);
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    let results: readonly Result[];
    try {
      const requests = batch.map(({ request }) => request);
      results = await this.#store.transact(requests, this.#machineFor(requests));
    } catch (error) {
      return this.#afterError(batch, error);
    }
    results = await this.#deadlines.complete(results);
    batch.forEach((waiting, index) => {
      const result = results[index]!;
      if (result.outcome !== 'again') waiting.resolve(result);
      else if (++waiting.again <= againMax) this.#waiting.push(waiting);
      else waiting.reject(sameKeyTooOften());
    });
  }

  #machineFor(requests: readonly Request[]): Machine<Request, Result> {
    const isBundle = requests[0]!.kind === 'bundle';
    const movements = isBundle ? createBundleMachine(this.#pick) : createMachine(this.#pick);
    return withTasks(movements as Machine<never, never>) as Machine<Request, Result>;
  }

  /** What the store refuses for one command's sake must not fail the others: the batch is halved until it stands alone. */
  async #afterError(batch: readonly Waiting[], error: unknown): Promise<void> {
    const whole = NanocentError.is(error) && error.kind === 'unavailable';
    if (whole || batch.length === 1) {
      for (const waiting of batch) waiting.reject(error);
      return;
    }
    const middle = batch.length >> 1;
    await this.#commit(batch.slice(0, middle));
    await this.#commit(batch.slice(middle));
  }
}

function sameKeyTooOften(): NanocentError {
  const message = `more than ${againMax} writes with the same idempotency key were refused at the same moment`;
  return new NanocentError('store_busy', message, { fix: 'ask again, one at a time' });
}

const alone: ReadonlySet<Request['kind']> = new Set([
  'setLimit',
  'endLimit',
  'raiseLimit',
  'addGrant',
  'endGrant',
  'purge',
  'bundle',
]);

function ridesAlone(request: Request): boolean {
  return alone.has(request.kind);
}
