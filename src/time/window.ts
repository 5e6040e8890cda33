import { NanocentError } from '../errors/error.ts';
import { assertInstant, assertZone, dayMs, instantOfWall, offsetAt } from './zone.ts';

export type WindowUnit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month';

/** Which stretch of time a limit counts over. `none`: a limit on what is in flight now (concurrent requests). */
export type WindowRule =
  | { readonly kind: 'calendar'; readonly unit: WindowUnit; readonly count: number; readonly zone: string }
  | { readonly kind: 'rolling'; readonly unit: WindowUnit; readonly count: number }
  | { readonly kind: 'lifetime' }
  | { readonly kind: 'none' }
  /** Stretches of whole days of 24 hours from an instant on, whatever the clocks do. */
  | { readonly kind: 'grid'; readonly hours: number; readonly anchor: number }
  /** A prepaid pool: it counts for ever, each grant in an account of its own. */
  | { readonly kind: 'grants' };

/** `[start, end)` in epoch milliseconds UTC; `end` null never comes. */
export interface Window {
  readonly start: number;
  readonly end: number | null;
}

/** The largest count per unit: a window spans at most 100 years. */
export const windowCountMax: Readonly<Record<WindowUnit, number>> = {
  second: 3_155_760_000,
  minute: 52_596_000,
  hour: 876_600,
  day: 36_525,
  week: 5_217,
  month: 1_200,
};

/**
 * The window that `at` lies in. Calendar windows tile time without gap or overlap; sub-day ones count from the Unix
 * epoch and ignore the zone, the others turn at local midnight, or at the first instant after a gap that swallows it.
 * Lifetime and none start at 0. A rolling window moves with `at`: it is (at − W, at] written half-open, so use
 * rollingStart and not this start to name an account. Throws window_invalid, zone_unknown, time_invalid.
 */
export function windowAt(rule: WindowRule, at: number): Window {
  assertInstant(at);
  switch (rule.kind) {
    case 'lifetime':
    case 'none':
    case 'grants':
      return { start: 0, end: null };
    case 'grid':
      return gridWindow(rule, at);
    case 'rolling':
      return { start: rollingStart(rule, at) + 1, end: at + 1 };
    case 'calendar':
      return calendarWindow(rule, at);
  }
}

/**
 * The instant W before `now`: entries at or before it no longer count. Day and week are multiples of 24 h; a month goes
 * back calendar months in UTC with the day clamped (31 March → 28 February), so at the midnights after the 28th it
 * steps back by up to a day: buckets must be kept a day longer than the window. Throws window_invalid, time_invalid.
 */
export function rollingStart(rule: Extract<WindowRule, { kind: 'rolling' }>, now: number): number {
  assertInstant(now, 'now');
  assertCount(rule, 'interval');
  return rule.unit === 'month' ? monthsBefore(now, rule.count) : now - rule.count * unitMs[rule.unit];
}

/**
 * Width of the buckets that a rolling limit counts in: the widest usual step of at most 1/60 of its shortest
 * window (a month has 28 days), which makes 60 to 150 buckets. Throws window_invalid.
 */
export function bucketMsFor(rule: Extract<WindowRule, { kind: 'rolling' }>): number {
  assertCount(rule, 'interval');
  const windowMs = rule.count * (rule.unit === 'month' ? 28 * dayMs : unitMs[rule.unit]);
  return bucketSteps.findLast((step) => step * 60 <= windowMs)!;
}

/**
 * The first instant from which an entry at `at` is out of the rolling window, for the first time: the end of a month puts
 * some back for up to a day. Throws window_invalid, time_invalid.
 */
export function rollingEnd(rule: Extract<WindowRule, { kind: 'rolling' }>, at: number): number {
  assertInstant(at, 'at');
  assertCount(rule, 'interval');
  if (rule.unit !== 'month') return at + rule.count * unitMs[rule.unit];
  const later = monthsBefore(at, -rule.count);
  if (rollingStart(rule, later) >= at) return later;
  // The month has no such day: the next one begins without it.
  const date = new Date(later);
  return monthStart(date.getUTCFullYear() * 12 + date.getUTCMonth() + 1);
}

/** Starts of the buckets that overlap the rolling window that ends with `now`, oldest first. Throws as rollingStart does. */
export function bucketStarts(rule: Extract<WindowRule, { kind: 'rolling' }>, now: number): number[] {
  const stepMs = bucketMsFor(rule);
  const starts: number[] = [];
  for (let start = bucketStart(rollingStart(rule, now) + 1, stepMs); start <= now; start += stepMs) {
    starts.push(start);
  }
  return starts;
}

/** The start of the bucket of that width that an instant lies in. */
export function bucketStart(at: number, stepMs: number): number {
  return Math.floor(at / stepMs) * stepMs;
}

/**
 * From this instant on entries may count now or later: the window's start, for months a day before it, because that window
 * may step back by as much.
 */
