import assert from 'node:assert/strict';
import { expireDue } from '../../core/expire-due.ts';
import { type LedgerService, openLedger } from '../../core/ledger.ts';
import type { WriteRequest, WriteResult } from '../../core/request.ts';
import type { Store } from '../../store/port.ts';
import { assertLaws } from '../laws.ts';
import { costLimit, requestsFor } from '../requests.ts';
import type { Bench, Trial } from './trial.ts';

/** Many who ask at once. Through one connection, and through two where the store can be opened twice. */
export const races: readonly Trial[] = [
  {
    name: 'parallel reserves grant exactly what the limit holds',
    play: (bench) => grantExactly(bench, 1000n, 7n),
  },
  {
    name: 'parallel reserves of one grant exactly the limit',
    play: (bench) => grantExactly(bench, 137n, 1n),
  },
  {
    name: 'parallel reserves over a limit of zero grant nothing',
    play: (bench) => grantExactly(bench, 0n, 1n),
  },
  {
    name: 'parallel reserves larger than the limit grant nothing',
    play: (bench) => grantExactly(bench, 9n, 10n),
  },
  { name: 'several limits at once: all of them move, or none', play: allOrNone },
  { name: 'settle against expire: each hold ends once', play: settleAgainstExpire },
  { name: 'two settles of one hold: one posts', play: settleTwice },
  { name: 'one reservation id asked for many times is one hold', play: sameId },
  { name: 'one idempotency key asked for many times moves once', play: sameKey },
  { name: 'a limit that moves while everyone reserves is never passed', play: movingLimit },
];

/** Writers that do not wait for each other: ledgers of their own on each connection. */
async function withWriters(
  { subject }: Bench,
  play: (write: (request: WriteRequest) => Promise<WriteResult>) => Promise<void>,
): Promise<void> {
  const others: Store[] = subject.another ? [await subject.another()] : [];
  const writers: LedgerService[] = [subject.store, subject.store, ...others, ...others].map(openLedger);
  let turn = 0;
  try {
    await play((request) => writers[turn++ % writers.length]!.write(request));
  } finally {
    for (const other of others) await other.close();
  }
}

async function grantExactly(bench: Bench, limit: bigint, amount: bigint): Promise<void> {
  const { ledger, ids, clock } = bench;
  const { reserve } = requestsFor(ids, clock);
  await ledger.write(costLimit(limit));
  await withWriters(bench, async (write) => {
    const results = await Promise.all(Array.from({ length: 400 }, () => write(reserve(amount))));
    const granted = results.filter(({ outcome }) => outcome === 'reserved').length;
    assert.equal(BigInt(granted), limit / amount, 'holds granted');
    assert.equal(results.filter(({ outcome }) => outcome === 'refused').length, 400 - granted);
  });
  const { accounts } = await assertLaws(ledger.reads);
  assert.equal(
    accounts.reduce((sum, account) => sum + account.reserved, 0n),
    (limit / amount) * amount,
  );
}

async function allOrNone(bench: Bench): Promise<void> {
  const { ledger, ids, clock } = bench;
  const { reserve } = requestsFor(ids, clock);
  await ledger.write(costLimit(500n));
  await ledger.write(costLimit(90n, 'username'));
  await ledger.write(costLimit(200n, 'model'));
  let held = 0n;
  await withWriters(bench, async (write) => {
    const results = await Promise.all(
      Array.from({ length: 300 }, (_, index) => {
        const attributes = { username: `user-${index % 9}`, model: `model-${index % 4}` };
        return write(reserve(BigInt(1 + (index % 13)), attributes));
      }),
    );
    for (const result of results) if (result.outcome === 'reserved') held += result.reservation.held.cost!;
  });
  const { accounts } = await assertLaws(ledger.reads);
  for (const limitId of [1, 2, 3]) {
    const own = accounts.filter((account) => account.limitId === limitId);
    assert.equal(
      own.reduce((sum, account) => sum + account.reserved, 0n),
      held,
      `limit ${limitId} holds what was granted`,
    );
  }
}

