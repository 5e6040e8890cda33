import { fakeClock } from '../../src/testing/fake-clock.ts';
import { anyReady, Scheduler } from '../../src/testing/scheduler.ts';
import { type Random, seededRandom } from '../../src/testing/seeded.ts';
import {
  CheckAfter,
  CounterInMemory,
  CounterWithLife,
  HoldWithoutRow,
  type Keeper,
  Ours,
  ReadThenDecrement,
  type Surroundings,
} from './peers-models.ts';

/** A way to keep a budget, and where it is described. */
export interface Way {
  readonly name: string;
  /** Null for ours. */
  readonly like: string | null;
  readonly open: (around: Surroundings) => Promise<Keeper>;
}

export const ways: readonly Way[] = [
  {
    name: 'check after: compare what was spent, add the cost when the call is over',
    like: 'Bifrost’s budgets, Envoy AI Gateway’s token limits, agentgateway’s key budgets; soft caps at Vercel and Cloudflare',
    open: async (around) => new CheckAfter(around),
  },
  {
    name: 'read, then decrement: the balance is compared in one statement and lowered in the next',
    like: 'one-api and new-api',
    open: async (around) => new ReadThenDecrement(around),
  },
  {
    name: 'a shared counter that lives 60 s and is filled again from costs written every 10 s; holds are cut to what is left',
    like: 'LiteLLM’s budget reservation over Redis counters',
    open: async (around) => new CounterWithLife(around),
  },
  {
    name: 'a counter in each process, synchronised every 5 s',
    like: 'agentgateway (5 s), Bifrost (dumped every 10 s), one-api’s batched updates (5 s)',
    open: async (around) => new CounterInMemory(around),
  },
  {
    name: 'one statement compares and holds; the hold is a total, its owner known only to the request',
    like: 'Otari before its reservation table (PR #767), TensorZero’s tickets',
    open: async (around) => new HoldWithoutRow(around),
  },
  { name: '**Nanocent**: a hold with an owner and a deadline, one transaction', like: null, open: Ours.open },
];

/** What one run of one way came to, in nanocents. */
export interface Outcome {
  /** What the provider will bill. */
  readonly spent: bigint;
  readonly over: bigint;
  /** Spent, and not in the books when all has come to rest. */
  readonly lost: bigint;
  /** Held back for good though nothing runs. */
  readonly stuck: bigint;
  /** In the books beyond what was spent: holds of calls that died, charged in full. */
  readonly extra: bigint;
}

const usd = 100_000_000_000n;

/** One budget, three processes with eight callers each, one of which dies in the middle and is started again. */
export const setting = { limit: 50n * usd, worst: usd / 2n, processes: 3, callers: 8 } as const;

/** Steps of everybody together before a process dies, and how long a step takes. */
const crashAfter = { from: 150, spread: 250 } as const;
const stepMsMax = 250;
/** Refusals after which a caller gives up: the budget is used up. */
const refusalsMax = 3;

/** Calls until the budget says no. The seed decides who goes next, what each call costs and where a process dies. */
export async function spendAll({ open }: Way, seed: number): Promise<Outcome> {
  const random = seededRandom(seed);
  const clock = fakeClock();
  const scheduler = new Scheduler(() => {});
  const { limit, worst, processes, callers } = setting;
  const keeper = await open({ limit, worst, clock, scheduler });
  let spent = 0n;
  let nextCaller = 0;
  const callersOf = new Map<number, number[]>();
  const start = async (process: number) => {
    const own = Array.from({ length: callers }, () => nextCaller++);
    callersOf.set(process, own);
    for (const caller of own) {
      const gate = keeper.gate(caller, process);
      const call = () => scheduler.step(caller, 'the provider answers');
      const charge = (cost: bigint) => {
        spent += cost;
      };
      await scheduler.spawn(caller, () => callUntilRefused(gate, { random, call, charge }));
    }
  };
  for (let process = 0; process < processes; process++) await start(process);
  const crashAt = crashAfter.from + random.below(crashAfter.spread);
  await scheduler.run(async (parked) => {
    clock.advance(random.below(stepMsMax));
    keeper.tick();
    if (scheduler.steps === crashAt) {
      const dead = random.below(processes);
      const alive = new Set(parked.map(({ process }) => process));
      for (const caller of callersOf.get(dead)!) if (alive.has(caller)) scheduler.crash(caller);
      keeper.crash(dead, callersOf.get(dead)!);
      await start(dead);
      return { process: anyReady(random, scheduler.parked()) };
    }
    return { process: anyReady(random, parked) };
  });
  clock.advance(86_400_000);
  const books = await keeper.atRest();
  return {
    spent,
    over: atLeastZero(spent - limit),
    lost: atLeastZero(spent - books.spent),
    stuck: books.held,
    extra: atLeastZero(books.spent - spent),
  };
}

interface Calling {
  readonly random: Random;
  readonly call: () => Promise<void>;
  readonly charge: (cost: bigint) => void;
}

/** A provider bills what it was asked, whether or not the caller lives to hear the answer. */
async function callUntilRefused(
  gate: ReturnType<Keeper['gate']>,
  { random, call, charge }: Calling,
): Promise<void> {
  for (let refusals = 0; refusals < refusalsMax; ) {
    const ticket = await gate.admit();
    if (ticket === null) {
      refusals += 1;
      await call();
      continue;
    }
    const cost = (setting.worst * BigInt(40 + random.below(61))) / 100n;
    charge(cost);
    await call();
    await ticket.settle(cost);
  }
}

function atLeastZero(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}
