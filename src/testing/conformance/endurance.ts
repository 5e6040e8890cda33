import assert from 'node:assert/strict';
import { openLedger } from '../../core/ledger.ts';
import { type Verification, verify } from '../../core/verify.ts';
import { NanocentError } from '../../errors/error.ts';
import { assertLaws, readBooks } from '../laws.ts';
import { costLimit, requestsFor } from '../requests.ts';
import type { Bench, StoreOnTrial, Trial } from './trial.ts';

/** What must outlast a purge, an error and the end of a process. */
export const endurance: readonly Trial[] = [
  { name: 'a purge deletes rows and is explained by the journal', play: purgeIsExplained },
  { name: 'a purge excuses no row that was not yet written', play: purgeExcusesNothingLater },
  { name: 'a machine that throws leaves nothing behind', play: throwingLeavesNothing },
  { name: 'a closed store says so', play: closedSaysSo },
];

export const reopening: Trial = { name: 'everything is there after opening again', play: everythingIsThere };
export const twoConnections: Trial = {
  name: 'a second connection sees and continues the same books',
  play: continues,
};
export const tampering: Trial = {
  name: 'verify sees what was changed in the store itself',
  play: seesTampering,
};

async function purgeIsExplained(bench: Bench): Promise<void> {
  const { ledger, ids, clock } = bench;
  const { record, reserve, settle } = requestsFor(ids, clock);
  await ledger.write(costLimit(1000n));
  for (const amount of [1n, 20n, 300n]) {
    await ledger.write(record(amount, { username: 'ann', model: 'big' }));
    clock.advance(86_400_000);
  }
  const hold = reserve(5n);
  await ledger.write(hold);
  const before = clock.now() - 86_400_000;
  await ledger.write({ kind: 'purge', before });
  const { entries, accounts } = await readBooks(ledger.reads);
  assert.deepEqual(
    entries.map(({ nanocents }) => nanocents),
    [300n],
    'a row of exactly that instant stays',
  );
  assert.deepEqual([accounts[0]!.settled, accounts[0]!.reserved], [321n, 5n]);
  const [total] = await ledger.reads.totals({ from: 0, to: clock.now() + 1, filter: {}, by: [] });
  assert.equal(total!.nanocents, 300n);
  assert.deepEqual((await ledger.reads.purges()).length, 1);
  assert.deepEqual((await verify(ledger.reads)).differences, []);
  await ledger.write(settle(hold.id, 5n));
  await ledger.write({ kind: 'purge', before: clock.now() + 1 });
  assert.equal(await ledger.reads.countEntries(), 0);
  await assertLaws(ledger.reads);
}

