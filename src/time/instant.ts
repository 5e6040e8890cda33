import { NanocentError } from '../errors/error.ts';
import { assertInstant, assertZone, instantOfWall, offsetAt } from './zone.ts';

export interface ParseInstantOptions {
  /** The zone of a text that names none. Default UTC. */
  readonly zone?: string;
  /** What the caller called it, for the error. Default `time`. */
  readonly field?: string;
}

/**
 * ISO 8601 to epoch milliseconds UTC: `2024-01-01`, `2024-01-01T12:00`, `2024-01-01 12:00:00.123`, each time also with
 * `Z` or `+02:00`. Digits beyond a millisecond are dropped. Without an offset the text is local time in `zone`: twice
 * shown is the earlier, inside a gap is the first instant after it. Throws time_invalid (also before 1970), zone_unknown.
 */
export function parseInstant(text: string, options: ParseInstantOptions = {}): number {
  const { zone = 'UTC', field = 'time' } = options;
  const parts = readParts(text, field);
  if (parts.offsetMs !== null) return parts.wall - parts.offsetMs;
  assertZone(zone);
  return instantOfWall(parts.wall, zone);
}

/** True for a date without a time, `2024-01-31`: as the end of a period it includes that day. */
export function isBareDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text);
}

/** `2024-01-01T12:00:00.000Z`: always milliseconds and UTC, so that texts sort like instants. Throws time_invalid. */
export function formatInstant(at: number): string {
  assertInstant(at);
  return new Date(at).toISOString();
}

/** `2024-01-01 13:00:00`, local time for tables whose heading names the zone. Throws time_invalid, zone_unknown. */
export function formatInZone(at: number, zone: string): string {
  return new Date(at + offsetAt(at, zone))
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, '');
}

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?([Zz]|[+-]\d\d(?::?\d\d)?)?)?$/;

/** The reading as if it were UTC, and the offset where the text names one. */
function readParts(text: string, field: string): { wall: number; offsetMs: number | null } {
  const match = typeof text === 'string' && text.length <= 40 ? pattern.exec(text) : null;
  if (match === null) throw invalid(text, field, 'is not a time');
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((digits) => Number(digits ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (year < 1970) throw invalid(text, field, 'is before 1970');
  const wall = Date.UTC(
    year,
    month - 1,
    day,
    hour,
    minute,
    second,
    Number((match[7] ?? '').padEnd(3, '0').slice(0, 3)),
  );
  // Date.UTC carries 31 April and 25:00 over into the next day; what comes back must be what was written.
  const written = `${match[1]}-${match[2]}-${match[3]}T${match[4] ?? '00'}:${match[5] ?? '00'}:${match[6] ?? '00'}`;
  if (!new Date(wall).toISOString().startsWith(written)) throw invalid(text, field, 'does not exist');
  return { wall, offsetMs: readOffset(match[8], text, field) };
}

function readOffset(offset: string | undefined, text: string, field: string): number | null {
  if (offset === undefined) return null;
  if (offset === 'Z' || offset === 'z') return 0;
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  // Real offsets run from −12:00 to +14:00; RFC 3339 writes any below 24 h.
  if (Number(digits.slice(2)) > 59 || minutes >= 24 * 60) throw invalid(text, field, 'has no real offset');
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

function invalid(text: unknown, field: string, problem: string): NanocentError {
  const shown = JSON.stringify(String(text).slice(0, 40));
  return new NanocentError('time_invalid', `${field} ${shown} ${problem}.`, {
    field,
    fix: 'Write ISO 8601 from 1970 on, such as 2024-01-31, 2024-01-31T12:00:00 or 2024-01-31T12:00:00Z.',
  });
}
