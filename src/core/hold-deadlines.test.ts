import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemory } from '../store/memory/index.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { costLimit, requestsFor } from '../testing/requests.ts';
import { seededIds } from '../testing/seeded.ts';
import type { WindowRule } from '../time/window.ts';
import { openLedger } from './ledger.ts';
import type { WriteRequest } from './request.ts';

const minuteMs = 60_000;

async function booksWith(window: WindowRule) {
  const clock = fakeClock('2026-03-01T10:00:00Z');
  const store = openMemory({ clock, ledgerId: 'deadlines' });
  const ledger = openLedger(store);
  const { limit } = costLimit(100n, 'username');
  await ledger.write({ kind: 'setLimit', limit: { ...limit, window }, fromNow: false });
  const ask = requestsFor(seededIds(1), clock);
  const hold = (cost: bigint, ttlMs: number, username = 'ann') =>
    ledger.write(ask.reserve(cost, { username }, { ttlMs }));
  const waitMs = async (cost: bigint) => {
    const result = await hold(cost, minuteMs);
    assert.equal(result.outcome, 'refused');
    const { fitsAt } = result.outcome === 'refused' ? result.refusals[0]! : { fitsAt: null };
    return fitsAt === null ? null : fitsAt - clock.now();
  };
  const write = (request: WriteRequest) => ledger.write(request);
  return { clock, store, hold, waitMs, write, ask };
}

test('what is held is free when the first hold on that counter has run out, not one on another', async () => {
  const { hold, waitMs, clock } = await booksWith({ kind: 'lifetime' });
  await hold(10n, minuteMs, 'bob');
  await hold(40n, 5 * minuteMs);
  await hold(60n, 3 * minuteMs);
  assert.equal(await waitMs(1n), 3 * minuteMs);
  clock.advance(999);
  assert.equal(await waitMs(1n), 3 * minuteMs - 999);
  assert.equal(await waitMs(101n), null, 'no hold and no time makes room for more than there is');
});

test('the window turns before the hold ends, or after it', async () => {
  const hour = { kind: 'calendar', unit: 'hour', count: 1, zone: 'UTC' } as const;
  const { hold, waitMs } = await booksWith(hour);
  await hold(100n, 30 * minuteMs);
  assert.equal(await waitMs(1n), 30 * minuteMs);
  const late = await booksWith(hour);
  late.clock.advance(50 * minuteMs);
  await late.hold(100n, 30 * minuteMs);
  assert.equal(await late.waitMs(1n), 10 * minuteMs);
});

test('a rolling window: the steps that leave it, or the hold on its head', async () => {
  const { hold, waitMs, write, ask, clock } = await booksWith({ kind: 'rolling', unit: 'hour', count: 1 });
  await write(ask.record(60n, { username: 'ann' }));
  clock.advance(10 * minuteMs);
  // AC-62: what was spent 10 minutes ago leaves in 50, and in one step more at most.
  assert.equal(await waitMs(41n), 51 * minuteMs - 1);
  await hold(40n, 20 * minuteMs);
  assert.equal(await waitMs(30n), 20 * minuteMs);
});

test('a storm of refusals reads the open holds once in a second, and no more than a hundred', async () => {
  const { store, hold, waitMs, clock } = await booksWith({ kind: 'lifetime' });
  await hold(100n, 5 * minuteMs);
  let reads = 0;
  const { openReservations } = store;
  store.openReservations = (limit) => {
    if (limit === 100) reads += 1;
    return openReservations.call(store, limit);
  };
  for (let call = 0; call < 200; call++) assert.equal(await waitMs(1n), 5 * minuteMs);
  assert.equal(reads, 1);
  clock.advance(1000);
  assert.equal(await waitMs(1n), 5 * minuteMs - 1000);
  assert.equal(reads, 2);
});

test('a refusal stands where its wait cannot be looked up', async () => {
  const { store, hold, waitMs } = await booksWith({ kind: 'lifetime' });
  await hold(100n, 5 * minuteMs);
  store.openReservations = () => Promise.reject(new Error('the disk is gone'));
  assert.equal(await waitMs(1n), null);
});
