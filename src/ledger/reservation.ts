import type { AccountName, Quantities, Role, Subject } from './account.ts';

export type ReservationState = 'open' | 'settled' | 'voided' | 'expired' | 'settled_late';

/** What one account still holds for a reservation, and what was posted to it on the reservation's behalf. */
export interface Hold {
  readonly account: AccountName;
  readonly role: Role;
  /** Of a bucket: the part of what its head holds that will be posted to it. */
  readonly held: bigint;
  readonly posted: bigint;
  /** The part of `posted` that the movement which ended the reservation posted: what a late settle corrects. */
  readonly atEnd: bigint;
}

/** What happens to the uncaptured hold when the deadline passes: posted (and refundable), or freed. */
export type OnExpire = 'charge' | 'release';

/** A hold: what was set aside, what of it was posted, and when it ends by itself. */
export interface Reservation {
  /** UUIDv7 text. */
  readonly id: string;
  readonly state: ReservationState;
  readonly attributes: Subject;
  /** Everything ever admitted, by measure: the first hold plus its extensions. */
  readonly admitted: Quantities;
  /** Not yet captured, settled or freed, by measure. */
  readonly held: Quantities;
  /** Posted so far, by measure. */
  readonly posted: Quantities;
  /** The part of `posted` that the ending movement posted, by measure. */
  readonly atEnd: Quantities;
  /** The quantities of the settle that ended it, for replay; null before. */
  readonly settledWith: Quantities | null;
  readonly holds: readonly Hold[];
  readonly onExpire: OnExpire;
  readonly createdAt: number;
  /** On the store's clock. */
  readonly expiresAt: number;
  readonly endedAt: number | null;
  /** Grows with each renewal or extension by its owner; a stale owner's number is refused. */
  readonly fence: number;
  /** Journal position of its latest line, from which the earlier ones are linked. */
  readonly lastLine: { readonly chain: number; readonly position: number } | null;
  /** The product's note on the call that the money is for, JSON text; opaque here. */
  readonly draft: string | null;
}