export function countsFrom(rule: Extract<WindowRule, { kind: 'rolling' }>, now: number): number {
  const slackMs = rule.unit === 'month' ? dayMs : 0;
  return bucketStart(rollingStart(rule, now) + 1 - slackMs, bucketMsFor(rule));
}

/** Throws window_invalid or zone_unknown, naming `field`, for a rule that windowAt would not accept. */
export function assertWindowRule(rule: WindowRule, field = 'interval'): void {
  if (rule.kind === 'lifetime' || rule.kind === 'none' || rule.kind === 'grants') return;
  if (rule.kind === 'grid') {
    assertGrid(rule, field);
    return;
  }
  assertCount(rule, field);
  if (rule.kind === 'calendar') assertZone(rule.zone);
}

const hourMs = 3_600_000;
const minuteMs = 60_000;

const unitMs = { second: 1000, minute: minuteMs, hour: hourMs, day: dayMs, week: 7 * dayMs } as const;

/** Ascending; neighbours differ by a factor of at most 2.5. */
const bucketSteps = [
  ...[10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000],
  ...[1, 2, 5, 10, 15, 20, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * hourMs),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((days) => days * dayMs),
];

function gridWindow(rule: Extract<WindowRule, { kind: 'grid' }>, at: number): Window {
  assertGrid(rule, 'interval');
  const lengthMs = rule.hours * hourMs;
  const start = rule.anchor + Math.floor((at - rule.anchor) / lengthMs) * lengthMs;
  return { start, end: start + lengthMs };
}

function assertGrid({ hours, anchor }: Extract<WindowRule, { kind: 'grid' }>, field: string): void {
  assertInstant(anchor, field);
  const days = hours / 24;
  if (Number.isInteger(days) && days >= 1 && days <= windowCountMax.day) return;
  throw new NanocentError('window_invalid', `${field} of ${hours} hours is no grid.`, {
    field,
    fix: `Use 24, or a multiple of 24 up to ${24 * windowCountMax.day}.`,
  });
}

/** Monday 1970-01-05 is the fourth day after the epoch. */
const firstMonday = 4;

function calendarWindow(rule: Extract<WindowRule, { kind: 'calendar' }>, at: number): Window {
  assertCount(rule, 'interval');
  const { unit, count, zone } = rule;
  if (unit === 'second' || unit === 'minute' || unit === 'hour') {
    const lengthMs = count * unitMs[unit];
    const start = Math.floor(at / lengthMs) * lengthMs;
    return { start, end: start + lengthMs };
  }
  const block = blockOf(unit, count, at + offsetAt(at, zone));
  const end = instantOfWall(wallOf(unit, count, block + 1), zone);
  if (at < end) return { start: instantOfWall(wallOf(unit, count, block), zone), end };
  // Clocks that pass midnight and are then set back show the old date again, inside the new window.
  return { start: end, end: instantOfWall(wallOf(unit, count, block + 2), zone) };
}

/** The number of the block that a wall-clock reading (as if UTC) falls in. */
function blockOf(unit: 'day' | 'week' | 'month', count: number, wall: number): number {
  if (unit === 'month') {
    const date = new Date(wall);
    return Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / count);
  }
  const day = Math.floor(wall / dayMs);
  return Math.floor(unit === 'day' ? day / count : (day - firstMonday) / (7 * count));
}

/** The midnight that a block begins with, as if UTC. */
function wallOf(unit: 'day' | 'week' | 'month', count: number, block: number): number {
  if (unit === 'month') return monthStart(block * count);
  return unit === 'day' ? block * count * dayMs : (block * 7 * count + firstMonday) * dayMs;
}

/** `months` since year 0. Date.UTC would read years 0–99 as 1900–1999. */
function monthStart(months: number): number {
  const date = new Date(0);
  return date.setUTCFullYear(Math.floor(months / 12), months - Math.floor(months / 12) * 12, 1);
}

function monthsBefore(now: number, count: number): number {
  const date = new Date(now);
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth() - count;
  const first = monthStart(months);
  const daysInMonth = (monthStart(months + 1) - first) / dayMs;
  const clockMs = now - Math.floor(now / dayMs) * dayMs;
  return first + (Math.min(date.getUTCDate(), daysInMonth) - 1) * dayMs + clockMs;
}

function assertCount(rule: { readonly unit: WindowUnit; readonly count: number }, field: string): void {
  const countMax = Object.hasOwn(windowCountMax, rule.unit) ? windowCountMax[rule.unit] : undefined;
  if (countMax !== undefined && Number.isInteger(rule.count) && rule.count >= 1 && rule.count <= countMax)
    return;
  throw new NanocentError('window_invalid', `${field} of ${rule.count} × ${rule.unit} is no window.`, {
    field,
    fix:
      countMax === undefined
        ? 'Use second, minute, hour, day, week or month.'
        : `Use a whole number from 1 to ${countMax} of ${rule.unit}s.`,
  });
}
