import { isCovered, isSameCounter, type Leg, type Quantities, type Subject } from './account.ts';
import { notFound } from './admit.ts';
import type { Capture, EntryNote, Expire, Outcome, Settle, Void } from './command.ts';
import type { LineKind } from './journal.ts';
import { spill } from './pool.ts';
import type { Hold, Reservation, ReservationState } from './reservation.ts';
import {
  addQuantities,
  type Change,
  failed,
  moneyOf,
  overflowOf,
  unstorable,
  type Workbench,
  withinClosed,
} from './workbench.ts';

/** Posts one part of an open reservation; the rest stays held. */
export function capture(bench: Workbench, command: Capture): Outcome {
  const known = bench.reservation(command.id);
  if (!known) return notFound(command.id);
  if (known.state !== 'open') return ended(known, 'captured');
  return post(bench, known, {
    kind: 'capture',
    quantities: command.quantities,
    ...(command.ends === undefined ? {} : { ends: command.ends }),
    ...(command.also === undefined ? {} : { also: command.also }),
    pools: command.pools,
    attributes: command.attributes,
    entry: command.entry,
    end: null,
    settledWith: null,
  });
}

/** Posts what was spent, whatever was held, and frees the rest. It is never refused: the money is gone. */
export function settle(bench: Workbench, command: Settle): Outcome {
  const known = bench.reservation(command.id);
  if (!known) return notFound(command.id);
  if (known.state === 'settled' || known.state === 'settled_late') return replaySettle(known, command);
  if (known.state !== 'open') return settleLate(bench, known, command);
  return post(bench, known, {
    kind: 'settle',
    quantities: command.quantities,
    pools: command.pools,
    attributes: command.attributes,
    entry: command.entry,
    end: 'settled',
    settledWith: command.quantities,
  });
}

/** Frees the hold; `keep` is posted all the same. */
export function release(bench: Workbench, command: Void): Outcome {
  const known = bench.reservation(command.id);
  if (!known) return notFound(command.id);
  if (known.state === 'voided') return { outcome: 'voided', reservation: known, replayed: true };
  if (known.state !== 'open') return ended(known, 'voided');
  const quantities = { ...zeroes(known.held), ...command.keep };
  const posted = post(bench, known, {
    kind: 'void',
    quantities,
    attributes: null,
    entry: null,
    end: 'voided',
    settledWith: null,
  });
  if (posted.outcome === 'failed') return posted;
  return { outcome: 'voided', reservation: bench.reservation(known.id)!, replayed: false };
}

/** Closes a hold past its deadline: charged or freed, as its reserve chose. */
export function expire(bench: Workbench, command: Expire): Outcome {
  const known = bench.reservation(command.id);
  if (known?.state !== 'open' || known.expiresAt > bench.now) {
    return { outcome: 'kept', reservation: known };
  }
  const charges = known.onExpire === 'charge';
  const posted = post(bench, known, {
    kind: 'expire',
    quantities: charges ? {} : zeroes(known.held),
    attributes: null,
    entry: charges ? command.entry : null,
    end: 'expired',
    settledWith: null,
  });
  if (posted.outcome === 'failed') return posted;
  const amount = posted.outcome === 'settled' ? posted.amount : 0n;
  return { outcome: 'expired', reservation: bench.reservation(known.id)!, amount };
}

interface Posting {
  readonly kind: LineKind;
  readonly quantities: Quantities;
  /** Freed where it is more than what is posted. */
  readonly ends?: Quantities;
  readonly pools?: readonly Leg[] | undefined;
  readonly attributes: Subject | null;
  readonly also?: readonly string[];
  readonly entry: EntryNote | null;
  /** The state it ends in; null leaves it open. */
  readonly end: ReservationState | null;
  readonly settledWith: Quantities | null;
}

