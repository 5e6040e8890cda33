import assert from 'node:assert/strict';
import { openLedger } from '../core/ledger.ts';
import type { WriteRequest, WriteResult } from '../core/request.ts';
import { accountAt } from '../limits/pick.ts';
import type { Store } from '../store/port.ts';
import type { Clock } from '../time/clock.ts';
import { entryDraft } from './drafts.ts';
import { assertLaws } from './laws.ts';
import { costLimit, requestsFor } from './requests.ts';
import { seededIds } from './seeded.ts';

const most = 2n ** 63n - 1n;

/** Where numbers break: 32 bits, what a double holds exactly, 64 bits. */
export const numberEdges: readonly bigint[] = [
  0n,
  1n,
  2n ** 31n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  most - 1n,
  most,
];

/** One history of one user: what is reserved, settled, recorded and corrected. */
interface History {
  readonly username: string;
  readonly reserved: bigint;
  readonly spent: bigint;
  readonly recorded: bigint;
  readonly corrected: bigint;
}

/**
 * Every edge through reserve, settle, record and adjust with every other one, each history on a counter of its own, and
 * every digit compared with plain sums. Throws an AssertionError at the first history that came out otherwise.
 */
export async function proveNumbers(store: Store, clock: Clock): Promise<{ readonly histories: number }> {
  const ledger = openLedger(store);
  const ids = seededIds('numbers');
  const { reserve, settle, record } = requestsFor(ids, clock);
  const ruled = await ledger.write(costLimit(most, 'username'));
  assert.equal(ruled.outcome, 'ruled');
  const { limits } = await store.limits();
  const accountOf = ({ username }: History) => accountAt(limits[0]!, { username }, clock.now());
  const histories = allHistories();
  const askAll = (requestOf: (history: History) => WriteRequest) =>
    Promise.all(histories.map((history) => ledger.write(requestOf(history))));

  const holds = await askAll(({ username, reserved }) => reserve(reserved, { username }));
  const idOf = new Map(histories.map((history, index) => [history, reservationOf(holds[index]!)]));
  await assertBalances(store, histories, accountOf, ({ reserved }) => [0n, reserved]);

  const settled = await askAll((history) => settle(idOf.get(history)!, history.spent));
  histories.forEach(({ reserved, spent }, index) => {
    const overrun = spent > reserved ? spent - reserved : 0n;
    assertOutcome(settled[index]!, { outcome: 'settled', amount: spent, overrun });
  });
  await assertBalances(store, histories, accountOf, ({ spent }) => [spent, 0n]);

  const recorded = await askAll(({ username, recorded: amount }) => record(amount, { username }));
  histories.forEach(({ recorded: amount, spent }, index) => {
    const fits = spent + amount <= most;
    assertOutcome(recorded[index]!, fits ? { outcome: 'recorded', amount } : overflow);
  });
  await assertBalances(store, histories, accountOf, (history) => [afterRecord(history), 0n]);

  const corrected = await askAll((history) => {
    const { username, corrected: cost } = history;
    const entry = entryDraft(
      { username },
      { id: ids.uuid(), at: clock.now(), salt: ids.salt(), nanocents: cost, kind: 'adjustment', calls: 0 },
    );
    const accounts = [accountOf(history)];
    return { kind: 'adjust', quantities: { cost }, entry, accounts, reason: 'an edge', idempotency: null };
  });
  histories.forEach((history, index) => {
    const after = afterRecord(history) + history.corrected;
    const wrong = after > most ? overflow : after < 0n ? { outcome: 'failed', code: 'amount_invalid' } : null;
    assertOutcome(corrected[index]!, wrong ?? { outcome: 'adjusted', amount: history.corrected });
  });
  await assertBalances(store, histories, accountOf, (history) => [afterAdjust(history), 0n]);

  const [totals] = await store.totals({ from: 0, to: clock.now() + 1, filter: {}, by: [] });
  const sum = histories.reduce((total, history) => total + afterAdjust(history), 0n);
  assert.equal(totals?.nanocents, sum, 'the total, which no 64 bits hold, has every digit');
  await assertLaws(store);
  return { histories: histories.length };
}

const overflow = { outcome: 'failed', code: 'amount_overflow' };

function allHistories(): History[] {
  const histories: History[] = [];
  for (const reserved of numberEdges) {
    for (const spent of numberEdges) {
      // The edges of one pair meet those of the next: each meets each other in the course of all.
      for (const [index, recorded] of numberEdges.entries()) {
        const corrected = numberEdges[(index * 3 + histories.length) % numberEdges.length]!;
        for (const signed of [corrected, -corrected]) {
          const username = `user-${histories.length}`;
          histories.push({ username, reserved, spent, recorded, corrected: signed });
        }
      }
    }
  }
  return histories;
}

function afterRecord({ spent, recorded }: History): bigint {
  return spent + recorded > most ? spent : spent + recorded;
}

function afterAdjust(history: History): bigint {
  const before = afterRecord(history);
  const after = before + history.corrected;
  return after > most || after < 0n ? before : after;
}

function reservationOf(result: WriteResult): string {
  assert.ok(result.outcome === 'reserved', `every edge fits under a limit of 2^63 − 1: ${result.outcome}`);
  return result.reservation.id;
}

function assertOutcome(result: WriteResult, expected: Readonly<Record<string, unknown>>): void {
  const seen = Object.fromEntries(Object.keys(expected).map((name) => [name, result[name as 'outcome']]));
  assert.deepEqual(seen, expected);
}

async function assertBalances(
  store: Store,
  histories: readonly History[],
  accountOf: (history: History) => { readonly key: string },
  expected: (history: History) => readonly [settled: bigint, reserved: bigint],
): Promise<void> {
  const keys = histories.map((history) => accountOf(history).key);
  const rows = new Map((await store.accounts(keys)).map((row) => [row.key, row]));
  histories.forEach((history, index) => {
    const row = rows.get(keys[index]!);
    const [settled, reserved] = expected(history);
    assert.deepEqual([row?.settled ?? 0n, row?.reserved ?? 0n], [settled, reserved], history.username);
  });
}
