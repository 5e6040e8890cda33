import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interleave } from '../../src/testing/interleavings.ts';
import { ordersOf } from '../../src/testing/interleavings-exhaustive.ts';
import { inThread } from './thread.ts';

const runs = 100_000;
const runsOnFiles = 200;

test(`${runs} random orders of several processes, with crashes and lost answers`, async (t) => {
  t.diagnostic(await inThread('interleavings', { seed: 1, size: runs }));
  t.diagnostic(`more: npm run prove -- interleavings --seed ${runs + 1} --size ${10 * runs}`);
});

test(`${runsOnFiles} of them on one SQLite file each, with a connection for each process`, async (t) => {
  t.diagnostic(await inThread('connections', { seed: 1, size: runsOnFiles }));
  t.diagnostic(`more: npm run prove -- connections --seed ${runsOnFiles + 1} --size ${10 * runsOnFiles}`);
});

test('the same seed plays the same order', async () => {
  const once = await interleave({ seed: 7, proved: true });
  assert.deepEqual(await interleave({ seed: 7, proved: true }), once);
});

test('every order of 2 processes × 6 steps and of 3 × 4, each with a crash after each step', async (t) => {
  for (const line of (await inThread('orders', { seed: 1, size: 1 })).split('\n')) t.diagnostic(line);
});

test('every order is tried once', () => {
  const orders = [...ordersOf([2, 1, 1])].map((order) => order.join(''));
  assert.equal(orders.length, 12);
  assert.equal(new Set(orders).size, 12);
  assert.deepEqual([...ordersOf([0, 0])], [[]]);
});
