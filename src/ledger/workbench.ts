import { NanocentError } from '../errors/error.ts';
import { nanocentsMax } from '../money/nanocents.ts';
import {
  type Account,
  type AccountName,
  accountKey,
  type Bucket,
  moneyMeasure,
  type Quantities,
  type Role,
} from './account.ts';
import type { EntryNote, Outcome } from './command.ts';
import type { ChainHead, JournalLine, LineKind, LineLeg } from './journal.ts';
import type { Reservation } from './reservation.ts';

export interface LedgerState {
  /** The store's clock. */
  readonly now: number;
  readonly chain: ChainHead;
  /** Every account that the batch names. */
  readonly accounts: ReadonlyMap<string, Account>;
  readonly reservations: ReadonlyMap<string, Reservation>;
}

/** A change of one account that has passed its checks and is not yet made. */
export interface Change extends LineLeg {
  readonly account: Account;
}

interface Movement {
  readonly kind: LineKind;
  readonly reservation: Reservation | null;
  readonly changes: readonly Change[];
  readonly entry: EntryNote | null;
  readonly amount: bigint;
  readonly held: bigint;
  readonly unadmitted: bigint;
  readonly note?: JournalLine['note'];
}

/** The working copies of one batch: a later command sees what an earlier one did. */
export class Workbench {
  readonly now: number;
  readonly lines: JournalLine[] = [];
  readonly #chain: ChainHead;
  readonly #accounts: Map<string, Account>;
  readonly #reservations: Map<string, Reservation>;
  readonly #known: ReadonlyMap<string, Reservation>;
  readonly #loaded: ReadonlyMap<string, Account>;
  /** Sums of buckets, good for as long as nothing has been posted since. */
  readonly #sums = new Map<readonly Bucket[], { readonly settled: bigint; readonly postings: number }>();
  #postings = 0;
  readonly #changedAccounts = new Set<string>();
  readonly #changedReservations = new Set<string>();
  readonly #dropped = new Set<string>();

  constructor(state: LedgerState) {
    this.now = state.now;
    this.#chain = state.chain;
    this.#accounts = new Map(state.accounts);
    this.#reservations = new Map(state.reservations);
    this.#known = state.reservations;
    this.#loaded = state.accounts;
  }

  account(name: AccountName): Account {
    const account = this.#accounts.get(name.key);
    if (!account) {
      throw new NanocentError('plan_impossible', `account ${name.key} was not loaded for this batch`);
    }
    return account;
  }

  /** What stands posted to a bucket; most of a window's were never posted to, and have no row. */
  settledOn({ key }: AccountName): bigint {
    return this.#accounts.get(key)?.settled ?? 0n;
  }

