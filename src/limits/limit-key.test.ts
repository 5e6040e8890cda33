import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLimitKey, scopeOf } from './limit-key.ts';

test('interval and type in one word, in any case', () => {
  const rows: [string, object][] = [
    ['daily_tokens', { limitType: 'total_tokens', intervalUnit: 'daily' }],
    ['HOURLY_REQUESTS', { limitType: 'requests', intervalUnit: 'hourly' }],
    ['monthly-cost', { limitType: 'cost', intervalUnit: 'monthly' }],
    ['weekly_rolling_input_tokens', { limitType: 'input_tokens', intervalUnit: 'weekly_rolling' }],
    ['minutely_output_tokens', { limitType: 'output_tokens', intervalUnit: 'minutely' }],
    ['yearly_total_tokens', { limitType: 'total_tokens', intervalUnit: 'yearly' }],
    ['lifetime_cost', { limitType: 'cost', intervalUnit: 'lifetime' }],
    ['concurrent_requests', { limitType: 'concurrent_requests' }],
  ];
  for (const [word, key] of rows) assert.deepEqual(parseLimitKey(word), key, word);
});

test('what is no limit, with the nearest that is', () => {
  const rows: [string, RegExp][] = [
    ['dayly_tokens', /did you mean daily_tokens\?/],
    ['daily_request', /did you mean daily_requests\?/],
    ['daily_concurrent_requests', /did you mean concurrent_requests\?|write it as/],
    ['budget', /write it as interval and type/],
    ['', /write it as interval and type/],
    ['lifetime_rolling_cost', /did you mean/],
  ];
  for (const [word, fix] of rows) {
    assert.throws(() => parseLimitKey(word), { code: 'limit_invalid', fix }, word);
  }
});

test('who goes before what when several fields are fixed', () => {
  assert.equal(scopeOf({}), 'GLOBAL');
  assert.equal(scopeOf({ model: 'gpt-4' }), 'MODEL');
  assert.equal(scopeOf({ model: 'gpt-4', username: 'ann' }), 'USER');
  assert.equal(scopeOf({ username: 'ann', key: 'k1' }), 'KEY');
  assert.equal(scopeOf({ tag: 'team', provider: 'openai' }), 'TAG');
});
