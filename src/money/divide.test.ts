import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allocate, divideCeil, divideFloor } from './divide.ts';

test('up is towards +∞, down towards −∞, for every pair of signs', () => {
  const cases: [bigint, bigint, bigint, bigint][] = [
    [0n, 5n, 0n, 0n],
    [1n, 5n, 1n, 0n],
    [5n, 5n, 1n, 1n],
    [6n, 5n, 2n, 1n],
    [-1n, 5n, 0n, -1n],
    [-5n, 5n, -1n, -1n],
    [-6n, 5n, -1n, -2n],
    [6n, -5n, -1n, -2n],
    [-6n, -5n, 2n, 1n],
    [142_500_000_001n, 1_000_000n, 142_501n, 142_500n],
  ];
  for (const [numerator, denominator, up, down] of cases) {
    assert.equal(divideCeil(numerator, denominator), up, `⌈${numerator}/${denominator}⌉`);
    assert.equal(divideFloor(numerator, denominator), down, `⌊${numerator}/${denominator}⌋`);
  }
});

test('missing units go to the largest remainders, ties in line order', () => {
  assert.deepEqual(allocate([14n, 15n, 16n], 10n, 5n), [1n, 2n, 2n]);
  assert.deepEqual(allocate([15n, 15n, 15n], 10n, 5n), [2n, 2n, 1n]);
  assert.deepEqual(allocate([10n, 20n], 10n, 3n), [1n, 2n]);
  assert.deepEqual(allocate([1n, 0n], 10n, 1n), [1n, 0n]);
  assert.deepEqual(allocate([-15n, 4n], 10n, -1n), [-1n, 0n]);
  assert.deepEqual(allocate([], 10n, 0n), []);
});

test('a total below the floors or above the ceilings breaks loudly', () => {
  for (const total of [2n, 5n, -1n]) {
    assert.throws(() => allocate([10n, 25n], 10n, total), { code: 'plan_impossible' }, String(total));
  }
  assert.throws(() => allocate([10n], 10n, 2n), { code: 'plan_impossible' });
  assert.throws(() => allocate([], 10n, 1n), { code: 'plan_impossible' });
});

test('property: lines sum to the charge, each within one nanocent of exact, and more never gets less', () => {
  const numerators = fc.array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 20n }), { maxLength: 12 });
  fc.assert(
    fc.property(numerators, fc.bigInt({ min: 1n, max: 10n ** 9n }), (exact, denominator) => {
      const total = divideCeil(
        exact.reduce((sum, numerator) => sum + numerator, 0n),
        denominator,
      );
      const lines = allocate(exact, denominator, total);
      assert.equal(
        lines.reduce((sum, line) => sum + line, 0n),
        total,
      );
      for (const [i, line] of lines.entries()) {
        assert.ok(
          line === divideFloor(exact[i]!, denominator) || line === divideCeil(exact[i]!, denominator),
        );
        for (const [j, other] of lines.entries()) if (exact[i]! > exact[j]!) assert.ok(line >= other);
      }
    }),
    { numRuns: 1000 },
  );
});
