import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  assertWindowRule,
  bucketMsFor,
  rollingStart,
  type WindowRule,
  type WindowUnit,
  windowAt,
  windowCountMax,
} from './window.ts';

const dayMs = 86_400_000;
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString().replace('.000Z', 'Z'));
const ms = (text: string) => Date.parse(text);

test('AC-48 and AC-60: where calendar windows begin and end in UTC', () => {
  const cases: [string, WindowUnit, number, string, string][] = [
    ['2026-03-14T23:59:59Z', 'day', 1, '2026-03-14T00:00:00Z', '2026-03-15T00:00:00Z'],
    ['2026-03-14T23:59:59Z', 'week', 1, '2026-03-09T00:00:00Z', '2026-03-16T00:00:00Z'],
    ['2026-03-14T23:59:59Z', 'month', 1, '2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z'],
    ['2026-12-31T23:00:00Z', 'day', 1, '2026-12-31T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['2026-12-31T23:00:00Z', 'month', 1, '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['2024-03-15T10:37:45Z', 'second', 1, '2024-03-15T10:37:45Z', '2024-03-15T10:37:46Z'],
    ['2024-03-15T10:37:45Z', 'minute', 1, '2024-03-15T10:37:00Z', '2024-03-15T10:38:00Z'],
    ['2024-03-15T10:37:45Z', 'minute', 5, '2024-03-15T10:35:00Z', '2024-03-15T10:40:00Z'],
    ['2024-03-15T10:37:45Z', 'hour', 1, '2024-03-15T10:00:00Z', '2024-03-15T11:00:00Z'],
    ['2024-03-15T10:37:45Z', 'day', 1, '2024-03-15T00:00:00Z', '2024-03-16T00:00:00Z'],
  ];
  for (const [at, unit, count, start, end] of cases) {
    const window = windowAt({ kind: 'calendar', unit, count, zone: 'UTC' }, ms(at));
    assert.deepEqual([iso(window.start), iso(window.end)], [start, end], `${count} ${unit} at ${at}`);
  }
});

test('blocks of N count from the epoch, its first Monday, and year × 12 + month − 1', () => {
  const cases: [string, WindowUnit, number, string, string, string][] = [
    ['1970-01-01T00:00:00Z', 'day', 3, 'UTC', '1970-01-01T00:00:00Z', '1970-01-04T00:00:00Z'],
    ['1970-01-05T00:00:00Z', 'week', 2, 'UTC', '1970-01-05T00:00:00Z', '1970-01-19T00:00:00Z'],
    ['1970-01-04T23:59:59Z', 'week', 2, 'UTC', '1969-12-22T00:00:00Z', '1970-01-05T00:00:00Z'],
    ['2026-03-14T12:00:00Z', 'month', 3, 'UTC', '2026-01-01T00:00:00Z', '2026-04-01T00:00:00Z'],
    ['2026-03-14T12:00:00Z', 'month', 12, 'UTC', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['2026-03-14T12:00:00Z', 'month', 5, 'UTC', '2025-11-01T00:00:00Z', '2026-04-01T00:00:00Z'],
    ['2026-03-14T12:00:00Z', 'hour', 24, 'Asia/Tokyo', '2026-03-14T00:00:00Z', '2026-03-15T00:00:00Z'],
    ['2026-03-14T12:00:00Z', 'hour', 1, 'Asia/Kathmandu', '2026-03-14T12:00:00Z', '2026-03-14T13:00:00Z'],
    ['1970-01-01T00:00:00Z', 'day', 1, 'America/New_York', '1969-12-31T05:00:00Z', '1970-01-01T05:00:00Z'],
  ];
  for (const [at, unit, count, zone, start, end] of cases) {
    const window = windowAt({ kind: 'calendar', unit, count, zone }, ms(at));
    assert.deepEqual(
      [iso(window.start), iso(window.end)],
      [start, end],
      `${count} ${unit} in ${zone} at ${at}`,
    );
  }
});

test('days that begin late, last 23 or 25 hours, are shown twice or do not exist', () => {
  const cases: [string, string, string, string][] = [
    ['Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
    ['Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
    // Midnight is skipped: the day begins at 01:00.
    ['Africa/Cairo', '2026-04-24T12:00:00Z', '2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z'],
    // Midnight is shown twice: the day begins with the first.
    ['America/Havana', '2026-11-01T12:00:00Z', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
    // 24:00 is set back to 23:00: the old day lasts until the second midnight.
    ['Africa/Cairo', '2026-10-29T20:30:00Z', '2026-10-28T21:00:00Z', '2026-10-29T22:00:00Z'],
    ['Africa/Cairo', '2026-10-29T21:30:00Z', '2026-10-28T21:00:00Z', '2026-10-29T22:00:00Z'],
    // 00:01 is set back to 23:01: the new day has begun, although clocks show the old date for another hour.
    ['America/St_Johns', '2006-10-29T02:30:00Z', '2006-10-29T02:30:00Z', '2006-10-30T03:30:00Z'],
    ['America/St_Johns', '2006-10-29T03:00:00Z', '2006-10-29T02:30:00Z', '2006-10-30T03:30:00Z'],
    ['America/St_Johns', '2006-10-29T02:29:59Z', '2006-10-28T02:30:00Z', '2006-10-29T02:30:00Z'],
    // 2011-12-30 did not exist in Samoa.
    ['Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29T10:00:00Z', '2011-12-30T10:00:00Z'],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-30T10:00:00Z', '2011-12-31T10:00:00Z'],
  ];
  for (const [zone, at, start, end] of cases) {
    const window = windowAt({ kind: 'calendar', unit: 'day', count: 1, zone }, ms(at));
    assert.deepEqual([iso(window.start), iso(window.end)], [start, end], `${zone} at ${at}`);
  }
});

test('lifetime and none never end; a rolling window is (at − W, at]', () => {
  const at = ms('2026-03-14T12:00:00Z');
  assert.deepEqual(windowAt({ kind: 'lifetime' }, at), { start: 0, end: null });
  assert.deepEqual(windowAt({ kind: 'none' }, at), { start: 0, end: null });
  const hour: WindowRule = { kind: 'rolling', unit: 'hour', count: 1 };
  assert.deepEqual(windowAt(hour, at), { start: at - 3_600_000 + 1, end: at + 1 });
});

test('AC-58: an entry exactly W old no longer counts, one a millisecond younger does', () => {
  const now = ms('2026-03-14T12:00:00Z');
  const start = rollingStart({ kind: 'rolling', unit: 'hour', count: 1 }, now);
  const counts = (entryAt: number) => entryAt > start && entryAt <= now;
  assert.equal(counts(now - 3_599_000), true);
  assert.equal(counts(now - 3_599_999), true);
  assert.equal(counts(now - 3_600_000), false);
  assert.equal(counts(now), true);
  assert.equal(counts(now + 1), false);
});

test('rolling days and weeks are 24 h multiples, rolling months go back by calendar, day clamped', () => {
  const cases: [string, WindowUnit, number, string][] = [
    ['2026-03-29T12:00:00Z', 'day', 1, '2026-03-28T12:00:00Z'],
    ['2026-03-29T12:00:00Z', 'week', 2, '2026-03-15T12:00:00Z'],
    ['2026-03-14T12:34:56Z', 'month', 1, '2026-02-14T12:34:56Z'],
    ['2026-03-31T12:34:56Z', 'month', 1, '2026-02-28T12:34:56Z'],
    ['2024-03-31T12:34:56Z', 'month', 1, '2024-02-29T12:34:56Z'],
    ['2026-01-31T00:00:00Z', 'month', 1, '2025-12-31T00:00:00Z'],
    ['2026-05-31T00:00:00Z', 'month', 3, '2026-02-28T00:00:00Z'],
    ['2024-02-29T00:00:00Z', 'month', 12, '2023-02-28T00:00:00Z'],
  ];
  for (const [now, unit, count, start] of cases) {
    assert.equal(
      iso(rollingStart({ kind: 'rolling', unit, count }, ms(now))),
      start,
      `${count} ${unit} before ${now}`,
    );
  }
});

test('buckets are at most a sixtieth of the window, and at most 150 fill it', () => {
  const cases: [WindowUnit, number, number][] = [
    ['second', 1, 10],
    ['minute', 1, 1000],
    ['minute', 5, 5000],
    ['hour', 1, 60_000],
    ['day', 1, 20 * 60_000],
    ['week', 1, 2 * 3_600_000],
    ['month', 1, 8 * 3_600_000],
  ];
  for (const [unit, count, expected] of cases) {
    assert.equal(bucketMsFor({ kind: 'rolling', unit, count }), expected, `${count} ${unit}`);
  }
  const shortestMs = {
    second: 1000,
    minute: 60_000,
    hour: 3_600_000,
    day: dayMs,
    week: 7 * dayMs,
    month: 28 * dayMs,
  };
  fc.assert(
    fc.property(unitAndCount(), ({ unit, count }) => {
      const buckets = (count * shortestMs[unit]) / bucketMsFor({ kind: 'rolling', unit, count });
      assert.ok(buckets >= 60 && buckets <= 150, `${buckets}`);
    }),
  );
});

test('a grid steps in 24-hour days from its anchor, before it too, whatever the clocks do', () => {
  const anchor = ms('2026-03-28T10:30:00Z');
  const day: WindowRule = { kind: 'grid', hours: 24, anchor };
  for (const [at, start, end] of [
    ['2026-03-28T10:30:00Z', '2026-03-28T10:30:00Z', '2026-03-29T10:30:00Z'],
    ['2026-03-29T10:29:59.999Z', '2026-03-28T10:30:00Z', '2026-03-29T10:30:00Z'],
    ['2026-03-29T10:30:00Z', '2026-03-29T10:30:00Z', '2026-03-30T10:30:00Z'],
    ['2026-03-28T10:29:59.999Z', '2026-03-27T10:30:00Z', '2026-03-28T10:30:00Z'],
  ] as const) {
    const window = windowAt(day, ms(at));
    assert.deepEqual([iso(window.start), iso(window.end)], [start, end], at);
  }
  const two = windowAt({ kind: 'grid', hours: 48, anchor }, anchor + 3 * dayMs);
  assert.deepEqual([iso(two.start), iso(two.end)], ['2026-03-30T10:30:00Z', '2026-04-01T10:30:00Z']);
  assert.deepEqual(windowAt({ kind: 'grants' }, anchor), { start: 0, end: null });
  for (const hours of [0, 23, 36, -24, 1.5]) {
    assert.throws(() => assertWindowRule({ kind: 'grid', hours, anchor }), /window_invalid|no grid/);
  }
});

test('a rule that is no window names the field', () => {
  for (const unit of Object.keys(windowCountMax) as WindowUnit[]) {
    const countMax = windowCountMax[unit];
    for (const count of [1, countMax]) assertWindowRule({ kind: 'calendar', unit, count, zone: 'UTC' });
    for (const count of [0, -1, 1.5, countMax + 1, Number.NaN, '1' as unknown as number]) {
      const rule: WindowRule = { kind: 'rolling', unit, count };
      assert.throws(() => assertWindowRule(rule, '--interval-value'), {
        code: 'window_invalid',
        field: '--interval-value',
      });
      assert.throws(() => windowAt(rule, 0), { code: 'window_invalid' });
      assert.throws(() => windowAt({ ...rule, kind: 'calendar', zone: 'UTC' }, 0), {
        code: 'window_invalid',
      });
    }
  }
  const year = 'year' as WindowUnit;
  assert.throws(() => bucketMsFor({ kind: 'rolling', unit: year, count: 1 }), { code: 'window_invalid' });
  assert.throws(
    () => assertWindowRule({ kind: 'calendar', unit: 'toString' as WindowUnit, count: 1, zone: 'UTC' }),
    { code: 'window_invalid' },
  );
  assert.throws(() => assertWindowRule({ kind: 'calendar', unit: 'day', count: 1, zone: 'Nowhere' }), {
    code: 'zone_unknown',
  });
  assert.throws(() => windowAt({ kind: 'lifetime' }, Number.NaN), { code: 'time_invalid' });
});

test('property: calendar windows of any length tile time in any zone', () => {
  const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  const instant = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });
  fc.assert(
    fc.property(unitAndCount(), zone, instant, (unit, zone, at) => {
      const rule: WindowRule = { kind: 'calendar', ...unit, zone };
      const { start, end } = windowAt(rule, at);
      assert.ok(end !== null && start <= at && at < end);
      assert.deepEqual(windowAt(rule, start), { start, end });
      assert.deepEqual(windowAt(rule, end - 1), { start, end });
      assert.equal(windowAt(rule, end).start, end);
      assert.equal(windowAt(rule, start - 1).end, start);
    }),
    { numRuns: 1000 },
  );
});

function unitAndCount(): fc.Arbitrary<{ unit: WindowUnit; count: number }> {
  const units = Object.keys(windowCountMax) as WindowUnit[];
  return fc.constantFrom(...units).chain((unit) =>
    fc.record({
      unit: fc.constant(unit),
      count: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: windowCountMax[unit] })),
    }),
  );
}
