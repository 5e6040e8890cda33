import { type AccountName, accountKey, type Bucket, type Role, type Subject } from '../ledger/account.ts';
import {
  bucketMsFor,
  bucketStart,
  bucketStarts,
  countsFrom,
  rollingEnd,
  type WindowRule,
  windowAt,
} from '../time/window.ts';
import type { Limit } from './limit.ts';

export type RollingRule = Extract<WindowRule, { kind: 'rolling' }>;

/** A limit of which only the naming of accounts is wanted. */
type Counted = Pick<Limit, 'id' | 'type' | 'window'>;

/** The account of a limit and subject to which something of an instant is posted: its window's, or its bucket's. */
export function accountAt(limit: Counted, subject: Subject, at: number): AccountName {
  if (limit.window.kind === 'rolling') {
    const stepMs = bucketMsFor(limit.window);
    return bucketAccount(limit, subject, bucketStart(at, stepMs), stepMs);
  }
  const window = windowAt(limit.window, at);
  return {
    key: accountKey(limit.id, subject, window.start),
    limitId: limit.id,
    subject,
    measure: limit.type,
    windowStart: window.start,
    windowEnd: window.end,
  };
}

/** The account on which a rolling limit's holds stand. Whatever moves in its window locks it. */
export function headOf(limit: Counted, subject: Subject): AccountName {
  const key = accountKey(limit.id, subject, 'head');
  return { key, limitId: limit.id, subject, measure: limit.type, windowStart: 0, windowEnd: null };
}

/** What a hold stands on that is admitted at an instant. */
export function standsOn(
  limit: Counted,
  subject: Subject,
  at: number,
): { readonly account: AccountName; readonly role: Role }[] {
  const account = accountAt(limit, subject, at);
  if (limit.window.kind === 'rolling') {
    return [
      { account: headOf(limit, subject), role: 'hold' },
      { account, role: 'post' },
    ];
  }
  return [{ account, role: limit.type === 'concurrent_requests' ? 'hold' : 'whole' }];
}

/** Buckets that count now, oldest first, with those of `known` that still do. */
export function bucketsOf(
  limit: Counted & { readonly window: RollingRule },
  subject: Subject,
  now: number,
  known: readonly Bucket[] = [],
): Bucket[] {
  const stepMs = bucketMsFor(limit.window);
  const offset = known[0]?.account.windowStart ?? 0;
  return bucketStarts(limit.window, now).map((start) => {
    const same = known[(start - offset) / stepMs];
    if (same !== undefined) return same;
    const account = bucketAccount(limit, subject, start, stepMs);
    return { account, until: rollingEnd(limit.window, start + stepMs - 1) };
  });
}

/** Whether these are the buckets that count now. */
export function areBuckets(buckets: readonly Bucket[], rule: RollingRule, now: number): boolean {
  const last = buckets.at(-1)!.account;
  if (now < last.windowStart || now >= last.windowEnd!) return false;
  const first = bucketStart(windowAt(rule, now).start, last.windowEnd! - last.windowStart);
  return buckets[0]!.account.windowStart === first;
}

/** The bucket of an instant; null where that has passed and will not count again. */
export function bucketAt(
  limit: Counted & { readonly window: RollingRule },
  subject: Subject,
  { at, now }: { readonly at: number; readonly now: number },
): AccountName | null {
  return at < countsFrom(limit.window, now) ? null : accountAt(limit, subject, at);
}

function bucketAccount(limit: Counted, subject: Subject, start: number, stepMs: number): AccountName {
  const key = accountKey(limit.id, subject, start);
  const windowEnd = start + stepMs;
  return { key, limitId: limit.id, subject, measure: limit.type, windowStart: start, windowEnd };
}
