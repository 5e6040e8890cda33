import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NanocentError } from '../errors/error.ts';
import { checkLimit, type LimitInput } from './parse-limit.ts';

const base: LimitInput = { scope: 'GLOBAL', limitType: 'cost', max: '5.00', intervalUnit: 'day' };
const check = (change: Partial<LimitInput>) => checkLimit({ ...base, ...change }, { zone: 'Europe/Berlin' });
const refusal = (change: Partial<LimitInput>): string | undefined => {
  try {
    check(change);
  } catch (error) {
    if (NanocentError.is(error)) return `${error.code} ${error.field}`;
    throw error;
  }
  return undefined;
};

test('words in any case; money in USD, counts whole', () => {
  const cost = check({ scope: 'global', limitType: 'COST' });
  assert.equal(cost.scope, 'GLOBAL');
  assert.equal(cost.max, 500_000_000_000n);
  assert.deepEqual(cost.window, { kind: 'calendar', unit: 'day', count: 1, zone: 'Europe/Berlin' });
  assert.equal(check({ limitType: 'requests', max: '1000' }).max, 1000n);
  assert.equal(check({ limitType: 'requests', max: '1000.0' }).max, 1000n);
});

test('0 denies, −1 exempts, anything else below is refused', () => {
  assert.equal(check({ max: '0' }).max, 0n);
  assert.equal(check({ max: '-1' }).max, -1n);
  assert.equal(refusal({ max: '-0.01' }), 'amount_invalid max-value');
  assert.equal(refusal({ limitType: 'requests', max: '1.5' }), 'limit_invalid max-value');
  assert.equal(refusal({ limitType: 'requests', max: '-2' }), 'limit_invalid max-value');
});

test('intervals by their names; concurrent requests have none', () => {
  assert.deepEqual(check({ intervalUnit: 'monthly', zone: 'UTC' }).window, {
    kind: 'calendar',
    unit: 'month',
    count: 1,
    zone: 'UTC',
  });
  assert.deepEqual(check({ intervalUnit: 'lifetime' }).window, { kind: 'lifetime' });
  assert.deepEqual(
    checkLimit({ scope: 'GLOBAL', limitType: 'concurrent_requests', max: '5' }, { zone: 'UTC' }).window,
    { kind: 'none' },
  );
  assert.equal(refusal({ limitType: 'concurrent_requests', max: '5' }), 'limit_invalid interval-unit');
  assert.equal(refusal({ intervalUnit: undefined }), 'limit_invalid interval-unit');
  assert.deepEqual(check({ intervalUnit: 'day_rolling' }).window, { kind: 'rolling', unit: 'day', count: 1 });
  assert.equal(refusal({ zone: 'Mars/Olympus' }), 'zone_unknown zone');
});

test('a scope needs its field, and a global limit takes none', () => {
  assert.equal(refusal({ scope: 'USER' }), 'limit_invalid username');
  assert.equal(refusal({ scope: 'MODEL' }), 'limit_invalid model');
  assert.equal(refusal({ model: 'gpt-4' }), 'limit_invalid model');
  assert.equal(refusal({ scope: 'USERS' }), 'limit_invalid scope');
  assert.equal(refusal({ limitType: 'tokens' }), 'limit_invalid limit-type');
  assert.equal(refusal({ scope: 'USER', username: 'u\u0000' }), 'limit_invalid username');
  assert.deepEqual(check({ scope: 'USER', username: '*', model: 'gpt-4' }).selector, {
    model: 'gpt-4',
    username: '*',
  });
});
