import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';

const now = Date.parse('2026-11-21T00:00:00Z');
const dayMs = 86_400_000;
const usd = 100_000_000_000n;

/** One call a day and user, the oldest first, the last one yesterday; the day of the first call is none of the complete days. */
async function setting(days: number, zone = 'UTC') {
  const books = await openBooks({
    store: 'memory',
    clock: fakeClock(now),
    environment: {},
    limits: {},
    zone,
  });
  for (let day = days + 1; day >= 1; day -= 1) {
    const timestamp = new Date(now - day * dayMs + 3_600_000).toISOString();
    await books.track({ model: 'm', username: 'ann', nanocents: usd, timestamp });
    await books.track({ model: 'm', username: 'bob', nanocents: 3n * usd, timestamp });
  }
  return books;
}

test('a month that goes on as it went: 20 days spent, 10 to come', async () => {
  await using books = await setting(25);
  const { month, forecast } = await books.forecast();
  assert.equal(month.end, Date.parse('2026-12-01T00:00:00Z'));
  assert.deepEqual(forecast, {
    known: true,
    spent: 80n * usd,
    estimate: 120n * usd,
    low: 120n * usd,
    high: 120n * usd,
    days: 25,
  });
  const ann = await books.forecast({ username: 'ann' });
  assert.equal(ann.forecast.known && ann.forecast.estimate, 30n * usd);
});

test('at most 28 days are looked at, at least 3 complete ones are needed', async () => {
  await using many = await setting(40);
  const { forecast } = await many.forecast();
  assert.equal(forecast.days, 28);
  await using few = await setting(2);
  assert.deepEqual((await few.forecast()).forecast, { known: false, reason: 'too_few_days', days: 2 });
  await using none = await openBooks({ store: 'memory', clock: fakeClock(now), environment: {}, limits: {} });
  assert.deepEqual((await none.forecast()).forecast, { known: false, reason: 'too_few_days', days: 0 });
});

test('each counter of a limit by its own days; what cannot be known says why', async () => {
  await using books = await setting(5);
  await books.limits.setAll([
    { scope: 'USER', username: '*', limitType: 'cost', max: '15', intervalUnit: 'lifetime' },
    { scope: 'GLOBAL', limitType: 'requests', max: '60', intervalUnit: 'month' },
    { scope: 'GLOBAL', limitType: 'requests', max: '5', intervalUnit: 'hour' },
    { scope: 'GLOBAL', limitType: 'concurrent_requests', max: '5' },
    { scope: 'SESSION', session: 's', limitType: 'cost', max: '5', intervalUnit: 'day' },
    { scope: 'KEY', key: 'k', limitType: 'cost', max: '-1', intervalUnit: 'day' },
    { scope: 'KEY', key: 'k', limitType: 'cost', max: '0', intervalUnit: 'week' },
    { scope: 'KEY', key: 'k', limitType: 'cost', max: '5', intervalUnit: 'month' },
    {
      scope: 'MODEL',
      model: 'm',
      limitType: 'cost',
      max: '100',
      intervalUnit: 'day_rolling',
      intervalValue: 20,
    },
    {
      scope: 'GLOBAL',

      limitType: 'cost',
      max: '79',
      intervalUnit: 'day_rolling',
      intervalValue: 20,
    },
  ]);
  const states = await books.limitStates();
  const forecasts = await books.limitForecasts(states);
  const said = states.map(({ limit, subject }, index) => {
    const one = forecasts[index]!;
    const what = one.known ? (one.at === null ? 'not expected' : (one.at - now) / dayMs) : one.reason;
    return [limit.id, subject.username ?? '', what];
  });
  assert.deepEqual(said.sort(), [
    [1, 'ann', 9],
    [1, 'bob', 0],
    [10, '', 13.75],
    [2, '', 'not expected'],
    [3, '', 'window_short'],
    [4, '', 'nothing_to_reach'],
    [5, '', 'not_kept_by_day'],
    [6, '', 'nothing_to_reach'],
    [7, '', 'nothing_to_reach'],
    [8, '', 'too_few_days'],
    [9, '', 'not expected'],
  ]);
});

test('the days are those of the ledger’s zone', async () => {
  await using books = await setting(10, 'Asia/Tokyo');
  const { month, forecast } = await books.forecast();
  assert.equal(month.end, Date.parse('2026-11-30T15:00:00Z'));
  assert.equal(forecast.known && forecast.estimate, 44n * usd + (40n * usd * 231n) / 240n);
});
