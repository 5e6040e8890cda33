import type { Account } from '../ledger/account.ts';
import type { Limit } from '../limits/limit.ts';
import type { Head, Held, Plan } from '../store/port.ts';
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

/**
 * Writes a task for every threshold that a counter stands at or above after this batch. The level decides, not the crossing,
 * so that nothing is missed when a maximum falls; the key, of which there is one per limit, counter, window and threshold,
 * sees to it that it is written once.
 */
export function fireThresholds(
  tasks: TaskBench,
  head: Head,
  held: Held,
  plan: Pick<Plan<unknown>, 'accounts' | 'limits'>,
): void {
  const limits = new Map<number, Limit>();
  for (const limit of head.limits) if (watched(limit)) limits.set(limit.id, limit);
  for (const limit of plan.limits) {
    if (watched(limit)) limits.set(limit.id, limit);
    else limits.delete(limit.id);
  }
  if (limits.size === 0) return;
  const moved = new Set(plan.limits.map(({ id }) => id));
  const after = new Map(plan.accounts.map((account) => [account.key, account]));
  for (const account of held.accounts.values()) {
    if (moved.has(account.limitId) && !after.has(account.key)) after.set(account.key, account);
  }
  for (const account of after.values()) {
    const limit = limits.get(account.limitId);
    if (!limit || (moved.has(limit.id) && isPast(account, head.now))) continue;
    fireFor(tasks, limit, account, head.now);
  }
}

function watched(limit: Limit): boolean {
  return limit.thresholds.length > 0 && limit.endedAt === null;
}

/** What a new maximum means for a window that is over interests nobody. */
function isPast({ windowEnd }: Account, now: number): boolean {
  return windowEnd !== null && windowEnd <= now;
}

function fireFor(tasks: TaskBench, limit: Limit, account: Account, now: number): void {
  const maximum = maximumAt(limit, now);
  if (maximum <= 0n) return;
  for (const threshold of limit.thresholds) {
    if (account.settled * 100n < maximum * BigInt(threshold)) continue;
    const facts: AlertFacts = {
      limitId: limit.id,
      threshold,
      subject: account.subject,
      windowStart: account.windowStart,
      windowEnd: account.windowEnd,
      maximum: String(maximum),
      used: String(account.settled),
      firedAt: now,
    };
    tasks.putIfNew(`${alertKind}/${limit.id}/${account.key}/${threshold}`, alertKind, JSON.stringify(facts));
  }
}

/** The highest of its own and those of the raises that are active. */
function maximumAt(limit: Limit, at: number): bigint {
  let maximum = limit.max;
  for (const raise of limit.raises) {
    if (raise.from <= at && at < raise.until && raise.max > maximum) maximum = raise.max;
  }
  return maximum;
}