function post(bench: Workbench, known: Reservation, posting: Posting): Outcome {
  const wanted = wantedOf(known, posting);
  const posted = addQuantities(known.posted, wanted);
  const wrong = unstorable(posting.quantities) ?? unstorable(posted);
  if (wrong) return wrong;
  const given = known.holds.map((_, index) => amountFor(known.holds, index, posting));
  const { pools = [] } = posting;
  const spilled = spill(bench, { holds: known.holds, amounts: given }, pools, ({ held }) => held);
  const changes: Change[] = [];
  const holds: Hold[] = [];
  for (const [index, hold] of spilled.holds.entries()) {
    const account = bench.account(hold.account);
    const amount = spilled.amounts[index]!;
    const freed = freedFor(spilled.holds, index, posting);
    const reserved = hold.role === 'post' ? 0n : -freed;
    const unadmitted = amount - least(amount, hold.held);
    // What was held had its room from the beginning.
    const overflow = unadmitted > 0n && overflowOf(bench.withHolds(account, hold.role), amount, -freed);
    if (overflow) return overflow;
    changes.push({ account, key: account.key, settled: amount, reserved, unadmitted });
    const atEnd = posting.end ? amount : 0n;
    holds.push({ ...hold, held: hold.held - freed, posted: hold.posted + amount, atEnd });
  }
  const held = heldAfter(known.held, wanted, posting);
  const amount = moneyOf(wanted);
  const reservation = bench.move({
    kind: posting.kind,
    reservation: {
      ...known,
      state: posting.end ?? known.state,
      held,
      posted,
      atEnd: posting.end ? wanted : {},
      settledWith: posting.settledWith,
      holds,
      endedAt: posting.end ? bench.now : null,
    },
    changes,
    entry: posting.entry,
    amount,
    held: moneyOf(held) - moneyOf(known.held),
    unadmitted: amount > moneyOf(known.held) ? amount - moneyOf(known.held) : 0n,
  })!;
  return {
    outcome: posting.end === null ? 'captured' : 'settled',
    reservation,
    amount,
    overrun: overrunOf(reservation),
    replayed: false,
  };
}

/** What is posted by measure: as given, else, at the end, what is still held; a slot never. */
function wantedOf(known: Reservation, posting: Posting): Quantities {
  const slots = slotMeasures(known);
  const base = posting.end ? { ...known.held, ...posting.quantities } : posting.quantities;
  const wanted: { [measure: string]: bigint } = {};
  for (const measure in base) wanted[measure] = slots.has(measure) ? 0n : base[measure]!;
  return wanted;
}

/** Measures that only holds without a bucket stand for: what is in flight now. */
function slotMeasures({ holds }: Reservation): Set<string> {
  const slots = holds.filter((hold) => hold.role === 'hold' && bucketsOf(holds, hold).length === 0);
  return new Set(slots.map((hold) => hold.account.measure));
}

/** Where the buckets of a head stand among the holds. */
function bucketsOf(holds: readonly Hold[], head: Hold): number[] {
  return holds.flatMap((hold, index) => (hold.role === 'post' && isSameCounter(hold, head) ? index : []));
}

function amountFor(holds: readonly Hold[], index: number, posting: Posting): bigint {
  const hold = holds[index]!;
  if (hold.role === 'hold') return 0n;
  if (posting.attributes && !isCovered(hold.account, posting.attributes)) return 0n;
  const given = posting.quantities[hold.account.measure];
  if (given !== undefined) return shareOf(holds, index, given, ({ held }) => held);
  return posting.end ? hold.held : 0n;
}

/** What a hold holds no longer: all of it at the end, else what is posted or ended. A head frees what its buckets do. */
function freedFor(holds: readonly Hold[], index: number, posting: Posting): bigint {
  const hold = holds[index]!;
  if (posting.end) return hold.held;
  const buckets = hold.role === 'hold' ? bucketsOf(holds, hold) : [];
  if (buckets.length > 0) {
    return buckets.reduce((sum, bucket) => sum + freedFor(holds, bucket, posting), 0n);
  }
  const amount = amountFor(holds, index, posting);
  return least(hold.held, most(amount, endsFor(holds, index, posting)));
}

/** One hold's part of what a capture frees; a slot is freed so, and never posted. */
function endsFor(holds: readonly Hold[], index: number, { ends = {}, attributes }: Posting): bigint {
  const { account } = holds[index]!;
  if (attributes && !isCovered(account, attributes)) return 0n;
  return shareOf(holds, index, ends[account.measure] ?? 0n, ({ held }) => held);
}

/**
 * One hold's part of an amount. A hold that was extended in a later window has an account per window: each takes as much
 * as it has room for, in the order in which they were admitted, and the last one takes the rest.
 */
function shareOf(
  holds: readonly Hold[],
  index: number,
  amount: bigint,
  roomOf: (hold: Hold) => bigint,
): bigint {
  const own = holds[index]!;
  let rest = amount;
  for (const [other, hold] of holds.entries()) {
    if (other === index || hold.role !== own.role || !isSameCounter(hold, own)) continue;
    if (other > index) return least(rest, roomOf(own));
    rest -= least(rest, roomOf(hold));
  }
  return rest;
}

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

