import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NanocentError } from '../errors/error.ts';
import { nearestUsd } from './nearest-usd.ts';

test('a float of dollars is the nearest nanocent, halves up', () => {
  const rows: [value: number | string, nanocents: bigint][] = [
    [0, 0n],
    [0.1 + 0.2, 30_000_000_000n],
    [3.45e-5, 3_450_000n],
    [1e-11, 1n],
    [5e-12, 1n],
    [4.9e-12, 0n],
    [1.5e-11, 2n],
    [12, 1_200_000_000_000n],
    ['0.00012345600000000001', 12_345_600n],
    ['92233720.36854775807', 9_223_372_036_854_775_807n],
    [1e-300, 0n],
  ];
  for (const [value, nanocents] of rows) assert.equal(nearestUsd(value), nanocents, String(value));
});

test('whatever is no amount is refused by name', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1, -0.5, '', '$1', '1,000', '0x1f', 'free']) {
    assert.throws(
      () => nearestUsd(value, { field: 'spend' }),
      (error) => NanocentError.is(error) && error.code === 'amount_invalid' && error.field === 'spend',
      String(value),
    );
  }
  for (const value of ['92233720.36854775808', 1e300]) {
    assert.throws(
      () => nearestUsd(value),
      (error) => NanocentError.is(error) && error.code === 'amount_overflow',
    );
  }
});

test('any number of whole nanocents comes back from its float', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 50n }), (amount) => {
      const digits = amount.toString().padStart(12, '0');
      const usd = Number(`${digits.slice(0, -11)}.${digits.slice(-11)}`);
      assert.equal(nearestUsd(usd), amount);
    }),
  );
});
