import type { Account, AccountName, Quantities, Subject } from '../ledger/account.ts';
import type { Outcome, Refusal } from '../ledger/command.ts';
import type { OnExpire } from '../ledger/reservation.ts';
import type { Limit, LimitDraft } from '../limits/limit.ts';
import type { Entry } from '../store/entry.ts';
import type { AddGrant, EndGrant } from './grant-change.ts';
import type { Cap } from './run.ts';

export type { LimitDraft } from '../limits/limit.ts';

/** A caller's promise that asking twice changes nothing. */
export interface Idempotency {
  /** Hash of credential, operation and key, hex. */
  readonly name: string;
  /** Hash of the caller's own fields, normalised, with a version. */
  readonly fingerprint: string;
}

/** A usage row before it is booked: the ledger adds its own clock. */
export type EntryDraft = Omit<Entry, 'recordedAt'>;

/** One write, as plain data: it may cross a thread. Ids, salts and hashes come in with it. */
export type WriteRequest =
  | {
      readonly kind: 'reserve';
      readonly id: string;
      readonly quantities: Quantities;
      readonly attributes: Subject;
      readonly ttlMs: number;
      readonly onExpire: OnExpire;
      /** Runs whose caps it comes under. */
      readonly caps?: readonly Cap[];
      /** The row that is booked if the deadline passes. */
      readonly expiry: EntryDraft;
      readonly idempotency: Idempotency | null;
      /** Names of those that are asked after the commit, in order. */
      readonly accountants?: readonly string[];
    }
  | {
      readonly kind: 'extend';
      readonly id: string;
      readonly fence: number | null;
      readonly quantities: Quantities;
      readonly caps?: readonly Cap[];
      /** Held at least, of what the reservation holds already, on every counter that these attributes come under. */
      readonly atLeast?: Quantities;
      readonly attributes: Subject;
      readonly ttlMs: number | null;
    }
  | {
      readonly kind: 'capture' | 'settle';
      readonly id: string;
      readonly quantities: Quantities;
      /** Of a capture: what its part had set aside and needs no longer. */
      readonly ends?: Quantities;
      /** Of a capture: the runs that its part was made in, beside what its attributes cover. */
      readonly caps?: readonly Cap[];
      readonly attributes: Subject | null;
      /** Null where nothing but the amount is known: the row is made from the reservation's. */
      readonly entry: EntryDraft | null;
      /** Books no row: the captures before it booked theirs, or there was no call. A late correction has one all the same. */
      readonly rowless?: boolean;
    }
  | { readonly kind: 'void'; readonly id: string; readonly keep: Quantities }
  | { readonly kind: 'expire'; readonly id: string }
  | {
      readonly kind: 'record';
      readonly caps?: readonly Cap[];
      readonly quantities: Quantities;
      readonly attributes: Subject;
      readonly entry: EntryDraft;
      readonly idempotency: Idempotency | null;
    }
  | {
      readonly kind: 'adjust';
      /** Signed. */
      readonly quantities: Quantities;
      /** Null where counters are corrected and no call. */
      readonly entry: EntryDraft | null;
      readonly accounts: readonly AccountName[];
      readonly reason: string;
      readonly idempotency: Idempotency | null;
    }
  | { readonly kind: 'setLimit'; readonly limit: LimitDraft; readonly fromNow: boolean }
  | { readonly kind: 'endLimit'; readonly id: number }
  /** A higher maximum until an instant, from the ledger's now on. */
  | {
      readonly kind: 'raiseLimit';
      readonly id: number;
      readonly max: bigint;
      readonly until: number;
      readonly reason: string;
    }
  | AddGrant
  | EndGrant
  | { readonly kind: 'purge'; readonly before: number }
  /** Deletes the rows of those of these accounts whose window is long over. */
  | { readonly kind: 'prune'; readonly accounts: readonly AccountName[] };

/** What a write came to. `entry` is the row it booked. */
export type WriteResult =
  | (Exclude<Outcome, { outcome: 'refused' | 'ruled' }> & {
      readonly entry: Entry | null;
      /** Of a record: every counter that it came under, as its batch left it. */
      readonly standings?: readonly Standing[];
    })
  | { readonly outcome: 'refused'; readonly refusals: readonly LimitRefusal[]; readonly entry: null }
  | { readonly outcome: 'ruled'; readonly limit: Limit; readonly entry: null }
  /** The idempotency key was used before, with the same body. */
  | { readonly outcome: 'replayed'; readonly id: string; readonly entry: null }
  /** The same key stands earlier in this batch: ask again. */
  | { readonly outcome: 'again'; readonly entry: null };

/** One counter of a limit in force. */
export interface Standing {
  readonly limit: Limit;
  readonly account: Account;
}

/** A refusal with the limit that it came from. */
export interface LimitRefusal extends Refusal {
  readonly limit: Limit;
}