  /** What stands posted in all of them. */
  settledIn(buckets: readonly Bucket[]): bigint {
    const known = this.#sums.get(buckets);
    if (known?.postings === this.#postings) return known.settled;
    let settled = 0n;
    for (const { account } of buckets) settled += this.settledOn(account);
    this.#sums.set(buckets, { settled, postings: this.#postings });
    return settled;
  }

  /** An account with what may still be posted to it by holds: those of a bucket stand on its head. */
  withHolds(account: Account, role: Role): Account {
    if (role !== 'post') return account;
    const head = this.#accounts.get(accountKey(account.limitId, account.subject, 'head'));
    return head === undefined ? account : { ...account, reserved: head.reserved };
  }

  reservation(id: string): Reservation | null {
    return this.#reservations.get(id) ?? null;
  }

  /** Makes the changes and writes the line; the reservation, if any, is kept with the line's place in it. */
  move(movement: Movement): Reservation | null {
    const position = this.#chain.position + this.lines.length + 1;
    const changes = movement.changes.filter(({ settled, reserved }) => settled !== 0n || reserved !== 0n);
    for (const change of changes) this.#apply(change);
    const { reservation, entry } = movement;
    this.lines.push({
      chain: this.#chain.chain,
      position,
      at: this.now,
      kind: movement.kind,
      reservationId: reservation?.id ?? null,
      previous: reservation?.lastLine ?? null,
      entryId: entry?.id ?? null,
      entryAt: entry?.at ?? null,
      digest: null,
      amount: movement.amount,
      held: movement.held,
      unadmitted: movement.unadmitted,
      legs: changes.map(({ key, settled, reserved, unadmitted }) => ({
        key,
        settled,
        reserved,
        unadmitted,
      })),
      note: movement.note ?? {},
    });
    if (!reservation) return null;
    return this.keep({ ...reservation, lastLine: { chain: this.#chain.chain, position } });
  }

  /** Replaces a reservation without a movement of its own. */
  keep(reservation: Reservation): Reservation {
    this.#reservations.set(reservation.id, reservation);
    this.#changedReservations.add(reservation.id);
    return reservation;
  }

  /** Without those that came back to where they were: a row that the batch would create at zero is not created. */
  changedAccounts(): Account[] {
    return [...this.#changedAccounts].flatMap((key) => {
      const account = this.#accounts.get(key)!;
      const before = this.#loaded.get(key)!;
      return account.settled === before.settled && account.reserved === before.reserved ? [] : account;
    });
  }

  /** The row of an account is deleted, where nothing is in it at the end of the batch. */
  dropIfEmpty(key: string): void {
    this.#dropped.add(key);
  }

  droppedAccounts(): string[] {
    return [...this.#dropped].filter((key) => {
      const { settled, reserved } = this.#accounts.get(key)!;
      return settled === 0n && reserved === 0n;
    });
  }

  changedReservations(): { readonly row: Reservation; readonly isNew: boolean }[] {
    return [...this.#changedReservations].map((id) => ({
      row: this.#reservations.get(id)!,
      isNew: !this.#known.has(id),
    }));
  }

  #apply(change: Change): void {
    const account = this.account(change.account);
    const settled = account.settled + change.settled;
    const reserved = account.reserved + change.reserved;
    if (reserved < 0n || settled < 0n) {
      throw new NanocentError('plan_impossible', `account ${change.key} would go below zero`, {
        data: { settled: String(settled), reserved: String(reserved) },
      });
    }
    if (change.settled !== 0n) this.#postings += 1;
    this.#accounts.set(change.key, { ...account, settled, reserved });
    this.#changedAccounts.add(change.key);
  }
}

/**
 * What a correction moves on an account. One that may have been pruned has less than was posted to it: nothing counts it any
 * more, and what is not there is not taken back.
 */
export function withinClosed(
  account: Account,
  difference: bigint,
  closed: ReadonlySet<string> | undefined,
): bigint {
  const isShort = account.settled + difference < 0n;
  return isShort && closed?.has(account.key) ? -account.settled : difference;
}

/** Null when the account can hold the result in 64 bits, else why it cannot. */
export function overflowOf(account: Account, settled: bigint, reserved: bigint): Outcome | null {
  const total = account.settled + settled + account.reserved + reserved;
  if (total <= nanocentsMax) return null;
  return failed('amount_overflow', `account ${account.key} of limit ${account.limitId} would pass 2^63 − 1`, {
    limitId: account.limitId,
    total: String(total),
  });
}

/** Null when every quantity fits a column: 0 to 2^63 − 1; else which one does not. */
export function unstorable(quantities: Quantities): Outcome | null {
  for (const measure in quantities) {
    const quantity = quantities[measure]!;
    if (quantity < 0n) {
      return failed('amount_invalid', `${measure} of ${quantity} is below zero`, { field: measure });
    }
    if (quantity > nanocentsMax) {
      return failed('amount_overflow', `${measure} of ${quantity} is more than 2^63 − 1`, { field: measure });
    }
  }
  return null;
}

export function failed(
  code: Extract<Outcome, { outcome: 'failed' }>['code'],
  message: string,
  data: Extract<Outcome, { outcome: 'failed' }>['data'] = {},
): Outcome {
  return { outcome: 'failed', code, message, data };
}

export function moneyOf(quantities: Quantities): bigint {
  return quantities[moneyMeasure] ?? 0n;
}

/** Sum by measure; a measure that only one side knows keeps that side's quantity. */
export function addQuantities(left: Quantities, right: Quantities): Quantities {
  const sum: { [measure: string]: bigint } = { ...left };
  for (const measure in right) sum[measure] = (sum[measure] ?? 0n) + right[measure]!;
  return sum;
}
