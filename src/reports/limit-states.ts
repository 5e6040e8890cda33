import type { Account, AccountName, Leg, Subject } from '../ledger/account.ts';
import { isLive, type Limit, maximumAt } from '../limits/limit.ts';
import { legsFor } from '../limits/pick.ts';
import { bucketMsFor, windowAt } from '../time/window.ts';

/** How much of a limit is used, set aside and left in its current window. */
export interface LimitState {
  readonly limit: Limit;
  readonly subject: Subject;
  readonly used: bigint;
  readonly held: bigint;
  /** The maximum in force: the limit's own, or that of a raise. */
  readonly maximum: bigint;
  /** Never below 0; null where the limit does not bound (−1). */
  readonly remaining: bigint | null;
  /** What settled and held are above the maximum. */
  readonly over: bigint;
  /** What may refuse a call here: null where the limit is soft, exempts, or the call is exempt from it. */
  readonly refusesAbove: bigint | null;
  /** End of the window, epoch milliseconds; null when it never turns, or rolls. */
  readonly resetsAt: number | null;
  /** The steps in which a rolling window counts: an entry counts for up to this much longer than the window; else null. */
  readonly stepMs: number | null;
  /** What leaves a rolling window and when, oldest first; absent where nobody asked for one call's limits. */
  readonly leaving?: readonly { readonly amount: bigint; readonly at: number }[];
  /** Where a call would be held; absent where nobody asked for one call's limits. */
  readonly account?: AccountName;
}

/** The one question these reports put to a store. */
export interface AccountSource {
  accounts(keys: readonly string[]): Promise<readonly Account[]>;
}

/** The state of every limit that a call with these attributes comes under, specific ones first. */
export async function limitStates(
  source: AccountSource,
  limits: readonly Limit[],
  attributes: Subject,
  now: number,
): Promise<LimitState[]> {
  const inForce = limits.filter((limit) => limit.endedAt === null);
  const byId = new Map(inForce.map((limit) => [limit.id, limit]));
  const legs = legsFor(inForce, attributes, now).filter((leg) => leg.role !== 'post');
  const keys = legs.flatMap(({ account, buckets = [], parts = [] }) => [
    account,
    ...[...buckets, ...parts].map((one) => one.account),
  ]);
  const rows = await source.accounts(keys.map((name) => name.key));
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return legs.map((leg) => {
    const state = stateOf(byId.get(leg.account.limitId)!, counterOf(leg, byKey), now);
    const leaving = leg.buckets?.map(({ account, until }) => ({
      amount: byKey.get(account.key)?.settled ?? 0n,
      at: until,
    }));
    return { ...state, account: leg.account, refusesAbove: leg.maximum, ...(leaving && { leaving }) };
  });
}

/** One row for a counter: of a rolling window, what its buckets add up to and its head holds; of a pool, what its grants do. */
function counterOf({ account, buckets, parts }: Leg, rows: ReadonlyMap<string, Account>): Account {
  const none = { ...account, settled: 0n, reserved: 0n };
  if (parts) {
    let sum: Account = none;
    for (const part of parts) sum = joined(sum, rows.get(part.account.key) ?? none);
    return sum;
  }
  const row = rows.get(account.key) ?? none;
  if (!buckets) return row;
  const settled = buckets.reduce((sum, { account: { key } }) => sum + (rows.get(key)?.settled ?? 0n), 0n);
  return { ...row, settled };
}

/** What `allLimitStates` puts to a store. */
export interface CounterSource {
  limits(): Promise<{ readonly limits: readonly Limit[] }>;
  scanAccounts(afterKey: string | null, limit: number): Promise<readonly Account[]>;
}

const pageSize = 2_000;
/** Counters shown; a `*` limit may have one for every user. The first of them by key are kept. */
const countersMax = 10_000;

type Counter = Pick<Account, 'subject' | 'settled' | 'reserved' | 'windowEnd'>;

/** Every counter of the limits in force whose window holds an instant; a limit without one stands with nothing used. */
export async function allLimitStates(source: CounterSource, now: number): Promise<LimitState[]> {
  const { limits } = await source.limits();
  const inForce = limits.filter((limit) => limit.endedAt === null).sort((left, right) => left.id - right.id);
  const byLimit = new Map(inForce.map((limit) => [limit.id, new Map<string, Counter>()]));
  const spans = new Map(inForce.map((limit) => [limit.id, spanOf(limit, now)]));
  let kept = 0;
  let after: string | null = null;
  for (;;) {
    const page: readonly Account[] = await source.scanAccounts(after, pageSize);
    for (const row of page) {
      const counters = byLimit.get(row.limitId);
      if (!counters || !spans.get(row.limitId)!.holds(row)) continue;
      const name = JSON.stringify(Object.entries(row.subject).sort());
      const known = counters.get(name);
      if (known) counters.set(name, joined(known, row));
      else if (kept++ < countersMax) counters.set(name, spans.get(row.limitId)!.begin(row));
    }
    after = page.at(-1)?.key ?? null;
    if (page.length < pageSize) break;
  }
  return inForce.flatMap((limit) => {
    const counters = [...byLimit.get(limit.id)!.values()];
    if (counters.length > 0) return counters.map((counter) => stateOf(limit, counter, now));
    const { end: windowEnd } = spans.get(limit.id)!;
    const subject = limit.selector as Subject;
    return [stateOf(limit, { subject, settled: 0n, reserved: 0n, windowEnd }, now)];
  });
}

/**
 * Which rows of a limit make up its counters at an instant: that of the window, the head and the buckets that overlap it, or the
 * live grants of a pool.
 */
function spanOf({ window: rule, grants }: Limit, now: number) {
  if (rule.kind === 'grants') {
    const live = new Set(grants.flatMap((grant) => (isLive(grant, now) ? grant.createdAt : [])));
    return {
      end: null,
      holds: ({ windowStart }: Account) => live.has(windowStart),
      begin: (row: Account): Counter => ({ ...row, windowEnd: null }),
    };
  }
  const { start, end } = windowAt(rule, now);
  const rolls = rule.kind === 'rolling';
  return {
    end: rolls ? null : end,
    holds: ({ windowStart, windowEnd }: Account) =>
      windowStart <= now && (windowEnd === null || (rolls ? start < windowEnd : now < windowEnd)),
    begin: (row: Account): Counter => (rolls ? { ...row, windowEnd: null } : row),
  };
}

/** Rows of one counter. */
function joined<Own extends Counter>(counter: Own, { settled, reserved }: Account): Own {
  return { ...counter, settled: counter.settled + settled, reserved: counter.reserved + reserved };
}

/** A counter of a limit, as a call that is not exempt from it meets it. */
export function stateOf(limit: Limit, counter: Counter, now: number): LimitState {
  const { subject, settled, reserved, windowEnd } = counter;
  const maximum = maximumAt(limit, now);
  const left = maximum - settled - reserved;
  return {
    limit,
    subject,
    used: settled,
    held: reserved,
    maximum,
    remaining: maximum < 0n ? null : left > 0n ? left : 0n,
    over: maximum >= 0n && left < 0n ? -left : 0n,
    resetsAt: windowEnd,
    refusesAbove: limit.enforcement === 'hard' && maximum >= 0n ? maximum : null,
    stepMs: limit.window.kind === 'rolling' ? bucketMsFor(limit.window) : null,
  };
}
