import type { AccountName } from './account.ts';
import type { Adjust, Book, Outcome, Prune, Purge, Rule } from './command.ts';
import { isPool, sharesOf } from './pool.ts';
import {
  type Change,
  failed,
  moneyOf,
  overflowOf,
  unstorable,
  type Workbench,
  withinClosed,
} from './workbench.ts';

/** Posts what happened without a hold: all of it unadmitted, none of it refused. */
export function record(bench: Workbench, command: Book): Outcome {
  const wrong = unstorable(command.quantities);
  if (wrong) return wrong;
  const changes: Change[] = [];
  for (const leg of command.legs) {
    const quantity = leg.role === 'hold' ? 0n : (command.quantities[leg.account.measure] ?? 0n);
    if (quantity === 0n) continue;
    const shares = isPool(leg)
      ? sharesOf(bench, leg, quantity)
      : [{ account: leg.account, amount: quantity }];
    for (const { account: name, amount } of shares) {
      const account = bench.account(name);
      const overflow = overflowOf(bench.withHolds(account, leg.role), amount, 0n);
      if (overflow) return overflow;
      changes.push({ account, key: account.key, settled: amount, reserved: 0n, unadmitted: amount });
    }
  }
  const amount = moneyOf(command.quantities);
  bench.move({
    kind: 'record',
    reservation: null,
    changes,
    entry: command.entry,
    amount,
    held: 0n,
    unadmitted: amount,
  });
  return { outcome: 'recorded', amount };
}

/** Adds a signed correction to the accounts of what it corrects. */
export function adjust(bench: Workbench, command: Adjust): Outcome {
  const changes: Change[] = [];
  for (const name of command.accounts) {
    const given = command.quantities[name.measure] ?? 0n;
    const account = bench.account(name);
    const amount = withinClosed(account, given, command.closed);
    if (amount === 0n) continue;
    if (account.settled + amount < 0n) {
      return failed(
        'amount_invalid',
        `an adjustment of ${amount} would take account ${account.key} below zero`,
        {
          settled: String(account.settled),
        },
      );
    }
    const overflow = overflowOf(bench.withHolds(account, 'post'), amount, 0n);
    if (overflow) return overflow;
    const unadmitted = amount > 0n ? amount : 0n;
    changes.push({ account, key: account.key, settled: amount, reserved: 0n, unadmitted });
  }
  const amount = command.entry === null ? 0n : moneyOf(command.quantities);
  bench.move({
    kind: 'adjust',
    reservation: null,
    changes,
    entry: command.entry,
    amount,
    held: 0n,
    unadmitted: amount > 0n ? amount : 0n,
    note: { reason: command.reason },
  });
  return { outcome: 'adjusted', amount };
}

/** Notes a rule's maximum from now on; a new rule opens with what its window holds already. */
export function rule(bench: Workbench, command: Rule): Outcome {
  const holds = command.holds.flatMap((hold) => {
    const reservation = bench.reservation(hold.reservationId);
    if (reservation?.state !== 'open') return [];
    return [{ ...hold, reservation, held: reservation.held[hold.account.measure] ?? 0n }];
  });
  const parts = [
    ...command.opening.map((opening) => ({ ...opening, held: 0n, role: 'whole' })),
    ...holds.map((hold) => ({ ...hold, settled: 0n })),
  ];
  // A bucket needs room for what is held for it on its head.
  for (const { account, settled, reserved } of openingChanges(bench, parts)) {
    const overflow = overflowOf(account, settled, reserved);
    if (overflow) return overflow;
  }
  const changes = openingChanges(
    bench,
    parts.filter(({ role }) => role !== 'post'),
  );
  for (const { reservation, account, role, held } of holds) {
    const hold = { account, role, held, posted: 0n, atEnd: 0n };
    const latest = bench.reservation(reservation.id) ?? reservation;
    bench.keep({ ...latest, holds: [...latest.holds, hold] });
  }
  const { limitId, maximum, ended, raise, grant } = command;
  const raised = raise && { raised: String(raise.max), until: raise.until, reason: raise.reason };
  const given = grant && { grantId: grant.id, grant: String(grant.amount) };
  bench.move({
    kind: 'limit',
    reservation: null,
    changes,
    entry: null,
    amount: 0n,
    held: 0n,
    unadmitted: 0n,
    note: { limitId, maximum: String(maximum), ended: ended ? 1 : 0, ...raised, ...given },
  });
  return { outcome: 'ruled' };
}

/** One change per account, everything in it unadmitted: no hold was tested against the new rule. */
function openingChanges(
  bench: Workbench,
  parts: readonly { readonly account: AccountName; readonly settled: bigint; readonly held: bigint }[],
): Change[] {
  const changes = new Map<string, Change>();
  for (const { account: name, settled, held: reserved } of parts) {
    const known = changes.get(name.key);
    changes.set(name.key, {
      account: bench.account(name),
      key: name.key,
      settled: (known?.settled ?? 0n) + settled,
      reserved: (known?.reserved ?? 0n) + reserved,
      unadmitted: (known?.unadmitted ?? 0n) + settled + reserved,
    });
  }
  return [...changes.values()];
}

export function purge(bench: Workbench, command: Purge): Outcome {
  bench.move({
    kind: 'purge',
    reservation: null,
    changes: [],
    entry: null,
    amount: 0n,
    held: 0n,
    unadmitted: 0n,
    note: { before: command.before },
  });
  return { outcome: 'purged' };
}

/**
 * Empties accounts without holds, and has their rows deleted. The legs take away exactly what was there, so that balances
 * rebuild as before, and a row that goes in any other way is missed.
 */
export function prune(bench: Workbench, { accounts }: Prune): Outcome {
  const changes: Change[] = [];
  for (const name of accounts) {
    const account = bench.account(name);
    if (account.reserved !== 0n) continue;
    bench.dropIfEmpty(account.key);
    if (account.settled === 0n) continue;
    changes.push({ account, key: account.key, settled: -account.settled, reserved: 0n, unadmitted: 0n });
  }
  const rows = changes.length;
  if (rows > 0) {
    bench.move({
      kind: 'prune',
      reservation: null,
      changes,
      entry: null,
      amount: 0n,
      held: 0n,
      unadmitted: 0n,
      note: { rows, endedBefore: latestEnd(changes) },
    });
  }
  return { outcome: 'pruned', rows };
}

/** At or before it every one of these windows ended. */
function latestEnd(changes: readonly Change[]): number {
  return Math.max(...changes.map(({ account }) => account.windowEnd ?? 0)); // count: instants
}
