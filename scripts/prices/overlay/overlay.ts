import type { RateTexts, ShardRow, TierTexts } from '../../../src/prices/shard.ts';

/** Where a correction comes from, and when it was compared with that page. */
export interface OverlaySource {
  readonly url: string;
  /** ISO date. */
  readonly checked: string;
}

/** A ratio on all token rates, but for units that keep their standard rate or have none at this tier; or the rates. */
export type ServiceTier =
  | string
  | { readonly ratio: string; readonly keep?: readonly string[]; readonly without?: readonly string[] }
  | TierTexts;

/** What the overlay says about a model (or several that share it). Everything absent stays as the base data has it. */
export interface OverlayEntry {
  readonly provider: string;
  /** Ids in the base data, `*` for every model of the provider, or a pattern. */
  readonly models: readonly string[] | RegExp | '*';
  readonly source: OverlaySource;
  /** Why this is here, one sentence. */
  readonly why: string;
  /** Replaces all rows, or makes a model that the base data lacks. */
  readonly rows?: readonly ShardRow[];
  /** Ids added; taken away from whichever model had them. */
  readonly aliases?: readonly string[];
  /** Ids that are not this model. */
  readonly notAliases?: readonly string[];
  /** Rates that rows without them get, in every context tier. */
  readonly addRates?: RateTexts;
  /** The same as a ratio of another rate: `{ cacheWrite1h: ['input', '2/1'] }`. */
  readonly addRatios?: Readonly<Record<string, readonly [unit: string, ratio: string]>>;
  readonly serviceTiers?: Readonly<Record<string, ServiceTier>>;
  readonly regions?: NonNullable<ShardRow['g']>;
  readonly minimums?: NonNullable<ShardRow['m']>;
  /** A cache write costs what input costs (only for rows without a write rate). */
  readonly cacheWriteAsInput?: true;
  /** Moves a context bound. */
  readonly bound?: readonly [from: number, to: number];
}
