import type { RateTexts, ShardRow } from '../../../src/prices/shard.ts';

/** Where a correction comes from, and when it was compared with that page. */
export interface OverlaySource {
  readonly url: string;
  /** ISO date. */
  readonly checked: string;
}

/** What the overlay says about one model (or several that share it). Everything absent stays as the base data has it. */
export interface OverlayEntry {
  readonly provider: string;
  readonly models: readonly string[];
  readonly source: OverlaySource;
  /** Why this is here, one sentence. */
  readonly why: string;
  /** Replaces all rows, or makes a model the base data lacks. */
  readonly rows?: readonly ShardRow[];
  /** Ids added. Taken away from whichever model had them. */
  readonly aliases?: readonly string[];
  /** Ids that are not this model. */
  readonly notAliases?: readonly string[];
  /** Completes every row of the model with rates it does not have (tier by tier), e.g. fees per call. */
  readonly addRates?: RateTexts;
  /** Ratios of a rate of the same tier: `{ cacheWrite1h: ['input', '2/1'] }`. */
  readonly addRatios?: Readonly<Record<string, readonly [unit: string, ratio: string]>>;
  /** Service tiers for every row: a ratio on all token rates, or rates. */
  readonly serviceTiers?: NonNullable<ShardRow['s']>;
  readonly regions?: NonNullable<ShardRow['g']>;
  readonly minimums?: NonNullable<ShardRow['m']>;
  readonly cacheWriteAsInput?: true;
  /** Moves a context bound: OpenAI's 271,999 to 272,000. */
  readonly bound?: readonly [from: number, to: number];
}
