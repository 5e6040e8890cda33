import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forecastAmount, forecastReach, type Reach } from './forecast.ts';

const dayMs = 86_400_000;
const now = Date.parse('2026-03-10T00:00:00Z');
const reach: Reach = { now, remaining: 100n, resetsAt: null, rolling: null };

test('equal days go on as they were, and there is nothing between low and high', () => {
  const days = [100n, 100n, 100n, 100n];
  assert.deepEqual(forecastAmount(days, { spent: 900n, leftMs: 22 * dayMs }), {
    known: true,
    spent: 900n,
    estimate: 3_100n,
    low: 3_100n,
    high: 3_100n,
    days: 4,
  });
  const half = forecastAmount(days, { spent: 0n, leftMs: dayMs / 2 });
  assert.equal(half.known && half.estimate, 50n);
});

test('days that differ make a range; it never goes below what is spent', () => {
  // Mean 20, variance 100 over 3 days; 3 days left: 100 · 3 · (1 + 3/3) = 600, root 24, times 1.886 is 45.
  const one = forecastAmount([10n, 20n, 30n], { spent: 100n, leftMs: 3 * dayMs });
  assert.deepEqual(one, { known: true, spent: 100n, estimate: 160n, low: 115n, high: 205n, days: 3 });
  const wild = forecastAmount([0n, 0n, 300n], { spent: 100n, leftMs: dayMs });
  assert.equal(wild.known && wild.low, 100n);
  const over = forecastAmount([10n, 20n, 30n], { spent: 100n, leftMs: 0 });
  assert.deepEqual(over.known && [over.low, over.estimate, over.high], [100n, 100n, 100n]);
});

test('too little is known: no number', () => {
  for (const days of [[], [5n], [5n, 5n]]) {
    const unknown = { known: false, reason: 'too_few_days', days: days.length };
    assert.deepEqual(forecastAmount(days, { spent: 5n, leftMs: dayMs }), unknown);
    assert.deepEqual(forecastReach(days, reach), unknown);
  }
});

test('nothing consumed is a forecast of nothing, not an unknown', () => {
  const none = forecastAmount([0n, 0n, 0n], { spent: 0n, leftMs: dayMs });
  assert.deepEqual(none.known && [none.estimate, none.high], [0n, 0n]);
  assert.deepEqual(forecastReach([0n, 0n, 0n], reach), {
    known: true,
    at: null,
    earliest: null,
    latest: null,
    days: 3,
  });
});

test('amounts beyond what a double holds exactly', () => {
  const day = 9_007_199_254_740_993n;
  const big = forecastAmount([day, day, day], { spent: day, leftMs: 2 * dayMs });
  assert.equal(big.known && big.estimate, 3n * day);
});

test('days to exhaustion: at the mean, and in the range', () => {
  const even = forecastReach([50n, 50n, 50n], reach);
  assert.deepEqual(even, {
    known: true,
    at: now + 2 * dayMs,
    earliest: now + 2 * dayMs,
    latest: now + 2 * dayMs,
    days: 3,
  });
  const uneven = forecastReach([40n, 50n, 60n, 50n, 40n, 60n], reach);
  assert.ok(uneven.known && uneven.at! === now + 2 * dayMs);
  assert.ok(uneven.earliest! < uneven.at! && uneven.at! < uneven.latest!);
  const wild = forecastReach([0n, 0n, 300n], reach);
  assert.ok(wild.known && wild.at !== null && wild.earliest !== null && wild.latest === null);
});

test('a window that turns first is not reached; on its last instant it is', () => {
  const at = (resetsAt: number) => {
    const found = forecastReach([50n, 50n, 50n], { ...reach, resetsAt });
    return found.known && found.at;
  };
  assert.equal(at(now + 2 * dayMs - 1), null);
  assert.equal(at(now + 2 * dayMs), now + 2 * dayMs);
});

test('what is used up is reached now, also where little is known', () => {
  assert.deepEqual(forecastReach([], { ...reach, remaining: 0n }), {
    known: true,
    at: now,
    earliest: now,
    latest: now,
    days: 0,
  });
});

test('a rolling window that the mean fits into is never used up', () => {
  const rolling = { max: 350n, lengthMs: 7 * dayMs };
  const fits = forecastReach([50n, 50n, 50n], { ...reach, rolling });
  assert.equal(fits.known && fits.at, null);
  const tight = forecastReach([50n, 50n, 50n], { ...reach, rolling: { ...rolling, max: 349n } });
  assert.equal(tight.known && tight.at, now + 2 * dayMs);
});
