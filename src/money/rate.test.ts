import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NanocentError } from '../errors/error.ts';
import { nanocentsMax, type Rate } from './nanocents.ts';
import { formatRate, parseRate, parseRatePerToken, rateFromCredits, scaleRate } from './rate.ts';

test('USD per million units', () => {
  const cases: [string, bigint, string][] = [
    ['0', 0n, '0.00'],
    ['0.075', 7_500_000_000n, '0.075'],
    ['2.5', 250_000_000_000n, '2.50'],
    ['0.003625', 362_500_000n, '0.003625'],
    ['0.546875', 54_687_500_000n, '0.546875'],
    ['0.29', 29_000_000_000n, '0.29'],
    ['0.00000000001', 1n, '0.00000000001'],
  ];
  for (const [text, rate, formatted] of cases) {
    assert.equal(parseRate(text), rate, text);
    assert.equal(formatRate(rate as Rate), formatted);
  }
});

test('USD per token, as price files write it', () => {
  const cases: [string, bigint][] = [
    ['7.5e-08', 7_500_000_000n],
    ['0.00000015', 15_000_000_000n],
    ['3E-6', 300_000_000_000n],
    ['0.04', 4_000_000_000_000_000n],
    ['1e-17', 1n],
    ['0.0', 0n],
  ];
  for (const [text, rate] of cases) assert.equal(parseRatePerToken(text), rate, text);
});

test('the tail of float arithmetic is removed, 15 digits of a price are not', () => {
  assert.equal(parseRatePerToken('2.9999900000000002e-6'), 299_999_000_000n);
  assert.equal(parseRatePerToken(String(0.1 * 3e-6)), 30_000_000_000n);
  assert.equal(parseRate('0.18000000000000002'), 18_000_000_000n);
  assert.equal(parseRate('0.29999999999999998'), 30_000_000_000n);
  assert.equal(parseRate('1234.56789012345'), 123_456_789_012_345n);
});

test('credits per token of seed 000', () => {
  assert.equal(rateFromCredits('7'), 7_000_000_000n);
  assert.equal(rateFromCredits('0.000000001'), 1n);
  rejected(() => rateFromCredits('0.0000000001'), 'rate');
});

test('what is no rate names the field', () => {
  for (const text of ['', '-1', '+1', '1e-6', 'free', '1,5', '0.000000000001', '92233720.36854775808']) {
    rejected(() => parseRate(text, 'prices.mine.input'), 'prices.mine.input');
  }
  for (const text of ['-1e-6', '1e-18', '1e', '1e9999', 'NaN', '93', '0.0002833333333333333']) {
    rejected(() => parseRatePerToken(text, 'input_cost_per_token'), 'input_cost_per_token');
  }
  assert.equal(parseRate('92233720.36854775807'), nanocentsMax);
});

test('multipliers are exact or refused', () => {
  const rate = parseRate('3');
  assert.equal(scaleRate(rate, [11n, 10n]), parseRate('3.3'));
  assert.equal(scaleRate(rate, [1n, 2n]), parseRate('1.5'));
  assert.equal(scaleRate(rate, [0n, 1n]), 0n);
  rejected(() => scaleRate(1n as Rate, [1n, 2n], 'batch'), 'batch');
  rejected(() => scaleRate(parseRate('1'), [1n, 3n]), 'rate');
  rejected(() => scaleRate(rate, [-1n, 2n]), 'rate');
  rejected(() => scaleRate(rate, [1n, 0n]), 'rate');
  rejected(() => scaleRate(nanocentsMax as bigint as Rate, [2n, 1n]), 'rate');
});

test('property: rates survive print and parse, per million and per token', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: nanocentsMax }), (value) => {
      assert.equal(parseRate(formatRate(value as Rate)), value);
      assert.equal(parseRatePerToken(`${value}e-17`), value);
    }),
    { numRuns: 2000 },
  );
});

test('property: a price of up to 15 digits survives a double', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (microUsdPerMillion) => {
      const perToken = microUsdPerMillion / 1e6 / 1e6;
      assert.equal(parseRatePerToken(String(perToken)), BigInt(microUsdPerMillion) * 100_000n);
    }),
    { numRuns: 2000 },
  );
});

function rejected(run: () => unknown, field: string): void {
  assert.throws(run, (error) => {
    assert.ok(NanocentError.is(error), String(error));
    assert.equal(error.code, 'rate_invalid');
    assert.equal(error.field, field);
    assert.ok(error.fix);
    return true;
  });
}