function most(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function heldAfter(held: Quantities, wanted: Quantities, { end, ends = {} }: Posting): Quantities {
  const rest: { [measure: string]: bigint } = {};
  for (const measure in held) {
    const left = held[measure]! - most(wanted[measure] ?? 0n, ends[measure] ?? 0n);
    rest[measure] = end !== null || left < 0n ? 0n : left;
  }
  return rest;
}

/** After expiry or void: posts the signed difference to what the end posted, once; earlier captures stand. */
function settleLate(bench: Workbench, known: Reservation, command: Settle): Outcome {
  const differences = lateDifferences(known, command);
  const posted = addQuantities(known.posted, differences);
  const wrong = unstorable(command.quantities) ?? unstorable(posted);
  if (wrong) return wrong;
  const targets = known.holds.map((_, index) => lateTarget(known.holds, index, command));
  const { pools = [] } = command;
  const spilled = spill(bench, { holds: known.holds, amounts: targets }, pools, ({ atEnd }) => atEnd);
  const changes: Change[] = [];
  const holds: Hold[] = [];
  for (const [index, hold] of spilled.holds.entries()) {
    const account = bench.account(hold.account);
    const difference = spilled.amounts[index]! - hold.atEnd;
    const settled = withinClosed(account, difference, command.closed);
    const overflow = overflowOf(bench.withHolds(account, hold.role), settled, 0n);
    if (overflow) return overflow;
    if (account.settled + settled < 0n) return refundedAlready(known, account.key, difference);
    holds.push({ ...hold, posted: hold.posted + difference, atEnd: hold.atEnd + difference });
    if (settled === 0n) continue;
    const unadmitted = settled > 0n ? settled : 0n;
    changes.push({ account, key: account.key, settled, reserved: 0n, unadmitted });
  }
  const amount = moneyOf(differences);
  const reservation = bench.move({
    kind: 'late',
    reservation: {
      ...known,
      state: 'settled_late',
      posted,
      atEnd: addQuantities(known.atEnd, differences),
      settledWith: command.quantities,
      holds,
    },
    changes,
    entry: command.lateEntry ?? command.entry,
    amount,
    held: 0n,
    unadmitted: amount > 0n ? amount : 0n,
  })!;
  return { outcome: 'settled_late', reservation, amount, overrun: overrunOf(reservation), replayed: false };
}

function lateDifferences(known: Reservation, command: Settle): Quantities {
  const slots = slotMeasures(known);
  const differences: { [measure: string]: bigint } = {};
  for (const measure in command.quantities) {
    if (slots.has(measure)) continue;
    differences[measure] = command.quantities[measure]! - (known.atEnd[measure] ?? 0n);
  }
  return differences;
}

/** What the end should have posted to a hold. */
function lateTarget(holds: readonly Hold[], index: number, command: Settle): bigint {
  const hold = holds[index]!;
  const given = command.quantities[hold.account.measure];
  if (hold.role === 'hold' || given === undefined) return hold.atEnd;
  const covered = !command.attributes || isCovered(hold.account, command.attributes);
  return shareOf(holds, index, covered ? given : 0n, ({ atEnd }) => atEnd);
}

function refundedAlready(known: Reservation, key: string, difference: bigint): Outcome {
  const message = `the late settle of ${known.id} would take ${-difference} from account ${key}, more than is left on it`;
  return failed('amount_invalid', message, { reservationId: known.id });
}

function replaySettle(known: Reservation, command: Settle): Outcome {
  if (known.settledWith && sameQuantities(known.settledWith, command.quantities)) {
    const late = known.state === 'settled_late';
    const outcome = late ? 'settled_late' : 'settled';
    const amount = moneyOf(known.atEnd);
    return { outcome, reservation: known, amount, overrun: overrunOf(known), replayed: true };
  }
  return failed(
    'reservation_already_settled',
    `reservation ${known.id} was already settled with ${moneyOf(known.posted)} nanocents in all`,
    { reservationId: known.id, settledNanocents: String(moneyOf(known.posted)) },
  );
}

function sameQuantities(left: Quantities, right: Quantities): boolean {
  const measures = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...measures].every((measure) => left[measure] === right[measure]);
}

function ended(known: Reservation, verb: string): Outcome {
  return failed('reservation_ended', `reservation ${known.id} is ${known.state} and cannot be ${verb}`, {
    reservationId: known.id,
    state: known.state,
  });
}

function overrunOf(reservation: Reservation): bigint {
  const over = moneyOf(reservation.posted) - moneyOf(reservation.admitted);
  return over > 0n ? over : 0n;
}

function zeroes(quantities: Quantities): Quantities {
  return Object.fromEntries(Object.keys(quantities).map((measure) => [measure, 0n]));
}
