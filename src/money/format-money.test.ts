import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatCents, formatCredits, formatNanocents, formatUsd, formatUsdRounded } from './format-money.ts';

const usd = 100_000_000_000n;

test('exact dollars: no exponent, no zeros beyond two places, any size', () => {
  const cases: [bigint, string][] = [
    [0n, '0.00'],
    [1n, '0.00000000001'],
    [-1n, '-0.00000000001'],
    [45_000_000n, '0.00045'],
    [-29_000_000_000n, '-0.29'],
    [10_000_000_000n, '0.10'],
    [12n * usd + usd / 2n, '12.50'],
    [100n * usd, '100.00'],
    [9_223_372_036_854_775_807n, '92233720.36854775807'],
    [2n ** 63n * 1000n, '92233720368.54775808'],
  ];
  for (const [amount, text] of cases) assert.equal(formatUsd(amount), text);
});

test('dollars for tables: rounded half away from zero, small amounts keep two significant digits', () => {
  const cases: [bigint, string][] = [
    [0n, '$0.00'],
    [123_456_700_000_000n, '$1,234.57'],
    [1_234_567n * usd, '$1,234,567.00'],
    [4_000_000n, '$0.00004'],
    [45_400_000n, '$0.00045'],
    [45_500_000n, '$0.00046'],
    [-45_500_000n, '-$0.00046'],
    [1n, '$0.00000000001'],
    [1_230_000_000n, '$0.012'],
    [9_960_000_000n, '$0.10'],
    [29_000_000_000n, '$0.29'],
    [29_500_000_000n, '$0.30'],
    [-29_000_000_000n, '-$0.29'],
    [99_499_999_999n, '$0.99'],
    [99_500_000_000n, '$1.00'],
    [999_995_000_000_00n, '$1,000.00'],
    [2n ** 70n, '$11,805,916,207.17'],
  ];
  for (const [amount, text] of cases) assert.equal(formatUsdRounded(amount), text, String(amount));
  assert.equal(formatUsdRounded(123_450_000_000_000n, { digits: 0 }), '$1,235');
  assert.equal(formatUsdRounded(0n, { digits: 0 }), '$0');
  assert.equal(formatUsdRounded(45_000_000n, { digits: 0 }), '$0.00045');
  assert.equal(formatUsdRounded(usd, { digits: 4 }), '$1.0000');
});

test('cents, credits and nanocents are plain decimals', () => {
  assert.equal(formatCents(45_000_000n), '0.045');
  assert.equal(formatCents(45_000_000_000n), '45');
  assert.equal(formatCents(-1n), '-0.000000001');
  assert.equal(formatCredits(926_000_000n), '926000');
  assert.equal(formatCredits(142_500n), '142.5');
  assert.equal(formatCredits(0n), '0');
  assert.equal(formatNanocents(2n ** 64n), '18446744073709551616');
});

test('property: exact dollars of any size are the digits of the amount, point moved', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 100n), max: 2n ** 100n }), (amount) => {
      const text = formatUsd(amount);
      assert.match(text, /^-?\d+\.\d{2,11}$/);
      const [whole = '', fraction = ''] = text.replace('-', '').split('.');
      const digits = BigInt(whole + fraction.padEnd(11, '0'));
      assert.equal(text.startsWith('-') ? -digits : digits, amount);
      if (fraction.length > 2) assert.notEqual(fraction.at(-1), '0');
    }),
    { numRuns: 2000 },
  );
});

test('property: a table never shows zero for an amount, and is off by less than 5 %', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 90n }), (amount) => {
      const [whole = '', fraction = ''] = formatUsdRounded(amount).replace(/[$,]/g, '').split('.');
      const shown = BigInt(whole + fraction.padEnd(11, '0'));
      assert.ok(shown > 0n);
      const difference = shown > amount ? shown - amount : amount - shown;
      assert.ok(difference * 20n <= amount, `${amount} shown as ${shown}`);
    }),
    { numRuns: 2000 },
  );
});
