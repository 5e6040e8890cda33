import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customPeriod, type Period, type PeriodName, periodOf } from './period.ts';

const iso = (period: Period) =>
  [period.start, period.end].map((at) => new Date(at).toISOString().replace('.000Z', 'Z'));

test('the current day, week, month and year', () => {
  const now = Date.UTC(2026, 2, 14, 23, 59, 59);
  const cases: [PeriodName, string, string, string][] = [
    ['daily', 'UTC', '2026-03-14T00:00:00Z', '2026-03-15T00:00:00Z'],
    ['weekly', 'UTC', '2026-03-09T00:00:00Z', '2026-03-16T00:00:00Z'],
    ['monthly', 'UTC', '2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z'],
    ['yearly', 'UTC', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    // In Tokyo it is already the 15th, a Sunday, of the same week.
    ['daily', 'Asia/Tokyo', '2026-03-14T15:00:00Z', '2026-03-15T15:00:00Z'],
    ['weekly', 'Asia/Tokyo', '2026-03-08T15:00:00Z', '2026-03-15T15:00:00Z'],
    // March in Berlin ends in summer time.
    ['monthly', 'Europe/Berlin', '2026-02-28T23:00:00Z', '2026-03-31T22:00:00Z'],
    ['yearly', 'America/New_York', '2026-01-01T05:00:00Z', '2027-01-01T05:00:00Z'],
  ];
  for (const [name, zone, start, end] of cases) {
    assert.deepEqual(iso(periodOf(name, now, zone)), [start, end], `${name} in ${zone}`);
  }
});

test('a bare end date includes its day, an end with a time is exclusive', () => {
  const cases: [string, string, string, string, string][] = [
    ['2024-01-01', '2024-01-31', 'UTC', '2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z'],
    ['2024-01-01', '2024-01-01', 'UTC', '2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z'],
    ['2024-01-01', '2024-01-31T00:00:00', 'UTC', '2024-01-01T00:00:00Z', '2024-01-31T00:00:00Z'],
    ['2024-03-01', '2024-03-31', 'Europe/Berlin', '2024-02-29T23:00:00Z', '2024-03-31T22:00:00Z'],
    ['2026-04-23', '2026-04-23', 'Africa/Cairo', '2026-04-22T22:00:00Z', '2026-04-23T22:00:00Z'],
    [
      '2024-01-01T12:00:00Z',
      '2024-01-01T14:00:00+01:00',
      'Asia/Tokyo',
      '2024-01-01T12:00:00Z',
      '2024-01-01T13:00:00Z',
    ],
  ];
  for (const [startText, endText, zone, start, end] of cases) {
    assert.deepEqual(iso(customPeriod(startText, endText, zone)), [start, end], `${startText} to ${endText}`);
  }
});

test('a period that is empty, backwards or unreadable names the field', () => {
  const cases: [string, string, string][] = [
    ['2024-01-02', '2024-01-01', 'end'],
    ['2024-01-01T00:00:00', '2024-01-01T00:00:00', 'end'],
    ['yesterday', '2024-01-01', 'start'],
    ['2024-01-01', 'today', 'end'],
  ];
  for (const [start, end, field] of cases) {
    assert.throws(() => customPeriod(start, end, 'UTC'), { code: 'time_invalid', field });
  }
});
