import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLedger } from '../../src/core/ledger.ts';
import { allLimitStates, limitStates } from '../../src/reports/limit-states.ts';
import { openMemory } from '../../src/store/memory/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { costLimit, requestsFor } from '../../src/testing/requests.ts';
import { seededIds } from '../../src/testing/seeded.ts';

test('the state of a rolling limit is the sum of its steps and what its head holds, for one caller and for all', async () => {
  const clock = fakeClock('2026-03-01T10:00:00Z');
  const ledger = openLedger(openMemory({ clock, ledgerId: 'states' }));
  const ask = requestsFor(seededIds(3), clock);
  const { limit } = costLimit(100n, 'username');
  const window = { kind: 'rolling', unit: 'hour', count: 1 } as const;
  await ledger.write({ kind: 'setLimit', limit: { ...limit, window }, fromNow: false });
  await ledger.write(ask.record(10n, { username: 'ann' }));
  await ledger.write(ask.record(3n, { username: 'bob' }));
  clock.advance(30 * 60_000);
  await ledger.write(ask.record(20n, { username: 'ann' }));
  await ledger.write(ask.reserve(40n, { username: 'ann' }, { ttlMs: 10 ** 9 }));
  const shown = async () => {
    const { limits } = await ledger.reads.limits();
    const own = await limitStates(ledger.reads, limits, { username: 'ann' }, clock.now());
    const all = await allLimitStates(ledger.reads, clock.now());
    const [ann] = own;
    assert.equal(own.length, 1);
    const same = all.filter(({ subject }) => subject.username === 'ann');
    assert.deepEqual(
      same.map(({ used, held, remaining }) => [used, held, remaining]),
      [[ann!.used, ann!.held, ann!.remaining]],
    );
    return [ann!.used, ann!.held, ann!.remaining, ann!.over, ann!.stepMs, all.length];
  };
  assert.deepEqual(await shown(), [30n, 40n, 30n, 0n, 60_000, 2]);
  clock.advance(31 * 60_000);
  assert.deepEqual(await shown(), [20n, 40n, 40n, 0n, 60_000, 1]);
  clock.advance(31 * 60_000);
  assert.deepEqual(await shown(), [0n, 40n, 60n, 0n, 60_000, 1]);
  const record = await ledger.write(ask.record(80n, { username: 'ann' }));
  const [standing] = record.outcome === 'recorded' ? (record.standings ?? []) : [];
  assert.deepEqual([standing!.account.settled, standing!.account.reserved], [80n, 40n]);
  assert.deepEqual(await shown(), [80n, 40n, 0n, 20n, 60_000, 1]);
});
