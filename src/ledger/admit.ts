import { type Account, isSameCounter, type Leg, moneyMeasure, type Quantities } from './account.ts';
import type { Extend, Outcome, Refusal, Reserve } from './command.ts';
import { isPool, type PoolLeg, poolBalance, sharesOf } from './pool.ts';
import type { Hold } from './reservation.ts';
import {
  addQuantities,
  type Change,
  failed,
  moneyOf,
  overflowOf,
  unstorable,
  type Workbench,
} from './workbench.ts';

/** Takes a hold on every leg, or on none. */
export function reserve(bench: Workbench, command: Reserve): Outcome {
  const known = bench.reservation(command.id);
  if (known) return { outcome: 'reserved', reservation: known, replayed: true };
  const wrong = unstorable(command.quantities);
  if (wrong) return wrong;
  const requestedOf = (leg: Leg) => command.quantities[leg.account.measure] ?? 0n;
  const admission = admit(bench, command.legs, requestedOf);
  if (!Array.isArray(admission)) return admission;
  const reservation = bench.move({
    kind: 'reserve',
    reservation: {
      id: command.id,
      state: 'open',
      attributes: command.attributes,
      admitted: command.quantities,
      held: command.quantities,
      posted: {},
      atEnd: {},
      settledWith: null,
      holds: command.legs.flatMap((leg) => newHolds(bench, leg, requestedOf(leg))),
      onExpire: command.onExpire,
      createdAt: bench.now,
      expiresAt: bench.now + command.ttlMs,
      endedAt: null,
      fence: 1,
      lastLine: null,
      draft: command.draft,
    },
    changes: admission,
    entry: null,
    amount: 0n,
    held: moneyOf(command.quantities),
    unadmitted: unadmittedMoney(command.legs, command.quantities),
  });
  return { outcome: 'reserved', reservation: reservation!, replayed: false };
}

/**
 * Adds to a hold with the same test as a reserve, and moves its deadline where asked. A renewal asks for nothing: no limit
 * refuses it, and no account is added.
 */
export function extend(bench: Workbench, command: Extend): Outcome {
  const known = bench.reservation(command.id);
  if (!known) return notFound(command.id);
  if (known.state !== 'open') {
    return failed('reservation_ended', `reservation ${known.id} is ${known.state} and cannot be extended`, {
      reservationId: known.id,
      state: known.state,
    });
  }
  if (command.fence !== null && command.fence !== known.fence) {
    return failed('reservation_not_owned', `reservation ${known.id} has been renewed by another owner`, {
      reservationId: known.id,
      fence: known.fence,
    });
  }
  const admitted = addQuantities(known.admitted, command.quantities);
  const wrong = unstorable(command.quantities) ?? unstorable(admitted);
  if (wrong) return wrong;
  const asks = asksForMore(command.quantities) || asksForMore(command.atLeast ?? {});
  const legs = asks ? command.legs : [];
  const requestedOf = (leg: Leg) => extensionOf(leg, command, known.holds);
  const admission = admit(bench, legs, requestedOf);
  if (!Array.isArray(admission)) return admission;
  const reservation = bench.move({
    kind: 'extend',
    reservation: {
      ...known,
      admitted,
      held: addQuantities(known.held, command.quantities),
      holds: extendHolds(
        known.holds,
        legs.flatMap((leg) => newHolds(bench, leg, requestedOf(leg))),
      ),
      expiresAt: laterDeadline(known.expiresAt, command.ttlMs, bench.now),
      fence: known.fence + 1,
    },
    changes: admission,
    entry: null,
    amount: 0n,
    held: moneyOf(command.quantities),
    unadmitted: unadmittedMoney(legs, command.quantities),
  });
  return { outcome: 'extended', reservation: reservation!, replayed: false };
}

function asksForMore(quantities: Quantities): boolean {
  for (const measure in quantities) if (quantities[measure] !== 0n) return true;
  return false;
}

/** A renewal never brings a deadline forward. */
function laterDeadline(expiresAt: number, ttlMs: number | null, now: number): number {
  return ttlMs === null || now + ttlMs < expiresAt ? expiresAt : now + ttlMs;
}

export function notFound(id: string): Outcome {
  return failed('reservation_not_found', `there is no reservation ${id}`, { reservationId: id });
}

/** Every leg's change, or the refusals of all legs without room, specific limits first. */
function admit(
  bench: Workbench,
  legs: readonly Leg[],
  requestedOf: (leg: Leg) => bigint,
): Change[] | Outcome {
  const refusals: Refusal[] = [];
  const changes: Change[] = [];
  for (const leg of legs) {
    // What a bucket will be given is held, and tested, on its head.
    if (leg.role === 'post') continue;
    const requested = requestedOf(leg);
    if (isPool(leg)) {
      const refusal = poolRefusal(bench, leg, requested);
      if (refusal) refusals.push(refusal);
      else changes.push(...poolChanges(bench, leg, requested));
      continue;
    }
    const account = bench.account(leg.account);
    const used = usedOf(bench, account, leg);
    const reason = refusalReason(leg.maximum, used, account.reserved, requested);
    if (reason) {
      const refusal = {
        account: leg.account,
        maximum: leg.maximum!,
        used,
        held: account.reserved,
        requested,
      };
      refusals.push({ ...refusal, reason, fitsAt: fitsAt(bench, leg, refusal) });
      continue;
    }
    // What is held here will be posted to the newest bucket: it must have room for all of it.
    const newest = leg.buckets?.at(-1)?.account ?? leg.account;
    const overflow = overflowOf({ ...account, settled: bench.settledOn(newest) }, 0n, requested);
    if (overflow) return overflow;
    changes.push({
      account,
      key: account.key,
      settled: 0n,
      reserved: requested,
      unadmitted: leg.maximum === null ? requested : 0n,
    });
  }
  return refusals.length > 0 ? { outcome: 'refused', refusals } : changes;
}

