import type { Account, Subject } from '../ledger/account.ts';
import type { Limit } from '../limits/limit.ts';
import { legsFor } from '../limits/pick.ts';
import { windowAt } from '../time/window.ts';

/** How much of a limit is used, set aside and left in its current window. */
export interface LimitState {
  readonly limit: Limit;
  readonly subject: Subject;
  readonly used: bigint;
  readonly held: bigint;
  /** Never below 0; null where the limit does not bound (−1). */
  readonly remaining: bigint | null;
  /** What settled and held are above the maximum. */
  readonly over: bigint;
  /** What may refuse a call here: null where the limit is soft, exempts, or the call is exempt from it. */
  readonly refusesAbove: bigint | null;
  /** End of the window, epoch milliseconds; null when it never turns. */
  readonly resetsAt: number | null;
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
  const legs = legsFor(inForce, attributes, now);
  const keys = legs.map((leg) => leg.account.key);
  const rows = new Map((await source.accounts(keys)).map((row) => [row.key, row]));
  return legs.map(({ account, maximum }) => {
    const row = rows.get(account.key) ?? { ...account, settled: 0n, reserved: 0n };
    return { ...stateOf(byId.get(account.limitId)!, row), refusesAbove: maximum };
  });
}

/** What `allLimitStates` puts to a store. */
export interface CounterSource {
  limits(): Promise<{ readonly limits: readonly Limit[] }>;
  scanAccounts(afterKey: string | null, limit: number): Promise<readonly Account[]>;
}

const pageSize = 2_000;
/** Counters shown; a `*` limit may have one for every user. The first of them by key are kept. */
const countersMax = 10_000;

/** Every counter of the limits in force whose window holds an instant; a limit without one stands with nothing used. */
export async function allLimitStates(source: CounterSource, now: number): Promise<LimitState[]> {
  const { limits } = await source.limits();
  const inForce = limits.filter((limit) => limit.endedAt === null).sort((left, right) => left.id - right.id);
  const byLimit = new Map(inForce.map((limit) => [limit.id, [] as LimitState[]]));
  let kept = 0;
  let after: string | null = null;
  for (;;) {
    const page: readonly Account[] = await source.scanAccounts(after, pageSize);
    for (const row of page) {
      const states = byLimit.get(row.limitId);
      const current = row.windowStart <= now && (row.windowEnd === null || now < row.windowEnd);
      if (!states || !current || kept++ >= countersMax) continue;
      const limit = inForce.find((one) => one.id === row.limitId)!;
      states.push(stateOf(limit, row));
    }
    after = page.at(-1)?.key ?? null;
    if (page.length < pageSize) break;
  }
  return inForce.flatMap((limit) => {
    const states = byLimit.get(limit.id)!;
    if (states.length > 0) return states;
    const windowEnd = windowAt(limit.window, now).end;
    return [stateOf(limit, { subject: limit.selector as Subject, settled: 0n, reserved: 0n, windowEnd })];
  });
}

/** A counter of a limit, as a call that is not exempt from it meets it. */
export function stateOf(
  limit: Limit,
  account: Pick<Account, 'subject' | 'settled' | 'reserved' | 'windowEnd'>,
): LimitState {
  const { subject, settled, reserved, windowEnd } = account;
  const left = limit.max - settled - reserved;
  return {
    limit,
    subject,
    used: settled,
    held: reserved,
    remaining: limit.max < 0n ? null : left > 0n ? left : 0n,
    over: limit.max >= 0n && left < 0n ? -left : 0n,
    resetsAt: windowEnd,
    refusesAbove: limit.enforcement === 'hard' && limit.max >= 0n ? limit.max : null,
  };
}
