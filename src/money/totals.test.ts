import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nanocentsMax } from './nanocents.ts';
import { joinHalves, splitHalves, sumNanocents } from './totals.ts';

test('totals pass 2^63 and stay exact', () => {
  assert.equal(sumNanocents([]), 0n);
  assert.equal(sumNanocents([nanocentsMax, nanocentsMax, 1n]), 2n ** 64n - 1n);
  assert.equal(sumNanocents(new Set([1n, -3n])), -2n);
});

test('halves of the edges', () => {
  assert.deepEqual(splitHalves(0n), [0n, 0n]);
  assert.deepEqual(splitHalves(-1n), [-1n, 4_294_967_295n]);
  assert.deepEqual(splitHalves(4_294_967_296n), [1n, 0n]);
  assert.deepEqual(splitHalves(nanocentsMax), [2_147_483_647n, 4_294_967_295n]);
  assert.deepEqual(splitHalves(-(2n ** 63n)), [-2_147_483_648n, 0n]);
});

test('property: the sum of halves, joined, is the sum', () => {
  const amount = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(fc.array(amount, { maxLength: 50 }), (amounts) => {
      const halves = amounts.map(splitHalves);
      for (const [, low] of halves) assert.ok(low >= 0n && low < 2n ** 32n);
      const high = sumNanocents(halves.map(([high]) => high));
      const low = sumNanocents(halves.map(([, low]) => low));
      assert.equal(joinHalves(high, low), sumNanocents(amounts));
    }),
    { numRuns: 1000 },
  );
});
