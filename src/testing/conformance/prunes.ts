import assert from 'node:assert/strict';
import { pruneAlerts, pruneCounters } from '../../core/prune.ts';
import type { WriteRequest } from '../../core/request.ts';
import { verify } from '../../core/verify.ts';
import type { WindowRule } from '../../time/window.ts';
import { assertLaws } from '../laws.ts';
import { costLimit, requestsFor } from '../requests.ts';
import type { Bench, Trial } from './trial.ts';

/** Counters that are long over go, and nothing that can still happen goes wrong without them. */
export const pruneTrials: readonly Trial[] = [
  { name: 'a counter goes 90 days after its window, with a line that says so', play: goesAfterNinetyDays },
  { name: 'a row that vanished without a line is missed', play: vanished },
  { name: 'what is settled late finds its counter again, or nothing to take back', play: settledLate },
  { name: 'a counter with a hold stays', play: heldStays },
  { name: 'a rolling limit of a second leaves few rows', play: rollingStaysSmall },
  { name: 'an alert whose window is long over is forgotten', play: alertsGo },
  { name: 'rows of limits whose windows ended, up to so many', play: endedRows },
];

const dayMs = 86_400_000;
const daily: WindowRule = { kind: 'calendar', unit: 'day', count: 1, zone: 'UTC' };

function limitOver(window: WindowRule, max = 1000n, thresholds: readonly number[] = []): WriteRequest {
  const { kind, limit } = costLimit(max);
  return { kind, limit: { ...limit, window, thresholds }, fromNow: false };
}

async function goesAfterNinetyDays({ ledger, ids, clock }: Bench): Promise<void> {
  const { record } = requestsFor(ids, clock);
  await ledger.write(limitOver(daily));
  await ledger.write(costLimit(2000n));
  await ledger.write(record(30n));
  const [day] = (await ledger.reads.scanAccounts(null, 10)).filter(({ windowEnd }) => windowEnd !== null);
  clock.set(day!.windowEnd! + 90 * dayMs - 1);
  assert.equal(await pruneCounters(ledger, clock.now(), 9), 0, 'a millisecond too early');
  clock.advance(1);
  assert.equal(await pruneCounters(ledger, clock.now(), 9), 1);
  assert.equal(await pruneCounters(ledger, clock.now(), 9), 0, 'once');
  const { accounts, lines } = await assertLaws(ledger.reads);
  assert.deepEqual(
    accounts.map(({ settled, windowEnd }) => [settled, windowEnd]),
    [[30n, null]],
    'what counts for ever stays',
  );
  const { kind, note, legs } = lines.at(-1)!;
  assert.deepEqual([kind, note], ['prune', { rows: 1, endedBefore: day!.windowEnd }]);
  assert.deepEqual(legs, [{ key: day!.key, settled: -30n, reserved: 0n, unadmitted: 0n }]);
}

async function vanished({ ledger, ids, clock }: Bench): Promise<void> {
  const { record } = requestsFor(ids, clock);
  await ledger.write(limitOver(daily));
  await ledger.write(record(30n));
  clock.advance(dayMs);
  await ledger.write(record(7n));
  clock.advance(91 * dayMs);
  const [first] = (await ledger.reads.scanAccounts(null, 10)).filter(({ settled }) => settled === 30n);
  await ledger.write({ kind: 'prune', accounts: [first!] });
  assert.deepEqual((await verify(ledger.reads)).differences, []);
  const without = new Proxy(ledger.reads, {
    get: (target, name) => {
      if (name === 'scanAccounts') return async () => [];
      const own = target[name as keyof typeof target];
      return typeof own === 'function' ? (own as () => unknown).bind(target) : own;
    },
  });
  assert.equal((await verify(without)).differences.length, 1, 'the one of 7 is missed, the one of 30 is not');
}

/** Two holds ran out and were charged in full; their counter is pruned; then it turns out what they really cost. */
async function settledLate({ ledger, ids, clock }: Bench): Promise<void> {
  const { reserve, settle } = requestsFor(ids, clock);
  await ledger.write(limitOver(daily));
  await ledger.write(limitOver({ kind: 'rolling', unit: 'hour', count: 1 }));
  const [less, more] = [reserve(40n), reserve(5n)];
  for (const hold of [less, more]) await ledger.write(hold);
  clock.advance(600_000);
  for (const { id } of [less, more]) await ledger.write({ kind: 'expire', id });
  clock.advance(92 * dayMs);
  assert.equal(await pruneCounters(ledger, clock.now(), 9), 2);
  const taken = await ledger.write(settle(less.id, 10n));
  assert.deepEqual(
    [taken.outcome, 'amount' in taken && taken.amount],
    ['settled_late', -30n],
    'given back in full, though the counter no longer has it',
  );
  const added = await ledger.write(settle(more.id, 25n));
  assert.deepEqual([added.outcome, 'amount' in added && added.amount], ['settled_late', 20n]);
  const { accounts } = await assertLaws(ledger.reads);
  assert.deepEqual(
    accounts.filter(({ settled }) => settled !== 0n).map(({ settled }) => settled),
    [20n, 20n],
  );
  const [total] = await ledger.reads.totals({ from: 0, to: clock.now() + 1, filter: {}, by: [] });
  assert.equal(total!.nanocents, 35n, 'reports have what it cost');
  assert.equal(await pruneCounters(ledger, clock.now(), 9), 2, 'and they go again');
  await assertLaws(ledger.reads);
}

