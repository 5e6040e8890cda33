import { NanocentError } from '../errors/error.ts';
import { parseInstant } from '../time/index.ts';
import { countMax } from '../usage/usage.ts';

/** Reading values as other programs write them. All throw NanocentError of the kind `invalid`, naming the field. */

/** A whole count of 0 or more, from a number or its digits; null for what is left out. */
export function foreignCount(value: unknown, field: string): number | null {
  if (value === undefined || value === null || value === '') return null;
  const text = typeof value === 'string' ? value.trim().replace(/\.0+$/, '') : value;
  const count =
    typeof text === 'string' ? (/^\d{1,13}$/.test(text) ? Number(text) : Number.NaN) : Number(text);
  if (Number.isInteger(count) && count >= 0 && count <= countMax) return count;
  throw new NanocentError(
    'usage_invalid',
    `${field} is ${shown(value)}, not a whole number from 0 to ${countMax}`,
    {
      field,
    },
  );
}

/** Seconds as a decimal, in microseconds; null for what is left out. */
export function foreignSeconds(value: unknown, field: string): number | null {
  if (value === undefined || value === null || value === '') return null;
  const seconds =
    typeof value === 'string' && !/^[\d.]+(e-?\d+)?$/i.test(value.trim()) ? Number.NaN : Number(value);
  const yearSeconds = 31_536_000;
  if (seconds >= 0 && seconds <= yearSeconds) return Math.round(seconds * 1e6);
  throw new NanocentError('field_invalid', `${field} is ${shown(value)}, not a number of seconds`, { field });
}

/** ISO 8601 in a zone of its own or else in this one; also seconds or milliseconds since 1970. */
export function foreignInstant(value: unknown, zone: string, field: string): number {
  const text =
    typeof value === 'string'
      ? value.trim()
      : typeof value === 'number' || typeof value === 'bigint'
        ? String(value)
        : '';
  if (/^\d{10}(\.\d+)?$/.test(text)) return Math.floor(Number(text) * 1000);
  if (/^\d{13}$/.test(text)) return Number(text);
  if (text === '') throw new NanocentError('time_invalid', `${field} is missing`, { field });
  return parseInstant(text.replace(/ UTC$/, 'Z').replace(/ ([+-]\d\d)/, '$1'), { zone, field });
}

/** A text, a number as text, or null for what is left out. */
export function foreignText(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
}

/** An object, also one that stands as JSON text; null for anything else. */
export function foreignObject(value: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return null;
  try {
    return foreignObject(JSON.parse(value) as object);
  } catch {
    // Not JSON after all: then it says nothing.
    return null;
  }
}

function shown(value: unknown): string {
  const text = String(value);
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
