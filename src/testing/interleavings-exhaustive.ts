import assert from 'node:assert/strict';
import type { LedgerService } from '../core/ledger.ts';
import type { WriteRequest, WriteResult } from '../core/request.ts';
import { type OpenProcess, openOurs, SharedBooks } from './interleavings.ts';
import type { Place } from './interleavings-store.ts';
import { costLimit, requestsFor } from './requests.ts';
import { seededIds } from './seeded.ts';

/** A small history of which every order is tried. */
export interface SmallScope {
  readonly name: string;
  readonly locking: Place['locking'];
  /** What stands in the books before. */
  readonly given: readonly WriteRequest[];
  /** How far the clock moves after that. */
  readonly advanceMs: number;
  /** What each process asks: one write. */
  readonly asked: readonly WriteRequest[];
  /** Awaits of each process. */
  readonly steps: number;
  /** What must have come of it, where nobody crashed. */
  readonly check: (results: readonly WriteResult[]) => void;
}

export interface Exhausted {
  /** Orders of all steps of all processes. */
  readonly orders: number;
  /** Those, and every place in them at which one process may end for good. */
  readonly runs: number;
}

/**
 * Every order in which the awaits of the processes can follow each other, each of them once to its end and once for every step
 * after which a process may crash. What comes after a crash does not depend on the steps that the dead one did not take, so
 * each such run is played once. A process whose turn comes while it waits for a lock takes its step when the lock is free.
 */
export async function exhaust(scope: SmallScope, open: OpenProcess = openOurs): Promise<Exhausted> {
  const everyone = scope.asked.map(() => scope.steps);
  let orders = 0;
  let runs = 0;
  for (const order of ordersOf(everyone)) {
    await play(scope, open, { order, crash: null });
    orders += 1;
  }
  for (const process of everyone.keys()) {
    for (let taken = 0; taken < scope.steps; taken++) {
      for (const order of ordersOf(everyone.with(process, taken))) {
        await play(scope, open, { order, crash: { process, taken } });
        runs += 1;
      }
    }
  }
  return { orders, runs: orders + runs };
}

interface Run {
  readonly order: readonly number[];
  readonly crash: { readonly process: number; readonly taken: number } | null;
}

async function play(scope: SmallScope, open: OpenProcess, { order, crash }: Run): Promise<void> {
  const shared = new SharedBooks(scope.locking);
  try {
    await shared.given(...scope.given);
    shared.clock.advance(scope.advanceMs);
    const results: WriteResult[] = [];
    for (const [process, request] of scope.asked.entries()) {
      const ledger: LedgerService = open(shared.place, process, seededIds(process));
      await shared.scheduler.spawn(process, async () => {
        results[process] = await ledger.write(request);
      });
    }
    await inOrder(shared, order, crash);
    if (!crash) scope.check(results);
    await shared.end({ proved: false });
  } catch (cause) {
    const died = crash ? `, ${crash.process} dies after its step ${crash.taken}` : '';
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${scope.name}, order ${order.join('')}${died}: ${message}`, { cause });
  }
}

async function inOrder({ scheduler }: SharedBooks, order: Run['order'], crash: Run['crash']): Promise<void> {
  const owed = new Map<number, number>();
  const taken = new Map<number, number>();
  const catchUp = async () => {
    for (;;) {
      const next = scheduler.parked().find(({ process, ready }) => ready && (owed.get(process) ?? 0) > 0);
      if (!next) return;
      owed.set(next.process, owed.get(next.process)! - 1);
      await scheduler.take(next.process);
    }
  };
  const crashIfDue = async () => {
    if (crash === null || (taken.get(crash.process) ?? 0) < crash.taken) return;
    scheduler.crash(crash.process);
    await catchUp();
  };
  await crashIfDue();
  for (const process of order) {
    owed.set(process, (owed.get(process) ?? 0) + 1);
    taken.set(process, (taken.get(process) ?? 0) + 1);
    await catchUp();
    if (process === crash?.process) await crashIfDue();
  }
  await scheduler.run((parked) => ({ process: parked.find(({ ready }) => ready)!.process }));
}

/** Every order of so many steps of each process: `[2, 1]` gives 001, 010, 100. */
export function* ordersOf(counts: readonly number[]): Generator<readonly number[]> {
  const left = [...counts];
  const order: number[] = [];
  const length = left.reduce((sum, count) => sum + count, 0); // count: steps
  function* extend(): Generator<readonly number[]> {
    if (order.length === length) yield [...order];
    for (let process = 0; process < left.length; process++) {
      if (left[process] === 0) continue;
      left[process]! -= 1;
      order.push(process);
      yield* extend();
      order.pop();
      left[process]! += 1;
    }
  }
  yield* extend();
}

const second = 1000;
const rollingHour = { kind: 'rolling', unit: 'hour', count: 1 } as const;

/** Two processes and six awaits each, on a database with row locks; three and four each, with one writer at a time. */
export function smallScopes(): readonly SmallScope[] {
  const ids = seededIds('small scopes');
  const { reserve, settle } = requestsFor(ids, { now: () => Date.UTC(2026, 2, 1) });
  const hold = reserve(30n, {}, { ttlMs: second });
  const limited = costLimit(100n);
  const key = { name: 'c'.repeat(64), fingerprint: 'said' };
  const outcomes = (results: readonly WriteResult[]) => results.map(({ outcome }) => outcome).sort();
  const two = { locking: 'rows', given: [limited, hold], advanceMs: second, steps: 6 } as const;
  return [
    {
      ...two,
      name: 'two reserves over one limit',
      asked: [reserve(50n), reserve(60n)],
      check: (results) => assert.deepEqual(outcomes(results), ['refused', 'reserved']),
    },
    {
      ...two,
      name: 'a settle against an expiry',
      asked: [settle(hold.id, 7n), { kind: 'expire', id: hold.id }],
      check: ([settled, expired]) => {
        const late = expired?.outcome === 'expired';
        assert.equal(settled?.outcome, late ? 'settled_late' : 'settled');
      },
    },
    {
      ...two,
      name: 'two settles with different amounts',
      asked: [settle(hold.id, 7n), settle(hold.id, 8n)],
      check: (results) => assert.deepEqual(outcomes(results), ['failed', 'settled']),
    },
    {
      ...two,
      name: 'one key, asked for by two',
      asked: [reserve(20n, {}, { idempotency: key }), reserve(20n, {}, { idempotency: key })],
      check: (results) => assert.deepEqual(outcomes(results), ['replayed', 'reserved']),
    },
    {
      ...two,
      name: 'a reserve and a settle in one rolling window',
      given: [{ ...limited, limit: { ...limited.limit, window: rollingHour } }, hold],
      asked: [reserve(60n), settle(hold.id, 41n)],
      // Held with 30 it leaves room for 60, settled with 41 it does not.
      check: ([reserved, settled]) => {
        assert.match(reserved!.outcome, /^(reserved|refused)$/);
        assert.equal(settled?.outcome, 'settled');
      },
    },
    {
      name: 'a reserve, a settle and an expiry',
      locking: 'writer',
      given: [limited, hold],
      advanceMs: second,
      steps: 4,
      asked: [reserve(80n), settle(hold.id, 40n), { kind: 'expire', id: hold.id }],
      // Settled with 40 or still held with 30: there is never room for 80.
      check: ([reserved, settled]) => {
        assert.equal(reserved?.outcome, 'refused');
        assert.match(settled!.outcome, /^settled(_late)?$/);
      },
    },
  ];
}
