import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interleave } from '../../src/testing/interleavings.ts';
import { exhaust, smallScopes } from '../../src/testing/interleavings-exhaustive.ts';

const runs = 100_000;
/** Of so many, one is proved by `verify` and the laws at its end, besides what is looked at after each commit. */
const provedEvery = 25;

test(`${runs} random orders of several processes, with crashes and lost answers`, async (t) => {
  let steps = 0;
  let crashes = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const { order } = await interleave({ seed, proved: seed % provedEvery === 0 });
    steps += order.length;
    if (order.includes('†')) crashes += 1;
  }
  t.diagnostic(`seeds 1–${runs}: ${steps} steps, ${crashes} processes died`);
  t.diagnostic(`more: npm run prove -- interleavings --seed ${runs + 1} --size ${10 * runs}`);
  assert.ok(steps > 20 * runs, 'orders are not empty');
  assert.ok(crashes > runs / 4, 'processes died');
});

test('the same seed plays the same order', async () => {
  const once = await interleave({ seed: 7, proved: true });
  assert.deepEqual(await interleave({ seed: 7, proved: true }), once);
});

for (const scope of smallScopes()) {
  const title = `${scope.asked.length} processes × ${scope.steps} steps`;
  test(`${title}, every order, each with a crash after each step: ${scope.name}`, async (t) => {
    const { orders, runs: played } = await exhaust(scope);
    t.diagnostic(`${orders} orders, ${played} runs with crashes`);
    assert.equal(orders, { 2: 924, 3: 34_650 }[scope.asked.length]);
  });
}
