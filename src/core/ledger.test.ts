import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NanocentError } from '../errors/error.ts';
import { openMemory } from '../store/memory/index.ts';
import type { Store } from '../store/port.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { costLimit, requestsFor } from '../testing/requests.ts';
import { seededIds } from '../testing/seeded.ts';
import { openLedger } from './ledger.ts';

const clock = fakeClock();
const { reserve, record, settle } = requestsFor(seededIds(), clock);

/** A memory store that counts its transactions, and fails as it is told. */
function watched(fail: (commands: readonly unknown[]) => unknown = () => null) {
  const sizes: number[] = [];
  const inner = openMemory({ clock, ledgerId: 'watched' });
  const store: Store = Object.create(inner, {
    transact: {
      value: async (commands: readonly never[], machine: never) => {
        const error = fail(commands);
        if (error) throw error;
        sizes.push(commands.length);
        return inner.transact(commands, machine);
      },
    },
    close: { value: () => inner.close() },
  });
  return { store, inner, sizes };
}

test('everything asked in one turn of the event loop is one transaction', async () => {
  const { store, sizes } = watched();
  const ledger = openLedger(store);
  await Promise.all(Array.from({ length: 300 }, () => ledger.write(record(1n))));
  assert.deepEqual(sizes, [300]);
  await ledger.write(record(1n));
  assert.deepEqual(sizes, [300, 1]);
});

test('a batch has a bound', async () => {
  const { store, sizes } = watched();
  const ledger = openLedger(store);
  await Promise.all(Array.from({ length: 2500 }, () => ledger.write(record(1n))));
  assert.deepEqual(sizes, [1024, 1024, 452]);
});

test('what one command breaks fails that command alone', async () => {
  const poison = record(13n);
  const { store, inner } = watched((commands) =>
    commands.includes(poison) ? new Error('a broken row') : null,
  );
  const ledger = openLedger(store);
  const asked = [...Array.from({ length: 20 }, () => record(1n)), poison, record(2n)];
  const results = await Promise.allSettled(asked.map((request) => ledger.write(request)));
  assert.deepEqual(
    results.flatMap(({ status }, index) => (status === 'rejected' ? index : [])),
    [20],
  );
  assert.equal(await inner.countEntries(), 21);
});

test('a store that cannot be reached fails all that waited, and the next may succeed', async () => {
  let isDown = true;
  const { store } = watched(() => (isDown ? new NanocentError('store_busy', 'busy') : null));
  const ledger = openLedger(store);
  const results = await Promise.allSettled([record(1n), record(2n)].map((request) => ledger.write(request)));
  assert.ok(results.every((result) => result.status === 'rejected' && result.reason.code === 'store_busy'));
  isDown = false;
  assert.equal((await ledger.write(record(3n))).outcome, 'recorded');
});

test('closing waits for what was asked before it', async () => {
  const { store, inner } = watched();
  const ledger = openLedger(store);
  const hold = reserve(5n);
  const asked = Promise.all([ledger.write(hold), ledger.write(settle(hold.id, 4n))]);
  const closed = ledger.close();
  await assert.rejects(ledger.write(record(1n)), { code: 'store_closed' });
  const results = await asked;
  await closed;
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ['reserved', 'settled'],
  );
  assert.equal(await inner.countEntries(), 1);
});

test('more than can wait are turned away, those that wait are served', async () => {
  const { store, inner } = watched();
  const ledger = openLedger(store);
  const request = { kind: 'expire', id: '00000000-0000-7000-8000-000000000000' } as const;
  const results = await Promise.allSettled(Array.from({ length: 100_001 }, () => ledger.write(request)));
  const rejected = results.flatMap((result) => (result.status === 'rejected' ? result.reason.code : []));
  assert.deepEqual(rejected, ['store_busy']);
  assert.equal(await inner.countEntries(), 0);
});

test('a hold under a rolling limit is made and ended in one batch', async () => {
  const { store, inner, sizes } = watched();
  const ledger = openLedger(store);
  const { limit } = costLimit(100n);
  const window = { kind: 'rolling', unit: 'hour', count: 1 } as const;
  await ledger.write({ kind: 'setLimit', limit: { ...limit, window }, fromNow: false });
  const [settled, voided] = [reserve(30n), reserve(40n)];
  const all = [settled, voided, settle(settled.id, 20n), { kind: 'void', id: voided.id, keep: {} } as const];
  const results = await Promise.all(all.map((request) => ledger.write(request)));
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ['reserved', 'reserved', 'settled', 'voided'],
  );
  assert.deepEqual(sizes, [1, 4]);
  const rows = await inner.scanAccounts(null, 10);
  assert.deepEqual(
    rows.flatMap((row) => (row.settled === 0n && row.reserved === 0n ? [] : [[row.settled, row.reserved]])),
    [[20n, 0n]],
  );
});
