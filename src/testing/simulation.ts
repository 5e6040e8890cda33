import assert from 'node:assert/strict';
import { openLedger, type StoreReads } from '../core/ledger.ts';
import type { WriteResult } from '../core/request.ts';
import type { Store } from '../store/port.ts';
import type { FakeClock } from './fake-clock.ts';
import { assertLaws } from './laws.ts';
import { type Moment, RandomCommands } from './random-commands.ts';
import type { Answer } from './reference-hold.ts';
import { ReferenceLedger } from './reference-ledger.ts';
import { whoOf } from './reference-limits.ts';
import { seededIds, seededRandom } from './seeded.ts';

/** Which random histories are played, on what. */
export interface SimulationOptions {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly seed: number;
  /** Sequences played one after the other on the same ledger. */
  readonly sequences: number;
  /** Most moments of one sequence. */
  readonly momentsMax: number;
  /** Proves the laws after every moment instead of after every sequence. */
  readonly thorough: boolean;
  /** Before this moment of each sequence, counted from 0, the clock jumps. */
  readonly jump?: { readonly moment: number; readonly byMs: number };
}

/**
 * Plays random sequences on a store and on the reference, and compares after each moment what was answered, every
 * balance, every hold touched and the totals. Throws an AssertionError that holds the moment at which they part.
 */
export async function simulate(options: SimulationOptions): Promise<{ readonly commands: number }> {
  const { store, clock, seed } = options;
  const random = seededRandom(seed);
  const commands = new RandomCommands(random, seededIds(seed));
  const reference = new ReferenceLedger();
  const ledger = openLedger(store);
  let count = 0;
  for (let sequence = 0; sequence < options.sequences; sequence++) {
    const moments = 1 + random.below(options.momentsMax);
    for (let step = 0; step < moments; step++) {
      if (options.jump?.moment === step) clock.advance(options.jump.byMs);
      const moment = commands.next(reference, clock.now());
      clock.advance(moment.advanceMs);
      const expected = reference.ask(moment.requests, clock.now());
      const results = await Promise.all(moment.requests.map((request) => ledger.write(request)));
      count += results.length;
      try {
        assert.deepEqual(results.map(answerOf), expected.map(complete));
        await compare(store, reference, moment, options.thorough);
      } catch (error) {
        throw parted(error, `seed ${seed}, sequence ${sequence}, moment ${step}`, moment);
      }
    }
    await assertLaws(store);
  }
  return { commands: count };
}

async function compare(
  store: StoreReads,
  reference: ReferenceLedger,
  { requests }: Moment,
  thorough: boolean,
): Promise<void> {
  const actual = new Map<string, string>();
  for (const account of await store.scanAccounts(null, 10_000)) {
    const { limitId, subject, windowStart, settled, reserved } = account;
    if (settled !== 0n || reserved !== 0n) {
      actual.set(`${limitId}|${whoOf(subject)}|${windowStart}`, `${settled} ${reserved}`);
    }
  }
  const balances = spelledOut(actual);
  const expected = spelledOut(reference.movements.sums());
  if (balances !== expected) assert.equal(balances, expected, 'balances');
  for (const request of requests) {
    if (!('id' in request) || typeof request.id !== 'string') continue;
    const hold = reference.hold(request.id);
    const found = await store.reservation(request.id);
    const known = hold && [hold.state, hold.held, hold.posted, hold.admitted, hold.fence, hold.expiresAt];
    const seen = found && [
      found.state,
      found.held,
      found.posted,
      found.admitted,
      found.fence,
      found.expiresAt,
    ];
    assert.deepEqual(seen ?? null, known ?? null, `hold ${request.id}`);
  }
  const [totals] = await store.totals({ from: 0, to: 2 ** 45, filter: {}, by: [] });
  const rows = reference.rows.all;
  const sums = {
    entries: BigInt(rows.length),
    calls: BigInt(rows.filter(({ calls }) => calls === 1).length),
    nanocents: rows.reduce((sum, { nanocents }) => sum + (nanocents ?? 0n), 0n),
    unpricedCalls: BigInt(rows.filter(({ nanocents }) => nanocents === null).length),
  };
  const { entries = 0n, calls = 0n, nanocents = 0n, unpricedCalls = 0n } = totals ?? {};
  assert.deepEqual({ entries, calls, nanocents, unpricedCalls }, sums, 'totals');
  if (thorough) await assertLaws(store);
}

function spelledOut(balances: Map<string, string>): string {
  return Array.from(balances, ([account, balance]) => `${account}: ${balance}`)
    .sort()
    .join('\n');
}

/** Everything of a result that the reference foretells. */
function answerOf(result: WriteResult): Answer {
  const entry = result.entry ? `${result.entry.nanocents} ${result.entry.calls}` : 'none';
  return complete({
    outcome: result.outcome,
    ...('amount' in result && { amount: result.amount }),
    ...('overrun' in result && { overrun: result.overrun }),
    ...('rows' in result && { rows: result.rows }),
    ...('replayed' in result && { replayed: result.replayed }),
    ...('code' in result && { code: result.code }),
    ...('id' in result && { id: result.id }),
    ...(result.outcome === 'refused' && {
      refusals: result.refusals.map(
        ({ limit, account, used, held, requested, reason }) =>
          `${limit.id} ${whoOf(account.subject)} ${used} ${held} ${requested} ${reason}`,
      ),
    }),
    row: entry,
  });
}

function complete(answer: Answer): Answer {
  return { row: 'none', ...answer };
}

function parted(error: unknown, where: string, moment: Moment): Error {
  const message = error instanceof Error ? error.message : String(error);
  const show = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
  return new Error(`${where}: ${message}\n${JSON.stringify(moment, show, 1)}`, { cause: error });
}