async function heldStays({ ledger, ids, clock }: Bench): Promise<void> {
  const { reserve, record, settle } = requestsFor(ids, clock);
  await ledger.write(limitOver(daily));
  await ledger.write(limitOver({ kind: 'rolling', unit: 'hour', count: 1 }));
  const hold = reserve(40n, {}, { ttlMs: 400 * dayMs });
  await ledger.write(hold);
  await ledger.write(record(2n));
  clock.advance(92 * dayMs);
  assert.equal(
    await pruneCounters(ledger, clock.now(), 9),
    1,
    'the step of the rolling one: its hold stands on the head',
  );
  await ledger.write(settle(hold.id, 39n));
  const { accounts } = await assertLaws(ledger.reads);
  assert.deepEqual(
    accounts
      .map(({ settled }) => settled)
      .filter((settled) => settled > 0n)
      .sort(),
    [39n, 41n],
  );
  assert.equal(await pruneCounters(ledger, clock.now(), 9), 2);
  await assertLaws(ledger.reads);
}

async function rollingStaysSmall({ ledger, ids, clock }: Bench): Promise<void> {
  const { record, reserve } = requestsFor(ids, clock);
  await ledger.write(limitOver({ kind: 'rolling', unit: 'second', count: 1 }, 60n));
  let rowsMost = 0;
  for (let round = 0; round < 20; round++) {
    for (let batch = 0; batch < 50; batch++) {
      await Promise.all(Array.from({ length: 10 }, () => ledger.write(record(1n))));
      clock.advance(500);
    }
    await pruneCounters(ledger, clock.now(), 12);
    rowsMost = Math.max(rowsMost, (await ledger.reads.scanAccounts(null, 10_000)).length);
  }
  assert.ok(rowsMost <= 2 * 63 + 1, `two steps a second for a minute, its window and a head: ${rowsMost}`);
  clock.advance(10);
  assert.deepEqual((await ledger.write(reserve(51n))).outcome, 'refused', 'ten of half a second ago count');
  assert.deepEqual((await ledger.write(reserve(50n))).outcome, 'reserved');
  const { lines } = await assertLaws(ledger.reads);
  assert.equal(lines.filter(({ kind }) => kind === 'record').length, 10_000);
}

async function alertsGo({ ledger, ids, clock }: Bench): Promise<void> {
  const { record } = requestsFor(ids, clock);
  await ledger.write(limitOver(daily, 100n, [50]));
  await ledger.write(limitOver({ kind: 'rolling', unit: 'day', count: 1 }, 100n, [50]));
  await ledger.write(limitOver({ kind: 'lifetime' }, 100n, [50]));
  await ledger.write(record(60n));
  const alerts = async () => (await ledger.reads.tasks({ kind: 'alert', limit: 10 })).length;
  assert.equal(await alerts(), 3);
  clock.advance(90 * dayMs - 1);
  assert.equal(await pruneAlerts(ledger, clock.now()), 0);
  clock.advance(dayMs + 1);
  assert.equal(await pruneAlerts(ledger, clock.now()), 2);
  assert.equal(await alerts(), 1, 'what counts for ever was told once, and is remembered');
}

async function endedRows({ ledger, ids, clock }: Bench): Promise<void> {
  const { record, reserve } = requestsFor(ids, clock);
  const { reads } = ledger;
  await ledger.write(limitOver(daily));
  await ledger.write(limitOver({ kind: 'calendar', unit: 'day', count: 2, zone: 'UTC' }));
  for (let day = 0; day < 4; day++) {
    await ledger.write(record(1n));
    clock.advance(dayMs);
  }
  await ledger.write(reserve(1n));
  const before = Math.floor(clock.now() / dayMs) * dayMs;
  const ended = async (bounds: Parameters<typeof reads.endedAccounts>[0], limit = 100) =>
    (await reads.endedAccounts(bounds, limit))
      .map(({ limitId, windowEnd }) => `${limitId} ${windowEnd! - before}`)
      .sort();
  assert.deepEqual(
    await ended([{ limitIds: [1], before }]),
    [0, 1, 2, 3].map((days) => `1 ${-days * dayMs}`).sort(),
  );
  assert.deepEqual(
    await ended([{ limitIds: [1], before: before - 1 }]),
    [1, 2, 3].map((days) => `1 ${-days * dayMs}`).sort(),
  );
  assert.equal((await ended([{ limitIds: [1, 2], before }])).length, 6);
  const apart = [
    { limitIds: [1], before: before - 3 * dayMs },
    { limitIds: [2, 7], before },
  ];
  assert.equal((await ended(apart)).length, 3);
  assert.equal((await ended(apart, 2)).length, 2);
  assert.deepEqual(
    await ended([{ limitIds: [1, 2], before: before + 99 * dayMs }]).then((all) => all.length),
    6,
    'not what is held',
  );
  assert.deepEqual(await ended([]), []);
}
