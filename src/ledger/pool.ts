import { type Account, type AccountName, isSameCounter, type Leg, type PoolPart } from './account.ts';
import type { Hold } from './reservation.ts';

/** Where balances are looked up: a batch, or a batch with what is about to be posted. */
export interface Balances {
  account(name: AccountName): Account;
}

/** A leg on a pool: one quantity over several accounts. */
export interface PoolLeg extends Leg {
  readonly parts: readonly PoolPart[];
}

export interface Share {
  readonly account: AccountName;
  readonly amount: bigint;
}

export function isPool(leg: Leg): leg is PoolLeg {
  return leg.parts !== undefined;
}

/** What all parts of a pool come to together. A part that was overdrawn counts against the others. */
export function poolBalance(
  bench: Balances,
  { parts }: PoolLeg,
): { readonly maximum: bigint; readonly used: bigint; readonly held: bigint } {
  let [maximum, used, held] = [0n, 0n, 0n];
  for (const { account, amount } of parts) {
    const { settled, reserved } = bench.account(account);
    maximum += amount;
    used += settled;
    held += reserved;
  }
  return { maximum, used, held };
}

/**
 * Each part as much as it has room for, in order; the last one takes what no part has room for. Without a part, the account that
 * stands for the pool. There is always one share, which says that the pool is concerned.
 */
export function sharesOf(
  bench: Balances,
  { account, parts }: Pick<PoolLeg, 'account' | 'parts'>,
  amount: bigint,
): Share[] {
  const shares: Share[] = [];
  let rest = amount;
  for (const part of parts) {
    const taken = least(rest, roomOf(bench, part));
    if (taken > 0n) shares.push({ account: part.account, amount: taken });
    rest -= taken;
  }
  const last = parts.at(-1)?.account ?? account;
  if (rest === 0n)
    return shares.length > 0 ? shares : [{ account: parts[0]?.account ?? account, amount: 0n }];
  const known = shares.find((share) => share.account.key === last.key);
  const others = shares.filter((share) => share !== known);
  return [...others, { account: last, amount: rest + (known?.amount ?? 0n) }];
}

/** What each account is given in all, where some of it is for pools. */
export function shareOut(
  bench: Balances,
  postings: readonly (Share & { readonly parts?: readonly PoolPart[] })[],
): Share[] {
  const shares = new Map<string, Share>();
  const givenTo = ({ key }: AccountName) => shares.get(key)?.amount ?? 0n;
  const after: Balances = {
    account: (name) => {
      const account = bench.account(name);
      return { ...account, settled: account.settled + givenTo(name) };
    },
  };
  for (const { account, amount, parts } of postings) {
    const own = parts ? sharesOf(after, { account, parts }, amount) : [{ account, amount }];
    for (const share of own) {
      shares.set(share.account.key, { ...share, amount: share.amount + givenTo(share.account) });
    }
  }
  return [...shares.values()];
}

/** Holds with what is posted to each of them. */
export interface Posted {
  readonly holds: readonly Hold[];
  readonly amounts: readonly bigint[];
}

/**
 * What the last hold on a pool would be given above what it covers goes to the parts that have room now, in order, whether the
 * hold stood on them or not; what fits nowhere to the last of them, or, where none is live, stays on the hold.
 */
export function spill(
  bench: Balances,
  { holds, amounts }: Posted,
  pools: readonly Leg[],
  coveredBy: (hold: Hold) => bigint,
): Posted {
  const all = [...holds];
  const given = [...amounts];
  for (const pool of pools.filter(isPool)) {
    const last = holds.findLastIndex((hold) => isSameCounter(hold, pool));
    const over = last < 0 ? 0n : given[last]! - coveredBy(holds[last]!);
    if (over <= 0n || pool.parts.length === 0) continue;
    given[last]! -= over;
    for (const { account, amount } of sharesOf(bench, pool, over)) {
      const index = all.findIndex((hold) => hold.account.key === account.key);
      if (index >= 0) given[index]! += amount;
      else {
        all.push({ account, role: 'whole', held: 0n, posted: 0n, atEnd: 0n });
        given.push(amount);
      }
    }
  }
  return { holds: all, amounts: given };
}

function roomOf(bench: Balances, { account, amount }: PoolPart): bigint {
  const { settled, reserved } = bench.account(account);
  const room = amount - settled - reserved;
  return room > 0n ? room : 0n;
}

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