async function purgeExcusesNothingLater({ ledger, ids, clock }: Bench): Promise<void> {
  const { record } = requestsFor(ids, clock);
  await ledger.write({ kind: 'purge', before: clock.now() + 1000 });
  const late = record(7n);
  await ledger.write(late);
  const reads = Object.create(ledger.reads, {
    entriesById: { value: async () => [] },
    countEntries: { value: async () => 0 },
  });
  const bound = new Proxy(ledger.reads, {
    get: (target, name) => {
      const own = Object.hasOwn(reads, name) ? reads[name] : target[name as keyof typeof target];
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
  assert.deepEqual((await verify(ledger.reads)).differences, []);
  assert.deepEqual(
    (await verify(bound)).balanced,
    false,
    'a row deleted without a purge of its own is missed',
  );
}

async function throwingLeavesNothing({ ledger, subject, ids, clock }: Bench): Promise<void> {
  const { reserve } = requestsFor(ids, clock);
  await ledger.write(costLimit(100n));
  await ledger.write(reserve(10n));
  const before = await readBooks(ledger.reads);
  const machine = {
    names: () => ({ idempotency: [], reservations: [], changesLimits: false }),
    touches: () => ({
      accounts: [{ ...before.accounts[0]!, key: 'e'.repeat(32), windowStart: 1 }],
      backfills: [],
      accountsOfLimits: [],
      tasks: [],
    }),
    decide: () => {
      throw new NanocentError('plan_impossible', 'a machine that cannot decide');
    },
  };
  await assert.rejects(subject.store.transact([1], machine), { code: 'plan_impossible' });
  assert.deepEqual(await readBooks(ledger.reads), before);
  const result = await ledger.write(reserve(90n));
  assert.equal(result.outcome, 'reserved', 'the store goes on');
  await assertLaws(ledger.reads);
}

async function closedSaysSo({ ledger, subject, ids, clock }: Bench): Promise<void> {
  const { record } = requestsFor(ids, clock);
  await ledger.write(record(1n));
  await ledger.close();
  await ledger.close();
  await assert.rejects(ledger.write(record(1n)), { code: 'store_closed' });
  await assert.rejects(openLedger(subject.store).write(record(1n)), { code: 'store_closed' });
}

async function everythingIsThere({ ledger, subject, ids, clock }: Bench): Promise<void> {
  const { record, reserve } = requestsFor(ids, clock);
  const idempotency = { name: 'a'.repeat(64), fingerprint: 'b'.repeat(64) };
  await ledger.write(costLimit(100n, 'username'));
  const hold = reserve(2n ** 53n + 1n, {}, { ttlMs: 1000, idempotency });
  await ledger.write(hold);
  await ledger.write(record(40n, { username: 'ann' }));
  const before = await readBooks(ledger.reads);
  const kept = await ledger.reads.reservation(hold.id);
  const facts = await ledger.reads.facts();
  const limits = await ledger.reads.limits();
  await ledger.close();

  const again = openLedger(await subject.reopen!());
  try {
    assert.deepEqual(await readBooks(again.reads), before);
    assert.deepEqual(await again.reads.reservation(hold.id), kept);
    assert.deepEqual(await again.reads.facts(), facts);
    assert.deepEqual(await again.reads.limits(), limits);
    const replay = await again.write({ ...hold, id: ids.uuid(), idempotency });
    assert.deepEqual([replay.outcome, 'id' in replay && replay.id], ['replayed', hold.id]);
    const refused = await again.write(reserve(61n, { username: 'ann' }));
    assert.equal(refused.outcome, 'refused');
    clock.advance(1000);
    assert.deepEqual((await again.reads.dueReservations(10)).ids, [hold.id]);
    await assertLaws(again.reads);
  } finally {
    await again.close();
  }
}

/** Whatever one connection remembers, it must see what the other one has committed since. */
async function continues({ ledger, subject, ids, clock }: Bench): Promise<void> {
  const { record, reserve, settle } = requestsFor(ids, clock);
  const other = openLedger(await subject.another!());
  try {
    const outcomes: string[] = [];
    const ask = async (who: typeof ledger, request: Parameters<typeof ledger.write>[0]) => {
      outcomes.push((await who.write(request)).outcome);
    };
    const hold = reserve(60n);
    await ask(ledger, reserve(50n));
    await ask(other, costLimit(120n));
    await ask(ledger, hold);
    await ask(other, reserve(11n));
    await ask(other, settle(hold.id, 55n));
    await ask(ledger, settle(hold.id, 55n));
    await ask(ledger, costLimit(1000n));
    await ask(other, reserve(11n));
    await ask(other, record(3n));
    await ask(ledger, { kind: 'endLimit', id: 1 });
    await ask(other, reserve(100_000n));
    assert.deepEqual(
      outcomes,
      'reserved ruled reserved refused settled settled ruled reserved recorded ruled reserved'.split(' '),
    );
    assert.deepEqual(await readBooks(ledger.reads), await readBooks(other.reads));
    await assertLaws(ledger.reads);
  } finally {
    await other.close();
  }
}

async function seesTampering({ ledger, subject, ids, clock }: Bench): Promise<void> {
  const { record, reserve, settle } = requestsFor(ids, clock);
  await ledger.write(costLimit(1000n));
  const hold = reserve(10n, { username: 'ann', model: 'big' });
  await ledger.write(hold);
  await ledger.write(settle(hold.id, 7n));
  await ledger.write(record(30n, { username: 'bob', model: 'tiny' }));
  await ledger.write(reserve(5n, { username: 'ann' }));
  assert.deepEqual((await verify(ledger.reads)).differences, []);
  for (const { name, apply } of subject.tampering!) {
    const before = await freshlyVerified(subject);
    await apply();
    const after = await freshlyVerified(subject);
    assert.ok(
      !after.balanced && after.differences.join() !== before.differences.join(),
      `verify sees: ${name}, beside what it saw before`,
    );
  }
}

/** Through a connection of its own where there can be one: what an older one remembers is not what is stored. */
async function freshlyVerified({ store, another }: StoreOnTrial): Promise<Verification> {
  const fresh = await another?.();
  try {
    return await verify(fresh ?? store);
  } finally {
    await fresh?.close();
  }
}
