import type { LedgerService } from '../core/ledger.ts';
import type { WriteRequest } from '../core/request.ts';
import { NanocentError } from '../errors/error.ts';
import { type OpenProcess, SharedBooks } from './interleavings.ts';
import type { Fate } from './interleavings-store.ts';
import { costLimit, requestsFor } from './requests.ts';
import { anyReady } from './scheduler.ts';
import { type Random, seededIds, seededRandom } from './seeded.ts';

/** One operation on one account, as its caller saw it: when it asked, when it was answered, and what. */
export interface Operation {
  readonly process: number;
  readonly asked: number;
  /** Infinity where no answer came: it may have happened, at any time after, or not at all. */
  answered: number;
  readonly kind: 'reserve' | 'settle' | 'void' | 'record';
  /** Asked for, spent or recorded. */
  readonly amount: bigint;
  /** What the hold that it ends had set aside. */
  readonly freed: bigint;
  /** `yes`, or what a refusal said of the account: `USED HELD`. Null where no answer came. */
  answer: string | null;
}

export interface HistoryOptions {
  readonly seed: number;
  readonly open: OpenProcess;
}

const processes = 6;
const operationsEach = 30;

/** Six callers work on one account at the same time, one of whom may die; only what they saw is kept. */
export async function recordHistory({ seed, open }: HistoryOptions): Promise<History> {
  const random = seededRandom(seed);
  const shared = new SharedBooks('rows', { watched: false });
  const { scheduler, clock } = shared;
  const limit = BigInt(100 + random.below(200));
  await shared.given(costLimit(limit));
  shared.fate = () => random.pick<Fate>([...Array<Fate>(20).fill('kept'), 'unanswered', 'lost']);
  const observer = new Observer();
  for (let process = 0; process < processes; process++) {
    const ids = seededIds(process);
    const ledger = open(shared.place, process, ids);
    const caller = { process, random, ledger, observer, requests: requestsFor(ids, clock) };
    await scheduler.spawn(process, () => work(caller));
  }
  let crashAt: number | null = random.below(2 * stepsTypical);
  await scheduler.run((parked) => {
    if (scheduler.steps !== crashAt) return { process: anyReady(random, parked) };
    crashAt = null;
    return { process: random.pick(parked).process, crash: true };
  });
  return { limit, operations: observer.operations };
}

/** Steps of a whole history, about: in half of them a process dies. */
const stepsTypical = 1000;

type Asked = Pick<Operation, 'kind' | 'amount' | 'freed'>;

/** Notes when something was asked and answered, on a clock that only counts. */
class Observer {
  readonly operations: Operation[] = [];
  #time = 0;

  async watch(process: number, what: Asked, ask: () => Promise<string>): Promise<boolean> {
    const asked = this.#time++;
    const operation: Operation = {
      ...what,
      process,
      asked,
      answered: Number.POSITIVE_INFINITY,
      answer: null,
    };
    this.operations.push(operation);
    operation.answer = await ask();
    operation.answered = this.#time++;
    return operation.answer === 'yes';
  }
}

interface HistoryCaller {
  readonly process: number;
  readonly random: Random;
  readonly ledger: LedgerService;
  readonly observer: Observer;
  readonly requests: ReturnType<typeof requestsFor>;
}

async function work({ process, random, ledger, observer, requests }: HistoryCaller): Promise<void> {
  const held: { readonly id: string; readonly amount: bigint }[] = [];
  const ask = (what: Asked, request: WriteRequest) =>
    observer.watch(process, what, () => insist(ledger, request));
  for (let count = 0; count < operationsEach; count++) {
    const roll = random.below(10);
    const hold = roll < 6 ? held.shift() : undefined;
    if (hold && roll < 4) {
      const spent = BigInt(random.below(12));
      await ask({ kind: 'settle', amount: spent, freed: hold.amount }, requests.settle(hold.id, spent));
    } else if (hold) {
      await ask({ kind: 'void', amount: 0n, freed: hold.amount }, { kind: 'void', id: hold.id, keep: {} });
    } else if (roll === 9) {
      const amount = BigInt(random.below(4));
      await ask({ kind: 'record', amount, freed: 0n }, requests.record(amount));
    } else {
      const amount = BigInt(1 + random.below(40));
      const request = requests.reserve(amount);
      if (await ask({ kind: 'reserve', amount, freed: 0n }, request)) held.push({ id: request.id, amount });
    }
  }
}

/** Asks until there is an answer. A row is looked up before it is put again; the others may be put again as they are. */
async function insist(ledger: LedgerService, request: WriteRequest): Promise<string> {
  for (;;) {
    try {
      const result = await ledger.write(request);
      const [refusal] = result.outcome === 'refused' ? result.refusals : [];
      return refusal ? `${refusal.used} ${refusal.held}` : 'yes';
    } catch (error) {
      if (!NanocentError.is(error) || error.code !== 'store_unreachable') throw error;
      if (request.kind === 'record' && (await ledger.reads.entry(request.entry.id)) !== null) return 'yes';
    }
  }
}

export interface History {
  readonly limit: bigint;
  readonly operations: readonly Operation[];
}

/**
 * Whether all these answers could have come from one account that does one operation after the other, each between its
 * question and its answer (Wing and Gong, 1993). What an account holds depends only on which operations it has done, so each
 * state of all processes is looked at once.
 */
export function isLinearizable({ limit, operations }: History): boolean {
  const own = Array.from({ length: processes }, (_, process) =>
    operations.filter((operation) => operation.process === process),
  );
  const seen = new Set<string>();
  const stack: State[] = [{ done: own.map(() => 0), settled: 0n, reserved: 0n }];
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    const key = `${state.done} ${state.settled} ${state.reserved}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const next = own.map((list, process) => list[state.done[process]!]);
    if (next.every((operation) => operation === undefined || operation.answer === null)) return true;
    const firstAnswer = Math.min(...next.map((operation) => operation?.answered ?? Number.POSITIVE_INFINITY));
    for (const [process, operation] of next.entries()) {
      if (operation === undefined || operation.asked > firstAnswer) continue;
      stack.push(...after(state, operation, limit).map((one) => advanced(one, process)));
      // Without an answer it may also never have happened.
      if (operation.answer === null) stack.push(advanced(state, process));
    }
  }
  return false;
}

interface State {
  readonly done: readonly number[];
  readonly settled: bigint;
  readonly reserved: bigint;
}

/** The account after an operation, or nothing where it would have answered otherwise. */
function after(state: State, { kind, amount, freed, answer }: Operation, limit: bigint): State[] {
  const { settled, reserved } = state;
  if (kind !== 'reserve') return [{ ...state, settled: settled + amount, reserved: reserved - freed }];
  const fits = settled + reserved + amount <= limit;
  const expected = fits ? 'yes' : `${settled} ${reserved}`;
  if (answer !== null && answer !== expected) return [];
  return [fits ? { ...state, reserved: reserved + amount } : state];
}

function advanced(state: State, process: number): State {
  return { ...state, done: state.done.with(process, state.done[process]! + 1) };
}
