import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NanocentError } from '../errors/error.ts';
import { parseAllowances } from './parse-allowances.ts';

test('what a configuration says of allowances', () => {
  const rows: readonly (readonly [object, object])[] = [
    [
      { provider: 'gemini', daily_reset_amount: 100_000 },
      { provider: 'gemini', credits: 100_000 },
    ],
    [
      { user: '*', usd: '0.50' },
      { username: '*', usd: '0.50' },
    ],
    [
      { purpose: 'chat', credits: 5, every: '24h' },
      { purpose: 'chat', credits: 5, every: '24h' },
    ],
    [
      { daily_reset_amount: null, credits: 5 },
      { credits: 5, every: 'never' },
    ],
    [
      { model_id: 'm', daily_reset_amount: '7', zone: 'Asia/Tokyo' },
      { model: 'm', credits: '7', zone: 'Asia/Tokyo' },
    ],
  ];
  for (const [given, expected] of rows) assert.deepEqual(parseAllowances([given]), [expected]);
  assert.deepEqual(parseAllowances([]), []);
});

test('a mistake is refused, naming the key', () => {
  const rows: readonly (readonly [unknown, string])[] = [
    [{}, 'allowances'],
    [['gemini'], 'allowances[0]'],
    [[{ provder: 'gemini', credits: 1 }], 'allowances[0].provder'],
    [[{ provider: 7, credits: 1 }], 'allowances[0].provider'],
    [[{ provider: 'gemini' }], 'allowances[0].daily_reset_amount'],
    [[{ provider: 'gemini', daily_reset_amount: null }], 'allowances[0].credits'],
    [[{ provider: 'gemini', daily_reset_amount: 1, usd: 1 }], 'allowances[0].usd'],
    [[{ provider: 'gemini', daily_reset_amount: {} }], 'allowances[0].daily_reset_amount'],
    [[{ provider: 'gemini', daily_reset_amount: null, credits: 1, every: 'day' }], 'allowances[0].every'],
    [[{ provider: 'gemini', daily_reset_amount: 5, every: 'never' }], 'allowances[0].every'],
    [[{ provider: 'gemini', credits: 5, every: 'hour' }], 'allowances[0].every'],
    [[{ credits: 5, zone: 1 }], 'allowances[0].zone'],
    [[{ user: 'a', username: 'b', credits: 5 }], 'allowances[0].username'],
    [
      [
        { user: 'a', credits: 5 },
        { username: 'a', usd: 1 },
      ],
      'allowances[1]',
    ],
  ];
  for (const [value, field] of rows) {
    assert.throws(
      () => parseAllowances(value),
      (error) => NanocentError.is(error) && error.code === 'config_invalid' && error.field === field,
      JSON.stringify(value),
    );
  }
});
