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
export type LimitScope = (typeof limitScopes)[number];

export const limitTypes = [
  'cost',
  'requests',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'concurrent_requests',
] as const;
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

export interface Limit {
  readonly id: number;
  readonly scope: LimitScope;
  readonly type: LimitType;
  /** Nanocents for `cost`, else a count. 0 denies every matching call, −1 exempts (DESIGN §8). */
  readonly max: bigint;
  readonly window: WindowRule;
  readonly selector: Selector;
  readonly enforcement: 'hard' | 'soft';
  /** Percentages of `max` at which a soft limit speaks. */
  readonly thresholds: readonly number[];
  readonly source: 'command' | 'file';
  /** Store's clock. */
  readonly createdAt: number;
  /** When it was deleted; its history stays. Null while in force. */
  readonly endedAt: number | null;
}