async function settleAgainstExpire(bench: Bench): Promise<void> {
  const { ledger, ids, clock } = bench;
  const { reserve, settle } = requestsFor(ids, clock);
  const holds = Array.from({ length: 60 }, () => reserve(10n, {}, { ttlMs: 1000 }));
  await Promise.all(holds.map((hold) => ledger.write(hold)));
  clock.advance(1000);
  let posted = 0n;
  await withWriters(bench, async (write) => {
    const asked = holds.flatMap(({ id }, index) =>
      index % 2 === 0
        ? [write({ kind: 'expire', id }), write(settle(id, 7n))]
        : [write(settle(id, 7n)), write({ kind: 'expire', id })],
    );
    for (const result of await Promise.all(asked)) if ('amount' in result) posted += result.amount;
  });
  assert.equal(await expireDue(ledger), 0, 'nothing is left to expire');
  assert.equal(posted, 7n * 60n);
  for (const { id } of holds) {
    const { state, posted: own } = (await ledger.reads.reservation(id))!;
    assert.match(state, /^settled(_late)?$/);
    assert.equal(own.cost, 7n);
  }
  await assertLaws(ledger.reads);
}

async function settleTwice(bench: Bench): Promise<void> {
  const { ledger, ids, clock } = bench;
  const { reserve, settle } = requestsFor(ids, clock);
  const hold = reserve(50n);
  await ledger.write(hold);
  await withWriters(bench, async (write) => {
    const amounts = Array.from({ length: 40 }, (_, index) => BigInt(10 + (index % 2)));
    const results = await Promise.all(amounts.map((amount) => write(settle(hold.id, amount))));
    const settled = results.filter((result) => result.outcome === 'settled');
    assert.equal(
      settled.filter((result) => 'replayed' in result && !result.replayed).length,
      1,
      'one settle posts',
    );
    assert.equal(settled.length, 20, 'those with the same amount are told the same');
    const failed = results.filter((result) => result.outcome === 'failed');
    assert.ok(failed.length === 20 && failed.every(({ code }) => code === 'reservation_already_settled'));
  });
  const { entries } = await assertLaws(ledger.reads);
  assert.equal(entries.length, 1);
}

async function sameId(bench: Bench): Promise<void> {
  const { ledger, ids, clock } = bench;
  const { reserve } = requestsFor(ids, clock);
  await ledger.write(costLimit(1000n));
  const hold = reserve(30n);
  await withWriters(bench, async (write) => {
    const results = await Promise.all(Array.from({ length: 50 }, () => write(hold)));
    const first = results.filter((result) => result.outcome === 'reserved' && !result.replayed);
    assert.equal(first.length, 1);
  });
  const { accounts } = await assertLaws(ledger.reads);
  assert.equal(accounts[0]!.reserved, 30n);
}

async function sameKey(bench: Bench): Promise<void> {
  const { ledger, ids, clock } = bench;
  const { reserve, record } = requestsFor(ids, clock);
  const idempotency = (name: string) => ({ name: name.repeat(64), fingerprint: 'f'.repeat(64) });
  await ledger.write(costLimit(1000n));
  await withWriters(bench, async (write) => {
    const reserves = Array.from({ length: 30 }, () =>
      write(reserve(30n, {}, { idempotency: idempotency('a') })),
    );
    const records = Array.from({ length: 30 }, () =>
      write(record(4n, {}, { idempotency: idempotency('b') })),
    );
    for (const [asked, moved] of [
      [reserves, 'reserved'],
      [records, 'recorded'],
    ] as const) {
      const results = await Promise.all(asked);
      assert.equal(results.filter(({ outcome }) => outcome === moved).length, 1, `${moved} once`);
      assert.equal(results.filter(({ outcome }) => outcome === 'replayed').length, 29);
      const named = new Set(results.flatMap((result) => (result.outcome === 'replayed' ? result.id : [])));
      assert.equal(named.size, 1, 'everyone is told the same id');
    }
  });
  const { accounts } = await assertLaws(ledger.reads);
  assert.deepEqual([accounts[0]!.settled, accounts[0]!.reserved], [4n, 30n]);
}

async function movingLimit(bench: Bench): Promise<void> {
  const { ledger, ids, clock } = bench;
  const { reserve } = requestsFor(ids, clock);
  await withWriters(bench, async (write) => {
    const asked = Array.from({ length: 200 }, (_, index) =>
      index % 20 === 10 ? write(costLimit(BigInt(index))) : write(reserve(2n)),
    );
    await Promise.all(asked);
  });
  await assertLaws(ledger.reads);
}
