import type { Account } from '../../ledger/account.ts';
import type { ChainHead } from '../../ledger/journal.ts';
import type { Reservation } from '../../ledger/reservation.ts';
import type { Plan } from '../port.ts';
import type { Connection } from './connection.ts';
import { chain } from './row-codecs.ts';

/** Rows of each kind that are remembered; above it, all of that kind are forgotten and read again. */
const rememberedRowsMax = 50_000;
/** Keys of accounts that have no row, which take less room: a rolling window asks for many. */
const rememberedAbsencesMax = 200_000;

/**
 * The rows that this handle wrote or read last. They are as good as the file's for as long as no other connection has
 * committed, which SQLite's data_version tells: what was reserved here is usually settled here.
 */
export class RowMemory {
  readonly reservations = new Map<string, Reservation>();
  readonly #accounts = new Map<string, Account>();
  readonly #absent = new Set<string>();
  chainHead: ChainHead | null = null;
  /** The highest id in the file: reservations made since sort after it, and need not be looked for. */
  highestReservationId: string | null = null;
  #version: bigint | null = null;

  /** Inside a transaction, before anything is taken from here. Says whether another handle has committed in between. */
  sync(connection: Connection): boolean {
    const version = connection.row('PRAGMA data_version')![0] as bigint;
    const othersCommitted = this.#version !== null && version !== this.#version;
    if (version !== this.#version) this.forget();
    this.#version = version;
    return othersCommitted;
  }

  /** Null where it is known to have no row; undefined where nothing is known. */
  account(key: string): Account | null | undefined {
    return this.#accounts.get(key) ?? (this.#absent.has(key) ? null : undefined);
  }

  /** As it was read, or written by a commit; null: there is no such row. */
  keepAccount(key: string, account: Account | null): void {
    if (account !== null) {
      this.#absent.delete(key);
      keepRow(this.#accounts, key, account);
      return;
    }
    if (this.#absent.size >= rememberedAbsencesMax) this.#absent.clear();
    this.#absent.add(key);
  }

  /** After the commit of what this plan says. */
  keep(plan: Plan<unknown>, now: number): void {
    for (const account of plan.accounts) {
      // A row that is zero in both may not have been written at all.
      if (account.settled !== 0n || account.reserved !== 0n || this.#accounts.has(account.key)) {
        this.keepAccount(account.key, account);
      }
    }
    for (const key of plan.prunes ?? []) {
      this.#accounts.delete(key);
      this.keepAccount(key, null);
    }
    for (const { row } of plan.reservations) {
      if (this.highestReservationId !== null && row.id > this.highestReservationId) {
        this.highestReservationId = row.id;
      }
      if (row.state === 'open') keepRow(this.reservations, row.id, row);
      else this.reservations.delete(row.id);
    }
    const { link } = plan;
    if (!link) return;
    const at = Math.max(now, link.at);
    this.chainHead = { chain, position: link.lastPosition, number: link.number, hash: link.hash, at };
  }

  /** After anything went wrong, or somebody else wrote. */
  forget(): void {
    this.reservations.clear();
    this.#accounts.clear();
    this.#absent.clear();
    this.chainHead = null;
    this.highestReservationId = null;
    this.#version = null;
  }
}

function keepRow<Row>(rows: Map<string, Row>, key: string, row: Row): void {
  if (rows.size >= rememberedRowsMax && !rows.has(key)) rows.clear();
  rows.set(key, row);
}