/** A pool has room in the sum of its grants; what asks for nothing passes an empty one too. */
function poolRefusal(bench: Workbench, leg: PoolLeg, requested: bigint): Refusal | null {
  const balance = poolBalance(bench, leg);
  const { maximum, used, held } = balance;
  const reason = poolReason(maximum, used, held, requested);
  if (reason === null) return null;
  return { account: leg.account, ...balance, requested, reason, fitsAt: null };
}

/** As refusalReason; an empty pool denies nothing that is free. */
export function poolReason(
  maximum: bigint,
  used: bigint,
  held: bigint,
  requested: bigint,
): Refusal['reason'] | null {
  if (requested === 0n || used + held + requested <= maximum) return null;
  return used + requested > maximum ? 'spent' : 'held';
}

/** Within 64 bits without a test: no part takes more than it has room for. */
function poolChanges(bench: Workbench, leg: PoolLeg, requested: bigint): Change[] {
  return sharesOf(bench, leg, requested).map(({ account, amount }) => ({
    account: bench.account(account),
    key: account.key,
    settled: 0n,
    reserved: amount,
    unadmitted: 0n,
  }));
}

function usedOf(bench: Workbench, account: Account, { buckets }: Leg): bigint {
  return buckets === undefined ? account.settled : bench.settledIn(buckets);
}

/** At exactly the maximum a request passes; what asks for nothing passes too, except where everything is denied. */
export function refusalReason(
  maximum: bigint | null,
  settled: bigint,
  reserved: bigint,
  requested: bigint,
): Refusal['reason'] | null {
  if (maximum === null) return null;
  if (maximum === 0n) return 'denied';
  if (requested === 0n || settled + reserved + requested <= maximum) return null;
  return settled + requested > maximum ? 'spent' : 'held';
}

function fitsAt(
  bench: Workbench,
  { account, buckets }: Leg,
  wanted: Pick<Refusal, 'maximum' | 'used' | 'held' | 'requested'>,
): number | null {
  const leaving = buckets?.map((bucket) => ({
    amount: bench.settledOn(bucket.account),
    at: bucket.until,
  }));
  return roomAt(wanted, account.windowEnd, leaving);
}

/** What leaves a rolling window, and when. */
export interface Leaving {
  readonly amount: bigint;
  readonly at: number;
}

/**
 * When time alone will have made room, with nothing else held or posted meanwhile: at the window's end, or when enough has
 * left a rolling one (oldest first); null where no time does.
 */
export function roomAt(
  { maximum, used, held, requested }: Pick<Refusal, 'maximum' | 'used' | 'held' | 'requested'>,
  windowEnd: number | null,
  leaving?: readonly Leaving[] | null,
): number | null {
  if (requested > maximum || maximum === 0n) return null;
  if (!leaving) return windowEnd;
  // Holds stay on the head whatever the time; what they leave too little room for waits for their end.
  const room = requested + held <= maximum ? maximum - held - requested : maximum - requested;
  let left = used;
  for (const { amount, at } of leaving) {
    if (left <= room) break;
    left -= amount;
    if (left <= room) return at;
  }
  return null;
}

/** One, or of a pool one on each grant that it takes from. */
function newHolds(bench: Workbench, leg: Leg, requested: bigint): Hold[] {
  const shares = isPool(leg)
    ? sharesOf(bench, leg, requested)
    : [{ account: leg.account, amount: requested }];
  return shares.map(({ account, amount }) => ({
    account,
    role: leg.role,
    held: amount,
    posted: 0n,
    atEnd: 0n,
  }));
}

/** What is asked for, and what the counter lacks of the least that it has to hold. */
function extensionOf(leg: Leg, { quantities, atLeast = {} }: Extend, holds: readonly Hold[]): bigint {
  const { measure } = leg.account;
  const more = quantities[measure] ?? 0n;
  const own = holds.filter((hold) => hold.role !== 'post' && isSameCounter(hold, leg));
  const held = own.reduce((sum, hold) => sum + hold.held, more);
  const least = atLeast[measure] ?? 0n;
  return least > held ? more + least - held : more;
}

function extendHolds(holds: readonly Hold[], more: readonly Hold[]): readonly Hold[] {
  const byKey = new Map(holds.map((hold) => [hold.account.key, hold]));
  for (const hold of more) {
    const { key } = hold.account;
    const known = byKey.get(key);
    byKey.set(key, known ? { ...known, held: known.held + hold.held } : hold);
  }
  return [...byKey.values()];
}

/** Money held that nothing tested: some money leg of the hold has no maximum. */
function unadmittedMoney(legs: readonly Leg[], quantities: Quantities): bigint {
  const untested = legs.some((leg) => leg.account.measure === moneyMeasure && leg.maximum === null);
  return untested ? moneyOf(quantities) : 0n;
}
