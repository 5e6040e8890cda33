import { type Account, type AccountName, canonicalSubject } from '../ledger/account.ts';
import { bucketsOf, headOf } from '../limits/counter.ts';
import { type Limit, maximumAt } from '../limits/limit.ts';
import type { Head, Held, Plan, Touches } from '../store/port.ts';
import { rollingStart } from '../time/window.ts';
import type { WriteRequest } from './request.ts';
import type { TaskBench } from './tasks.ts';

/** The kind of a task that tells somebody that a threshold was reached. */
export const alertKind = 'alert';

/** What was so when a threshold was reached: amounts as text, because they may pass 2^53. */
export interface AlertFacts {
  readonly limitId: number;
  /** Percent of the maximum. */
  readonly threshold: number;
  readonly subject: Account['subject'];
  readonly windowStart: number;
  readonly windowEnd: number | null;
  /** In force at that moment, in the limit's own unit. */
  readonly maximum: string;
  /** Settled, in the same unit. */
  readonly used: string;
  readonly firedAt: number;
}

export function alertFacts(body: string): AlertFacts {
  return JSON.parse(body);
}

/** Limits whose counters are to be looked at again, because the limit itself may move. */
export function limitsToWatch(requests: readonly WriteRequest[], head: Head): number[] {
  return requests.flatMap((request) => {
    if (request.kind !== 'setLimit' || request.limit.thresholds.length === 0) return [];
    const { scope, type } = request.limit;
    const same = head.limits.filter(
      (limit) => watched(limit) && limit.scope === scope && limit.type === type,
    );
    return same.map(({ id }) => id);
  });
}

/** The other buckets of every rolling window that this batch may post to: only their sum says how high it stands. */
export function bucketsToWatch(touches: Touches, head: Head): AccountName[] {
  const limits = watchedLimits(head, []);
  if (limits.size === 0) return [];
  return touches.accounts.flatMap(({ limitId, subject, windowEnd }) => {
    const limit = limits.get(limitId);
    return limit && isRolling(limit) && windowEnd !== null ? bucketNames(limit, subject, head.now) : [];
  });
}

/**
 * Writes a task for every threshold that a counter stands at or above after this batch. The level decides, not the crossing,
 * so that nothing is missed when a maximum falls; the key, of which there is one per limit, counter, window and threshold,
 * sees to it that it is written once. A rolling window has no end at which it could begin anew: there the crossing decides,
 * and the key is good for one stretch as long as the window.
 */
export function fireThresholds(
  tasks: TaskBench,
  head: Head,
  held: Held,
  plan: Pick<Plan<unknown>, 'accounts' | 'limits'>,
): void {
  const limits = watchedLimits(head, plan.limits);
  if (limits.size === 0) return;
  const moved = new Set(plan.limits.map(({ id }) => id));
  const changed = new Map(plan.accounts.map((account) => [account.key, account]));
  const candidates = new Map(changed);
  for (const account of held.accounts.values()) {
    if (moved.has(account.limitId)) candidates.set(account.key, account);
  }
  const rolled = new Set<string>();
  const balances = { before: held.accounts, after: new Map([...held.accounts, ...changed]) };
  for (const { key } of candidates.values()) {
    const account = balances.after.get(key)!;
    const limit = limits.get(account.limitId);
    if (!limit) continue;
    const ruled = moved.has(limit.id);
    if (isRolling(limit)) {
      const who = `${limit.id} ${canonicalSubject(account.subject)}`;
      // The head carries holds alone, and one bucket speaks for all.
      if (account.windowEnd === null || rolled.has(who)) continue;
      rolled.add(who);
      fireFor(tasks, limit, rollingCounter(limit, account, balances, head.now), { now: head.now, ruled });
    } else if (!ruled || !isPast(account, head.now)) {
      fireFor(tasks, limit, windowCounter(account), { now: head.now, ruled });
    }
  }
}

type RollingLimit = Limit & { readonly window: Extract<Limit['window'], { kind: 'rolling' }> };

interface Balances {
  readonly before: ReadonlyMap<string, Account>;
  readonly after: ReadonlyMap<string, Account>;
}

/** How high a counter stands, and under which name it fires. */
interface Counter {
  readonly name: string;
  readonly subject: Account['subject'];
  readonly windowStart: number;
  readonly windowEnd: number | null;
  /** Null: the level alone decides. */
  readonly usedBefore: bigint | null;
  readonly used: bigint;
}

function windowCounter(account: Account): Counter {
  const { key: name, subject, windowStart, windowEnd, settled: used } = account;
  return { name, subject, windowStart, windowEnd, usedBefore: null, used };
}

function rollingCounter(
  limit: RollingLimit,
  { subject }: Account,
  { before, after }: Balances,
  now: number,
): Counter {
  const buckets = bucketNames(limit, subject, now);
  const sum = (rows: Balances['before']) =>
    buckets.reduce((total, { key }) => total + (rows.get(key)?.settled ?? 0n), 0n);
  const start = rollingStart(limit.window, now);
  const name = `${headOf(limit, subject).key}/${Math.floor(now / (now - start))}`;
  const raiseEnded = limit.raises.some(({ until }) => until > start && until <= now);
  const usedBefore = raiseEnded ? null : sum(before);
  return { name, subject, windowStart: start, windowEnd: null, usedBefore, used: sum(after) };
}

function bucketNames(limit: RollingLimit, subject: Account['subject'], now: number): AccountName[] {
  return bucketsOf(limit, subject, now, []).map(({ account }) => account);
}

function isRolling(limit: Limit): limit is RollingLimit {
  return limit.window.kind === 'rolling';
}

function watchedLimits(head: Head, changed: readonly Limit[]): Map<number, Limit> {
  const limits = new Map<number, Limit>();
  for (const limit of [...head.limits, ...changed]) {
    if (watched(limit)) limits.set(limit.id, limit);
    else limits.delete(limit.id);
  }
  return limits;
}

/** A pool of grants has no one maximum. */
function watched(limit: Limit): boolean {
  return limit.thresholds.length > 0 && limit.endedAt === null && limit.kind !== 'grants';
}

/** What a new maximum means for a window that is over interests nobody. */
function isPast({ windowEnd }: Account, now: number): boolean {
  return windowEnd !== null && windowEnd <= now;
}

function fireFor(
  tasks: TaskBench,
  limit: Limit,
  counter: Counter,
  { now, ruled }: { readonly now: number; readonly ruled: boolean },
): void {
  const maximum = maximumAt(limit, now);
  if (maximum <= 0n) return;
  const { name, used, usedBefore, subject, windowStart, windowEnd } = counter;
  for (const threshold of limit.thresholds) {
    const mark = maximum * BigInt(threshold);
    if (used * 100n < mark) continue;
    if (!ruled && usedBefore !== null && usedBefore * 100n >= mark) continue;
    const facts: AlertFacts = {
      limitId: limit.id,
      threshold,
      subject,
      windowStart,
      windowEnd,
      maximum: String(maximum),
      used: String(used),
      firedAt: now,
    };
    tasks.putIfNew(`${alertKind}/${limit.id}/${name}/${threshold}`, alertKind, JSON.stringify(facts));
  }
}
