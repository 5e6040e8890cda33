import type { WriteRequest } from '../core/request.ts';
import type { Quantities, Subject } from '../ledger/account.ts';
import type { Limit, LimitDraft } from '../limits/limit.ts';

/** One counter of one limit, spelled out: what an account's key stands for. */
export interface Counter {
  readonly limit: Limit;
  /** `username=ann`, fields in order. */
  readonly who: string;
  /** Where its block, or its step of a rolling window, begins. */
  readonly windowStart: number;
}

/** Rolling windows that the reference knows, and the steps in which they count. */
const rolling: Readonly<Record<string, { readonly spanMs: number; readonly stepMs: number }>> = {
  '1 hour': { spanMs: 3_600_000, stepMs: 60_000 },
  '2 hour': { spanMs: 7_200_000, stepMs: 120_000 },
  '1 day': { spanMs: 86_400_000, stepMs: 1_200_000 },
};

export function rollingOf({ window }: Limit) {
  return window.kind === 'rolling' ? rolling[`${window.count} ${window.unit}`]! : null;
}

/** Windows that the reference knows: for ever, blocks of hours or days of UTC counted from 1970, and the rolling ones. */
export function windowStartOf(limit: Limit, at: number): number {
  const { window } = limit;
  if (window.kind === 'lifetime' || window.kind === 'none' || window.kind === 'grants') return 0;
  const rolls = rollingOf(limit);
  if (rolls) return at - (at % rolls.stepMs);
  if (window.kind !== 'calendar' || window.zone !== 'UTC')
    throw new Error('the reference knows only UTC blocks');
  const hours = { hour: 1, day: 24 }[window.unit as 'hour' | 'day'] * window.count;
  return at - (at % (hours * 3_600_000));
}

/** Whether what begins there counts now: the step in which an instant less than the window old lies, and all after it. */
export function countsAt(limit: Limit, windowStart: number, now: number): boolean {
  const rolls = rollingOf(limit);
  if (!rolls) return windowStart === windowStartOf(limit, now);
  return windowStart <= now && windowStart + rolls.stepMs - 1 > now - rolls.spanMs;
}

/** Whether it is over for good: nothing is posted to it that is not posted there already. */
export function hasPassed(limit: Limit, windowStart: number, now: number): boolean {
  const rolls = rollingOf(limit);
  return rolls !== null && windowStart <= now && !countsAt(limit, windowStart, now);
}

/** Whether nobody will ever ask for it again: 90 days after its end; of a rolling window, once it was out for another window. */
export function isLongOver(limits: readonly Limit[], account: string, now: number): boolean {
  const [id, , start] = account.split('|');
  const limit = limits.find((one) => one.id === Number(id))!;
  const windowStart = Number(start);
  const { window } = limit;
  const rolls = rollingOf(limit);
  if (rolls) return hasPassed(limit, windowStart, now - rolls.spanMs);
  if (window.kind !== 'calendar') return false;
  const hours = { hour: 1, day: 24 }[window.unit as 'hour' | 'day'] * window.count;
  return windowStart + (hours + 90 * 24) * 3_600_000 <= now;
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

/** Its own maximum, or the highest raise that has begun and is not over. */
function inForce({ max, raises }: Limit, now: number): bigint {
  const open = raises.filter(({ from, until }) => from <= now && now < until).map((raise) => raise.max);
  return [max, ...open].sort((left, right) => (left < right ? -1 : 1)).at(-1)!;
}

/** Whether a draft is a limit in force once more: for the same, over the same window. */
export function isSame(limit: Limit, draft: LimitDraft): boolean {
  const window = JSON.stringify(draft.window) === JSON.stringify(limit.window);
  const who = whoOf(limit.selector) === whoOf(draft.selector);
  return limit.endedAt === null && who && window && limit.type === draft.type;
}

/** Ends or raises a limit in force; the code of why that cannot be done. */
export function endOrRaise(
  limits: Limit[],
  request: Extract<WriteRequest, { kind: 'endLimit' | 'raiseLimit' }>,
  now: number,
): string | null {
  const index = limits.findIndex(({ id, endedAt }) => id === request.id && endedAt === null);
  const known = limits[index];
  if (!known) return 'limit_not_found';
  const next = request.kind === 'endLimit' ? { ...known, endedAt: now } : raisedTo(known, request, now);
  if (next === null) return 'limit_invalid';
  limits[index] = next;
  return null;
}

/** What a raise makes of a limit; null where it would change nothing. */
function raisedTo(
  limit: Limit,
  { max, until, reason }: { readonly max: bigint; readonly until: number; readonly reason: string },
  now: number,
): Limit | null {
  if (until <= now || max <= limit.max || limit.kind === 'grants') return null;
  return { ...limit, raises: [...limit.raises, { max, until, reason, from: now }] };
}

/** Null where nothing refuses: soft, an exemption itself, or exempted by one that is more specific. */
export function maximumOf(counter: Counter, counters: readonly Counter[], now: number): bigint | null {
  const { limit } = counter;
  if (limit.enforcement === 'soft' || inForce(limit, now) === -1n) return null;
  const exempt = counters.some(({ limit: other }) => {
    if (inForce(other, now) !== -1n || other.type !== limit.type || limit.scope === 'GLOBAL') return false;
    const own = fixedFields(limit);
    const theirs = fixedFields(other);
    return own.length < theirs.length && own.every((field) => theirs.includes(field));
  });
  return exempt ? null : inForce(limit, now);
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
