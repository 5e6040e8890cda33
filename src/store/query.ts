import type { Entry } from './entry.ts';

export type FilterField =
  | 'model'
  | 'provider'
  | 'username'
  | 'caller'
  | 'project'
  | 'session'
  | 'purpose'
  | 'key';

/** Equal to a value; null matches rows without one. */
export type EntryFilter = Readonly<Partial<Record<FilterField, string | null>>>;

export interface EntryQuery {
  readonly filter: EntryFilter;
  /** `[from, to)` on the call's own instant; null is open. */
  readonly from: number | null;
  readonly to: number | null;
  readonly callId?: string;
  readonly reservationId?: string;
  /** Rows strictly older than this cursor. */
  readonly before?: { readonly at: number; readonly id: string };
  /** At most 1,000. */
  readonly limit: number;
}

export interface EntryPage {
  readonly entries: readonly Entry[];
  readonly next: { readonly at: number; readonly id: string } | null;
}

export type GroupField = FilterField | 'day' | 'quarterHour';

export interface TotalsQuery {
  readonly from: number;
  readonly to: number;
  readonly filter: EntryFilter;
  /** One row per distinct values, or one row in all; `day` is the ledger's zone, `quarterHour` UTC. */
  readonly by: readonly GroupField[];
}

/** Sums over entries. A null count adds nothing; `unpricedCalls` says how much money is not known. */
export interface Totals {
  /** Values in the order of `by`; a day is `YYYY-MM-DD`, a quarter hour epoch milliseconds as text, null is "without". */
  readonly group: readonly (string | null)[];
  readonly calls: bigint;
  readonly entries: bigint;
  readonly input: bigint;
  readonly cacheRead: bigint;
  readonly cacheWrite: bigint;
  readonly output: bigint;
  readonly reasoning: bigint;
  /** All input, cached included. */
  readonly promptTokens: bigint;
  /** Input and output, or the total given where the parts are unknown. */
  readonly totalTokens: bigint;
  readonly localPromptTokens: bigint;
  readonly localCompletionTokens: bigint;
  readonly localTotalTokens: bigint;
  readonly nanocents: bigint;
  readonly executionMicroseconds: bigint;
  readonly unpricedCalls: bigint;
}

/** Where there is no entry. */
export const noTotals: Omit<Totals, 'group'> = {
  calls: 0n,
  entries: 0n,
  input: 0n,
  cacheRead: 0n,
  cacheWrite: 0n,
  output: 0n,
  reasoning: 0n,
  promptTokens: 0n,
  totalTokens: 0n,
  localPromptTokens: 0n,
  localCompletionTokens: 0n,
  localTotalTokens: 0n,
  nanocents: 0n,
  executionMicroseconds: 0n,
  unpricedCalls: 0n,
};
