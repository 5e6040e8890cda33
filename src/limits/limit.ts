import type { WindowRule } from '../time/window.ts';

export const limitScopes = [
  'GLOBAL',
  'MODEL',
  'USER',
  'CALLER',
  'PROJECT',
  'PROVIDER',
  'KEY',
  'TAG',
  'SESSION',
  'PURPOSE',
] as const;
/** Those that a limit may be set for, and the cap of a run, which refuses as a limit does. */
export type LimitScope = (typeof limitScopes)[number] | 'RUN';

export const limitTypes = [
  'cost',
  'requests',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'concurrent_requests',
] as const;
/** What a limit counts. */
export type LimitType = (typeof limitTypes)[number];

/** The fields that a limit may fix, in the order they are shown. */
export const selectorFields = [
  'model',
  'provider',
  'username',
  'caller',
  'project',
  'key',
  'tag',
  'session',
  'purpose',
] as const;
export type SelectorField = (typeof selectorFields)[number];

/** Absent: any value, one shared counter. `*`: one counter per distinct value. Else: only that value. */
export type Selector = Readonly<Partial<Record<SelectorField, string>>>;

export const limitKinds = ['limit', 'allowance', 'grants'] as const;
/** An allowance is a cost limit that refills each day; grants are a prepaid pool. */
export type LimitKind = (typeof limitKinds)[number];

/** A higher maximum for a while: `from` ≤ t < `until`, epoch milliseconds. */
export interface Raise {
  readonly max: bigint;
  readonly from: number;
  readonly until: number;
  readonly reason: string;
}

/** A part of a prepaid pool, with its own account. */
export interface Grant {
  readonly id: number;
  readonly amount: bigint;
  readonly priority: number;
  /** Null: never. */
  readonly expiresAt: number | null;
  readonly createdAt: number;
  readonly reference: string | null;
  /** When it was refunded or used up; nothing new is taken from it. */
  readonly endedAt: number | null;
  /** What a refund took back. */
  readonly refunded: bigint;
}

/** A limit as the ledger keeps it: whom it covers, what it counts, how much of it and in which window. */
export interface Limit {
  readonly id: number;
  readonly kind: LimitKind;
  readonly scope: LimitScope;
  readonly type: LimitType;
  /** Nanocents for `cost`, else a count. 0 denies every matching call, −1 exempts (DESIGN §8). */
  readonly max: bigint;
  readonly window: WindowRule;
  readonly selector: Selector;
  readonly enforcement: 'hard' | 'soft';
  /** Percentages of the maximum whose reaching is told, once per counter and window (docs/alerts.md). */
  readonly thresholds: readonly number[];
  readonly source: 'command' | 'file';
  /** Absolute path of the file that set it; null where none did. */
  readonly file: string | null;
  /** The maximum in force is the highest of `max` and those active at that instant; 0 and −1 are raised too. */
  readonly raises: readonly Raise[];
  /** Empty unless its kind is `grants`. */
  readonly grants: readonly Grant[];
  /** Store's clock. */
  readonly createdAt: number;
  /** When it was deleted; its history stays. Null while in force. */
  readonly endedAt: number | null;
}

/** What may be set of a limit; the rest is the ledger's. */
export type LimitDraft = Omit<Limit, 'id' | 'createdAt' | 'endedAt' | 'raises' | 'grants'>;

/** Neither refunded, used up nor expired. */
export function isLive({ endedAt, expiresAt }: Pick<Grant, 'endedAt' | 'expiresAt'>, at: number): boolean {
  return endedAt === null && (expiresAt === null || at < expiresAt);
}

/** The maximum in force at an instant: the highest of its own and of the raises that hold then; of a pool what its live grants are. */
export function maximumAt(limit: Pick<Limit, 'kind' | 'max' | 'raises' | 'grants'>, at: number): bigint {
  const { kind, max, raises, grants } = limit;
  if (kind === 'grants') return grants.reduce((sum, one) => (isLive(one, at) ? sum + one.amount : sum), 0n);
  let highest = max;
  for (const raise of raises) {
    if (raise.from <= at && at < raise.until && raise.max > highest) highest = raise.max;
  }
  return highest;
}
