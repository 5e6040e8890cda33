import type { JsonObject, JsonValue } from './format.ts';
import { countMax, type Usage, unknownUsage } from './usage.ts';

/**
 * The count at a dotted path (`prompt_tokens_details.cached_tokens`): null where the provider says nothing.
 * Anything but a whole number from 0 to `countMax` is noted in `problems` and unknown, never repaired.
 */
export function count(object: JsonObject | null, path: string, problems: string[]): number | null {
  const value = valueAt(object, path);
  if (value === undefined || value === null) return null;
  if (isCount(value)) return value;
  problems.push(`${path} is ${shown(value)}, not a whole number from 0 to ${countMax}`);
  return null;
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= countMax;
}

/** `total − parts`; unknown when the total is, a problem when the parts are more than the total. */
export function remainder(
  total: number | null,
  parts: readonly (number | null)[],
  what: string,
  problems: string[],
): number | null {
  if (total === null) return null;
  const taken = sum(parts);
  if (taken <= total) return total - taken;
  problems.push(`${what}: parts of ${taken} are more than the total of ${total}`);
  return null;
}

/** Notes a problem when the provider's own total is not the sum of its parts; silent while any of them is unknown. */
export function checkTotal(
  total: number | null,
  parts: readonly (number | null)[],
  what: string,
  problems: string[],
): void {
  if (total === null || parts.includes(null)) return;
  if (sum(parts) !== total) problems.push(`${what} is ${total}, but its parts sum to ${sum(parts)}`);
}

/**
 * Where the provider gives its input total and names no cache, all of that total is `input` and nothing was
 * read or written: zero, not unknown. OpenAI's caches have no time to live that prices depend on.
 */
export function restOfInput(
  total: number | null,
  known: Pick<Usage, 'input' | 'cacheRead' | 'cacheWrite'>,
): Pick<Usage, 'input' | 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h' | 'cacheWrite'> {
  const rest = total === null ? null : 0;
  return {
    input: known.input,
    cacheRead: known.cacheRead ?? rest,
    cacheWrite5m: rest,
    cacheWrite1h: rest,
    cacheWrite: known.cacheWrite ?? rest,
  };
}

/** Unknown as soon as anything is wrong: a wrong number is worse than none. */
export function usageUnless(problems: readonly string[], usage: Usage): Usage {
  return problems.length === 0 ? usage : unknownUsage;
}

/** Adds counts; an unknown part adds nothing. Bounded by the few parts of one usage object. */
export function sum(parts: readonly (number | null)[]): number {
  return parts.reduce<number>((total, part) => total + (part ?? 0), 0);
}

export function valueAt(object: JsonObject | null, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const key of path.split('.')) {
    if (!isObject(value)) return undefined;
    value = Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

export function objectAt(object: JsonObject | null, path: string): JsonObject | null {
  const value = valueAt(object, path);
  return isObject(value) ? value : null;
}

/** The objects of a list; anything else in it is passed over. */
export function listAt(object: JsonObject | null, path: string): readonly JsonObject[] {
  const value = valueAt(object, path);
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** A text that is there and not empty, else null. */
export function textAt(object: JsonObject | null, path: string): string | null {
  const value = valueAt(object, path);
  return typeof value === 'string' && value !== '' ? value : null;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: JsonValue): string {
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
