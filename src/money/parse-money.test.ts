import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NanocentError } from '../errors/error.ts';
import { formatCents, formatCredits, formatNanocents, formatUsd } from './format-money.ts';
import { nanocentsMax } from './nanocents.ts';
import {
  type ParseMoneyOptions,
  parseCents,
  parseCredits,
  parseNanocents,
  parseUsd,
  usdFromNumber,
} from './parse-money.ts';

test('AC-09: dollars become exactly these nanocents, from text and from a number', () => {
  const cases: [string, number, bigint][] = [
    ['1.0', 1.0, 100_000_000_000n],
    ['0.5', 0.5, 50_000_000_000n],
    ['0.01', 0.01, 1_000_000_000n],
    ['0.29', 0.29, 29_000_000_000n],
    ['19.99', 19.99, 1_999_000_000_000n],
  ];
  for (const [text, number, nanocents] of cases) {
    assert.equal(parseUsd(text), nanocents, text);
    assert.equal(usdFromNumber(number), nanocents, text);
  }
});

test('each unit reads down to one nanocent and no further', () => {
  const cases: [(text: string) => bigint, string, bigint][] = [
    [parseUsd, '0', 0n],
    [parseUsd, '.5', 50_000_000_000n],
    [parseUsd, '007', 700_000_000_000n],
    [parseUsd, '0.00000000001', 1n],
    [parseUsd, '0.000000000010000', 1n],
    [parseUsd, '92233720.36854775807', nanocentsMax],
    [parseCents, '45', 45_000_000_000n],
    [parseCents, '0.000000001', 1n],
    [parseCredits, '1', 1_000n],
    [parseCredits, '926000', 926_000_000n],
    [parseCredits, '0.001', 1n],
    [parseNanocents, '45000000', 45_000_000n],
    [parseNanocents, '9223372036854775807', nanocentsMax],
  ];
  for (const [parse, text, nanocents] of cases) assert.equal(parse(text), nanocents, text);
  refused(() => parseUsd('0.000000000001'), 'amount_invalid', /finer than one nanocent.*"0\.000000000001"/);
  refused(() => parseCents('0.0000000001'), 'amount_invalid', /finer/);
  refused(() => parseCredits('0.0001'), 'amount_invalid', /finer/);
  refused(() => parseNanocents('0.5'), 'amount_invalid', /finer/);
});

test('a sign only where asked', () => {
  const signed: ParseMoneyOptions = { signed: true };
  assert.equal(parseUsd('-0.29', signed), -29_000_000_000n);
  assert.equal(parseUsd('+0.29', signed), 29_000_000_000n);
  assert.equal(parseNanocents('-9223372036854775807', signed), -nanocentsMax);
  refused(() => parseUsd('-0.29'), 'amount_invalid', /unsigned/);
  refused(() => parseUsd('+0.29'), 'amount_invalid', /unsigned/);
  refused(() => parseUsd('-0'), 'amount_invalid', /unsigned/);
});

test('what is no plain decimal is refused, naming the field and the fix', () => {
  const texts = [
    '',
    ' ',
    '.',
    '5.',
    '1e3',
    '1E-7',
    'NaN',
    'Infinity',
    '-',
    '1,000',
    '1_000',
    '0x1f',
    '$5',
    '5 ',
    ' 5',
    '1.2.3',
    '٣',
    '--1',
    '5n',
    '1\n',
    '9'.repeat(101),
  ];
  for (const text of texts) {
    const error = refused(
      () => parseUsd(text, { field: '--usd', signed: true }),
      'amount_invalid',
      /^--usd /,
    );
    assert.equal(error.field, '--usd');
    assert.match(error.fix ?? '', /12\.50/);
  }
  refused(() => parseUsd(5 as unknown as string), 'amount_invalid', /^amount is not a plain decimal number/);
  refused(() => parseUsd(undefined as unknown as string), 'amount_invalid', /"undefined"/);
});

test('one nanocent above what a column holds overflows, on both sides', () => {
  refused(() => parseUsd('92233720.36854775808'), 'amount_overflow', /beyond/);
  refused(() => parseNanocents('9223372036854775808'), 'amount_overflow', /beyond/);
  refused(() => parseNanocents('-9223372036854775808', { signed: true }), 'amount_overflow', /beyond/);
  refused(() => parseUsd('9'.repeat(100)), 'amount_overflow', /beyond/);
});

test('a number is read by its shortest decimal text', () => {
  const cases: [number, bigint][] = [
    [0, 0n],
    [-0, 0n],
    [1e-7, 10_000n],
    [1e-11, 1n],
    [1.5e-9, 150n],
    [12345.67, 1_234_567_000_000_000n],
    [9e7, 9_000_000_000_000_000_000n],
  ];
  for (const [value, nanocents] of cases) assert.equal(usdFromNumber(value), nanocents, String(value));
  for (const value of [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    -1e-11,
    1e-12,
    Number.MIN_VALUE,
    0.1 + 0.2,
  ]) {
    refused(() => usdFromNumber(value, { field: 'usd' }), 'amount_invalid', /^usd /);
  }
  for (const value of [1e8, 1e21, Number.MAX_VALUE])
    refused(() => usdFromNumber(value), 'amount_overflow', /beyond/);
  refused(() => usdFromNumber('0.5' as unknown as number), 'amount_invalid', /not a number/);
});

test('property: every amount of the 64-bit range survives print and parse in each unit', () => {
  const pairs = [
    [formatUsd, parseUsd],
    [formatCents, parseCents],
    [formatCredits, parseCredits],
    [formatNanocents, parseNanocents],
  ] as const;
  fc.assert(
    fc.property(fc.bigInt({ min: -nanocentsMax, max: nanocentsMax }), (amount) => {
      for (const [format, parse] of pairs) assert.equal(parse(format(amount), { signed: true }), amount);
    }),
    { numRuns: 2000, examples: [[0n], [1n], [-1n], [nanocentsMax], [-nanocentsMax], [2n ** 53n + 1n]] },
  );
});

test('property: a number of whole cents reads the same as its text', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_000_000_000 }), (cents) => {
      assert.equal(usdFromNumber(cents / 100), BigInt(cents) * 1_000_000_000n);
    }),
    { numRuns: 2000 },
  );
});

function refused(run: () => unknown, code: string, message: RegExp): NanocentError {
  try {
    run();
  } catch (error) {
    assert.ok(NanocentError.is(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.ok(error.fix, 'says what to do');
    return error;
  }
  throw new assert.AssertionError({ message: `expected ${code}` });
}
