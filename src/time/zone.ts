import { NanocentError } from '../errors/error.ts';

/** A wall-clock reading. `month` is 1–12. */
export interface LocalParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

export const dayMs = 86_400_000;

/** Instants beyond ±100,000,000 days are no Dates; the margin leaves room for offsets and neighbouring days. */
const instantMax = 8_640_000_000_000_000 - 4 * dayMs;

/** Throws zone_unknown unless `name` is an IANA zone that this runtime knows (`Europe/Berlin`, `UTC`). */
export function assertZone(name: string, field = 'zone'): void {
  zoneFacts(name, field);
}

/** Throws time_invalid unless `at` is a whole number of milliseconds that a calendar can show. */
export function assertInstant(at: number, field = 'at'): void {
  if (Number.isInteger(at) && at <= instantMax && at >= -instantMax) return;
  throw new NanocentError('time_invalid', `${field} is not an instant: ${at}.`, {
    field,
    fix: 'Pass whole epoch milliseconds UTC.',
  });
}

/** Milliseconds to add to UTC to get local time at this instant. Throws zone_unknown, time_invalid. */
export function offsetAt(at: number, zone: string): number {
  assertInstant(at);
  return offsetIn(zoneFacts(zone), at);
}

/** What a clock on the wall shows. Throws zone_unknown, time_invalid. */
export function localParts(at: number, zone: string): LocalParts {
  const local = new Date(at + offsetAt(at, zone));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: local.getUTCMilliseconds(),
  };
}

/** The first instant at which the clocks of a zone show `parts` or later. Throws zone_unknown, time_invalid. */
export function instantOfLocal(parts: LocalParts, zone: string): number {
  const { year, month, day, hour, minute, second, millisecond } = parts;
  return instantOfWall(Date.UTC(year, month - 1, day, hour, minute, second, millisecond), zone);
}

/**
 * The same for a wall-clock reading given as if it were UTC. "First, or later" settles both hard cases: a reading
 * that occurs twice is the earlier one, a reading inside a gap is the first instant after the gap.
 */
export function instantOfWall(wall: number, zone: string): number {
  assertInstant(wall, 'local time');
  const facts = zoneFacts(zone);
  // No offset reaches 24 h, so a day before the reading the wall has not shown it, a day after it has.
  const lastDay = Math.floor(wall / dayMs) + 1;
  for (let day = lastDay - 2; day <= lastDay; day += 1) {
    const { before, after, changeAt } = offsetsOfDay(facts, day);
    const dayStart = day * dayMs;
    const early = Math.max(dayStart, wall - before);
    if (early < changeAt && early < dayStart + dayMs) return early;
    const late = Math.max(changeAt, wall - after);
    if (late < dayStart + dayMs) return late;
  }
  throw new NanocentError('time_invalid', `No instant found for local time ${wall} in ${zone}.`, {
    field: 'local time',
  });
}

/** Offsets during one UTC day. A day without a change has `changeAt` Infinity. */
interface DayOffsets {
  readonly before: number;
  readonly after: number;
  readonly changeAt: number;
}

interface ZoneFacts {
  /** Null for UTC, which needs no asking: the first question to Intl costs a process 30 ms. */
  readonly format: Intl.DateTimeFormat | null;
  readonly days: Map<number, DayOffsets>;
}

/** Remembered zones; one costs about 100 µs to build and 100 KB to keep. */
const zonesMax = 64;
/** Remembered days per zone: a year's worth of reports and a month's windows fit. */
const daysMax = 512;

/**
 * The one memory in this room: what Intl says about a zone never changes while a process runs, so it is remembered,
 * oldest out first. Asking Intl every time would cost the hot path 10 to 20 µs per window instead of less than one.
 */
const zones = new Map<string, ZoneFacts>();

function zoneFacts(name: string, field = 'zone'): ZoneFacts {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const format = name === 'UTC' ? null : openFormat(name, field);
  const facts = { format, days: new Map<number, DayOffsets>() };
  remember(zones, name, facts, zonesMax);
  return facts;
}

function openFormat(name: string, field: string): Intl.DateTimeFormat {
  // Intl also takes fixed offsets such as "+02:00", which are no zones: they would ignore summer time silently.
  if (typeof name === 'string' && /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) {
    try {
      return new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        weekday: 'narrow',
        timeZoneName: 'longOffset',
      });
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
    }
  }
  const shown = JSON.stringify(String(name).slice(0, 64));
  throw new NanocentError('zone_unknown', `${field} ${shown} is not a known time zone.`, {
    field,
    fix: 'Use an IANA name such as "UTC" or "Europe/Berlin".',
  });
}

function offsetIn(facts: ZoneFacts, at: number): number {
  const { before, after, changeAt } = offsetsOfDay(facts, Math.floor(at / dayMs));
  return at < changeAt ? before : after;
}

const utcOffsets: DayOffsets = { before: 0, after: 0, changeAt: Number.POSITIVE_INFINITY };

function offsetsOfDay({ format, days }: ZoneFacts, day: number): DayOffsets {
  if (format === null) return utcOffsets;
  const known = days.get(day);
  if (known !== undefined) return known;
  const start = day * dayMs;
  const before = days.get(day - 1)?.after ?? readOffset(format, start);
  const after = days.get(day + 1)?.before ?? readOffset(format, start + dayMs);
  const changeAt = before === after ? Number.POSITIVE_INFINITY : findChange(format, start, before);
  const offsets = { before, after, changeAt };
  remember(days, day, offsets, daysMax);
  return offsets;
}

/** Halves the day down to the first whole second with another offset. No zone changes twice within one UTC day. */
function findChange(format: Intl.DateTimeFormat, dayStart: number, before: number): number {
  let low = 0;
  let high = dayMs / 1000;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (readOffset(format, dayStart + middle * 1000) === before) low = middle;
    else high = middle;
  }
  return dayStart + high * 1000;
}

/** Reads "S, GMT+05:45" (a narrow weekday is the quickest to format); early offsets have seconds, "GMT" alone is 0. */
function readOffset(format: Intl.DateTimeFormat, at: number): number {
  const text = format.format(at);
  const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  if (match === null) {
    throw new NanocentError('zone_unknown', `Unreadable offset: ${text}.`, { field: 'zone' });
  }
  const seconds = Number(match[2] ?? 0) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return (match[1] === '-' ? -seconds : seconds) * 1000;
}

/** Maps keep insertion order, so the first key is the oldest. */
function remember<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, entriesMax: number): void {
  if (map.size >= entriesMax) map.delete(map.keys().next().value!);
  map.set(key, value);
}
