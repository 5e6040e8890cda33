import { digestBytes } from '../ledger/bundle.ts';
import type { Outcome } from '../ledger/command.ts';
import { columnsOf, type EntryColumns } from '../store/entry-columns.ts';
import { entryDigest } from '../store/entry-digest.ts';
import type { EntryDraft, Idempotency } from './request.ts';

/** A call that happened elsewhere, as one of many. */
export interface BundledCall {
  readonly entry: EntryDraft;
  readonly idempotency: Idempotency;
}

/**
 * Many calls that happened elsewhere, booked with one line: the same rows and balances as a record of each gives, for a
 * fraction of the work. Plain data, made where the calls are read: what follows from a row alone, its digest too, is worked out
 * before the ledger's own thread has anything to do.
 */
export interface BundleRequest {
  readonly kind: 'bundle';
  readonly rows: EntryColumns;
  readonly digests: Uint8Array;
  /** Idempotency of each row. */
  readonly names: readonly string[];
  readonly fingerprints: readonly string[];
}

/** What became of each row. */
export const rowStates = { booked: 0, known: 1, differing: 2 } as const;

export type BundleResult =
  | {
      readonly outcome: 'bundled';
      /** One of `rowStates` a row: `known` was booked before with the same fingerprint, `differing` with another. */
      readonly states: Uint8Array;
    }
  | Extract<Outcome, { outcome: 'failed' }>;

/** Rows of one bundle: they are decided and written in one piece. */
export const bundleRowsMax = 1_024;

export function bundleRequest(calls: readonly BundledCall[]): BundleRequest {
  const digests = Buffer.alloc(calls.length * digestBytes);
  for (const [row, { entry }] of calls.entries()) {
    digests.write(entryDigest(entry), row * digestBytes, 'hex');
  }
  return {
    kind: 'bundle',
    rows: columnsOf(calls.map(({ entry }) => entry)),
    digests,
    names: calls.map(({ idempotency }) => idempotency.name),
    fingerprints: calls.map(({ idempotency }) => idempotency.fingerprint),
  };
}
