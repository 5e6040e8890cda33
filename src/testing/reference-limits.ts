import type { Quantities, Subject } from '../ledger/account.ts';
import type { Limit } from '../limits/limit.ts';

/** One counter of one limit, spelled out: what an account's key stands for. */
export interface Counter {
  readonly limit: Limit;
  /** `username=ann`, fields in order. */
  readonly who: string;
  readonly windowStart: number;
}

/** Windows that the reference knows: for ever, and blocks of hours or days of UTC counted from 1970. */
export function windowStartOf({ window }: Limit, at: number): number {
  if (window.kind === 'lifetime' || window.kind === 'none') return 0;
  if (window.kind !== 'calendar' || window.zone !== 'UTC')
    throw new Error('the reference knows only UTC blocks');
  const hours = { hour: 1, day: 24 }[window.unit as 'hour' | 'day'] * window.count;
  return at - (at % (hours * 3_600_000));
}

export function whoOf(subject: Subject): string {
  return Object.entries(subject)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&');
}

/** The counter of a limit that these attributes fall under, or null. The reference knows no tags: one at most. */
export function counterOf(limit: Limit, attributes: Subject, at: number): Counter | null {
  const subject: Record<string, string> = {};
  for (const [field, wanted] of Object.entries(limit.selector)) {
    const value = attributes[field];
    if (value === undefined) return null;
    if (wanted !== '*' && wanted !== value) return null;
    subject[field] = value;
  }
  return { limit, who: whoOf(subject), windowStart: windowStartOf(limit, at) };
}

/** All counters that a call falls under: with fewer fixed fields later, a global limit last. */
export function countersOf(limits: readonly Limit[], attributes: Subject, at: number): Counter[] {
  const counters: Counter[] = [];
  for (const limit of limits) {
    const counter = limit.endedAt === null ? counterOf(limit, attributes, at) : null;
    if (counter) counters.push(counter);
  }
  return counters.sort((left, right) => {
    const rank = (limit: Limit) => (limit.scope === 'GLOBAL' ? -1 : fixedFields(limit).length);
    return rank(right.limit) - rank(left.limit) || left.limit.id - right.limit.id;
  });
}

/** Null where nothing refuses: soft, an exemption itself, or exempted by one that is more specific. */
export function maximumOf(counter: Counter, counters: readonly Counter[]): bigint | null {
  const { limit } = counter;
  if (limit.enforcement === 'soft' || limit.max === -1n) return null;
  const exempt = counters.some(({ limit: other }) => {
    if (other.max !== -1n || other.type !== limit.type || limit.scope === 'GLOBAL') return false;
    const own = fixedFields(limit);
    const theirs = fixedFields(other);
    return own.length < theirs.length && own.every((field) => theirs.includes(field));
  });
  return exempt ? null : limit.max;
}

/** `username=ann` for each field that is not a star. */
function fixedFields(limit: Limit): string[] {
  return Object.entries(limit.selector)
    .filter(([, value]) => value !== '*')
    .map(([field, value]) => `${field}=${value}`);
}

export function plus(left: Quantities, right: Quantities): Quantities {
  const sum: Record<string, bigint> = { ...left };
  for (const [measure, quantity] of Object.entries(right)) sum[measure] = (left[measure] ?? 0n) + quantity;
  return sum;
}
