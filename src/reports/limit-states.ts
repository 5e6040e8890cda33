import type { Account, Subject } from '../ledger/account.ts';
import type { Limit } from '../limits/limit.ts';
import { legsFor } from '../limits/pick.ts';

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
  const wanted = legsFor(inForce, attributes, now).map((leg) => leg.account);
  const rows = new Map((await source.accounts(wanted.map((name) => name.key))).map((row) => [row.key, row]));
  return wanted.map((name) => {
    const row = rows.get(name.key);
    return stateOf(
      byId.get(name.limitId)!,
      name.subject,
      row?.settled ?? 0n,
      row?.reserved ?? 0n,
      name.windowEnd,
    );
  });
}

export function stateOf(
  limit: Limit,
  subject: Subject,
  used: bigint,
  held: bigint,
  resetsAt: number | null,
): LimitState {
  const left = limit.max - used - held;
  return {
    limit,
    subject,
    used,
    held,
    remaining: limit.max < 0n ? null : left > 0n ? left : 0n,
    over: limit.max >= 0n && left < 0n ? -left : 0n,
    resetsAt,
  };
}
