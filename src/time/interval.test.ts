import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInterval } from './interval.ts';
import type { WindowRule } from './window.ts';

test('every interval name, and the window it means', () => {
  const units = ['second', 'minute', 'hour', 'day', 'week', 'month'] as const;
  for (const unit of units) {
    assert.deepEqual(parseInterval(unit), { kind: 'calendar', unit, count: 1, zone: 'UTC' });
    assert.deepEqual(parseInterval(`${unit}_rolling`, { count: 7 }), { kind: 'rolling', unit, count: 7 });
  }
  const others: [string, WindowRule][] = [
    ['monthly', { kind: 'calendar', unit: 'month', count: 1, zone: 'UTC' }],
    ['monthly_rolling', { kind: 'rolling', unit: 'month', count: 1 }],
    ['lifetime', { kind: 'lifetime' }],
    ['minutely', { kind: 'calendar', unit: 'minute', count: 1, zone: 'UTC' }],
    ['HOURLY', { kind: 'calendar', unit: 'hour', count: 1, zone: 'UTC' }],
    ['Daily_Rolling', { kind: 'rolling', unit: 'day', count: 1 }],
    ['weekly', { kind: 'calendar', unit: 'week', count: 1, zone: 'UTC' }],
    ['yearly', { kind: 'calendar', unit: 'month', count: 12, zone: 'UTC' }],
  ];
  for (const [name, rule] of others) assert.deepEqual(parseInterval(name), rule);
  assert.deepEqual(parseInterval('day', { count: 2, zone: 'Europe/Berlin' }), {
    kind: 'calendar',
    unit: 'day',
    count: 2,
    zone: 'Europe/Berlin',
  });
});

test('names, counts and zones that mean nothing', () => {
  for (const name of [
    '',
    'days',
    'year',
    'rolling',
    '_rolling',
    'day_rolling_rolling',
    'lifetime_rolling',
    'constructor',
  ]) {
    assert.throws(
      () => parseInterval(name, { field: '--interval-unit' }),
      { code: 'window_invalid', field: '--interval-unit' },
      name,
    );
  }
  assert.throws(() => parseInterval('day', { count: 0 }), { code: 'window_invalid', field: 'interval' });
  assert.throws(() => parseInterval('day_rolling', { count: 36_526 }), { code: 'window_invalid' });
  assert.throws(() => parseInterval('lifetime', { count: 2 }), { code: 'window_invalid' });
  assert.throws(() => parseInterval('day', { zone: 'Mars/Olympus' }), {
    code: 'zone_unknown',
    field: 'zone',
  });
});
