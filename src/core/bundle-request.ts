import { digestBytes } from '../ledger/bundle.ts';
import type { Outcome } from '../ledger/command.ts';
import { type EntryColumns, entryIn, openColumns } from '../store/entry-columns.ts';
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
  const bundle = openBundle(calls.length);
  for (const call of calls) bundle.add(call);
  return bundle.finish();
}

export interface OpenedBundle {
  /** The next row. What it is given may go at once: a thousand calls in columns are no objects for the collector to carry. */
  add(call: BundledCall): void;
  finish(): BundleRequest;
}

/** A bundle that is filled row by row, `capacity` rows at most. */
export function openBundle(capacity: number): OpenedBundle {
  const columns = openColumns(capacity);
  const digests = Buffer.alloc(capacity * digestBytes);
  const names: string[] = [];
  const fingerprints: string[] = [];
  return {
    add({ entry, idempotency }) {
      columns.add(entry);
      digests.write(entryDigest(entry), names.length * digestBytes, 'hex');
      names.push(idempotency.name);
      fingerprints.push(idempotency.fingerprint);
    },
    finish: () => ({
      kind: 'bundle',
      rows: columns.finish(),
      digests: digests.subarray(0, names.length * digestBytes),
      names,
      fingerprints,
    }),
  };
}

/** One row of a bundle by itself. */
export function callIn({ rows, names, fingerprints }: BundleRequest, row: number): BundledCall {
  const { recordedAt: _, ...entry } = entryIn(rows, row, 0);
  return { entry, idempotency: { name: names[row]!, fingerprint: fingerprints[row]! } };
}
