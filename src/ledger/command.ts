import type { ErrorCode } from '../errors/codes.ts';
import type { AccountName, Leg, Quantities, Role, Subject } from './account.ts';
import type { OnExpire, Reservation } from './reservation.ts';

/** The usage row that a movement books: the line keeps its id and its own instant. */
export interface EntryNote {
  readonly id: string;
  readonly at: number;
}

export interface Reserve {
  readonly kind: 'reserve';
  readonly id: string;
  readonly quantities: Quantities;
  readonly legs: readonly Leg[];
  readonly attributes: Subject;
  readonly ttlMs: number;
  readonly onExpire: OnExpire;
  readonly draft: string | null;
}

/** More of the same hold, with the admission test of a reserve; without quantities a renewal of the deadline. */
export interface Extend {
  readonly kind: 'extend';
  readonly id: string;
  /** The number its owner got last; null where ownership is not at stake. */
  readonly fence: number | null;
  readonly quantities: Quantities;
  readonly legs: readonly Leg[];
  /**
   * What this reservation has to hold of a measure on every counter of these legs, old or new: the rest is asked for there,
   * and only there. Nothing is added to the reservation's own amount. For a part that comes under further counters.
   */
  readonly atLeast?: Quantities;
  /** A new deadline, this long from now; null keeps the old one. */
  readonly ttlMs: number | null;
}

/** Posts one part while the rest stays held. */
export interface Capture {
  readonly kind: 'capture';
  /** The pools that the hold stands on, as they are now: where what it did not cover goes. */
  readonly pools?: readonly Leg[];
  readonly id: string;
  readonly quantities: Quantities;
  /** What the part had set aside and needs no longer, by measure, where that is more than it posts: it is freed. */
  readonly ends?: Quantities;
  /** Posts only to accounts whose subject these cover; null posts to every account of the hold. */
  readonly attributes: Subject | null;
  /** Keys of further accounts of the hold that it posts to. */
  readonly also?: readonly string[];
  readonly entry: EntryNote | null;
}

/** Posts what was really spent, in full, and ends the reservation; after its end, the signed difference, once. */
export interface Settle {
  readonly kind: 'settle';
  /** As of a capture. */
  readonly pools?: readonly Leg[];
  readonly id: string;
  /** A measure that is absent is posted as held: unknown is not zero. */
  readonly quantities: Quantities;
  readonly attributes: Subject | null;
  readonly entry: EntryNote | null;
  /** The row of a correction, where the hold has run out; `entry` when left out. */
  readonly lateEntry?: EntryNote;
  /** Keys of accounts that may have been pruned: of them nothing is taken back that is not there. */
  readonly closed?: ReadonlySet<string>;
}

/** Frees the hold of something proven not billed. */
export interface Void {
  readonly kind: 'void';
  readonly id: string;
  /** Posted all the same: the request of a call that was dispatched. */
  readonly keep: Quantities;
}

/** Ends a hold whose deadline has passed; nothing happens where it has not, or where it ended already. */
export interface Expire {
  readonly kind: 'expire';
  readonly id: string;
  readonly entry: EntryNote;
}

/** Posts what happened without a hold; never refused. */
export interface Book {
  readonly kind: 'record';
  readonly quantities: Quantities;
  readonly legs: readonly Leg[];
  readonly entry: EntryNote;
}

/** A signed correction of something posted, to the accounts it was posted to. */
export interface Adjust {
  readonly kind: 'adjust';
  readonly quantities: Quantities;
  readonly accounts: readonly AccountName[];
  /** Null where counters are corrected and no call: nothing was refunded, and no usage row says so. */
  readonly entry: EntryNote | null;
  readonly reason: string;
  /** As of a settle. */
  readonly closed?: ReadonlySet<string>;
}

/** A rule begins, changes its maximum, for good or for a while, or ends. A new one starts from what already happened in its window. */
export interface Rule {
  readonly kind: 'limit';
  readonly limitId: number;
  readonly maximum: bigint;
  readonly ended: boolean;
  /** A higher maximum until then. */
  readonly raise?: { readonly max: bigint; readonly until: number; readonly reason: string };
  /** Opening balances; `holds` names the open reservations that the new accounts cover. */
  readonly opening: readonly { readonly account: AccountName; readonly settled: bigint }[];
  readonly holds: readonly {
    readonly reservationId: string;
    readonly account: AccountName;
    readonly role: Role;
  }[];
  /** Of a pool: the grant that was given, or, below zero, what a refund took back. */
  readonly grant?: { readonly id: number; readonly amount: bigint };
}

/** Usage rows before an instant are deleted; the journal says so. */
export interface Purge {
  readonly kind: 'purge';
  readonly before: number;
}

/** Accounts of windows that are long over are emptied and their rows deleted; the journal says what was in them. */
export interface Prune {
  readonly kind: 'prune';
  readonly accounts: readonly AccountName[];
}

export type Command =
  | Reserve
  | Extend
  | Capture
  | Settle
  | Void
  | Expire
  | Book
  | Adjust
  | Rule
  | Purge
  | Prune;

/** One account that had no room. */
export interface Refusal {
  readonly account: AccountName;
  readonly maximum: bigint;
  /** Posted in this window. */
  readonly used: bigint;
  /** Set aside by open reservations. */
  readonly held: bigint;
  readonly requested: bigint;
  /** `denied`: the maximum is 0. `spent`: would not fit even with nothing held. `held`: fits once holds end. */
  readonly reason: 'denied' | 'spent' | 'held';
  /**
   * When it will fit, epoch milliseconds, if nothing else happens: when the window has turned far enough, or the first hold
   * that stands in the way has run out; null where neither makes room.
   */
  readonly fitsAt: number | null;
}

export type Outcome =
  | {
      readonly outcome: 'reserved' | 'extended' | 'voided';
      readonly reservation: Reservation;
      readonly replayed: boolean;
    }
  | {
      readonly outcome: 'captured' | 'settled' | 'settled_late';
      readonly reservation: Reservation;
      /** Money posted by this movement, signed (a late settle posts a difference). */
      readonly amount: bigint;
      /** Money above everything that was ever held for it. */
      readonly overrun: bigint;
      readonly replayed: boolean;
    }
  | { readonly outcome: 'expired'; readonly reservation: Reservation; readonly amount: bigint }
  | { readonly outcome: 'kept'; readonly reservation: Reservation | null }
  | { readonly outcome: 'recorded' | 'adjusted'; readonly amount: bigint }
  | { readonly outcome: 'ruled' }
  | { readonly outcome: 'purged' }
  /** `rows`: how many had something in them. */
  | { readonly outcome: 'pruned'; readonly rows: number }
  | { readonly outcome: 'refused'; readonly refusals: readonly Refusal[] }
  | {
      readonly outcome: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly data: Readonly<Record<string, string | number | boolean | null>>;
    };
