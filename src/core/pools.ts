import type { Account, AccountName, Leg, PoolPart } from '../ledger/account.ts';
import { poolLeg } from '../limits/grant.ts';
import type { Limit } from '../limits/limit.ts';
import type { Head } from '../store/port.ts';
import type { WriteRequest } from './request.ts';

/** The accounts that a leg may move: of a pool those of its grants, or, where none is live, the one that stands for it. */
export function accountsOfLeg({ account, parts = [] }: Leg): readonly AccountName[] {
  return parts.length > 0 ? parts.map((part) => part.account) : [account];
}

/**
 * Finds the pools that a hold stands on, as they are now; of a hold made in the same batch, those that its reserve is about to
 * stand on.
 */
export function poolFinder(
  requests: readonly WriteRequest[],
  { limits, reservations, now }: Head,
  legs: ReadonlyMap<WriteRequest, readonly Leg[]>,
): (reservationId: string) => readonly Leg[] {
  const pools = new Map(limits.flatMap((limit) => (isPool(limit) ? [[limit.id, limit]] : [])));
  if (pools.size === 0) return () => none;
  return (id) => {
    const known = reservations.get(id);
    if (!known) {
      const reserve = requests.find((one) => one.kind === 'reserve' && one.id === id);
      return legs.get(reserve!)?.filter(({ parts }) => parts !== undefined) ?? none;
    }
    const found = new Map<number, Leg>();
    for (const { account } of known.holds) {
      const pool = pools.get(account.limitId);
      const leg = pool && !found.has(pool.id) && poolLeg(pool, account.subject, { at: now, now });
      if (leg) found.set(pool.id, leg);
    }
    return [...found.values()];
  };
}

const none: readonly Leg[] = [];

function isPool({ kind, endedAt }: Limit): boolean {
  return kind === 'grants' && endedAt === null;
}

/** What the grants of a pool come to together. */
export function sumOf(
  parts: readonly PoolPart[],
  accounts: ReadonlyMap<string, Account>,
): { readonly settled: bigint; readonly reserved: bigint } {
  let [settled, reserved] = [0n, 0n];
  for (const { account } of parts) {
    settled += accounts.get(account.key)!.settled;
    reserved += accounts.get(account.key)!.reserved;
  }
  return { settled, reserved };
}
