import type { Nanocents, Rate } from '../money/nanocents.ts';

/** A kind of unit with a rate: the token kinds and subsets of usage, or a per-call unit such as `webSearch`. */
export type UnitName = string;

/** Rates by unit. A unit missing here has no price of its own (see charge.ts for what stands in, and what may not). */
export type Rates = Readonly<Record<UnitName, Rate>>;

/** One context tier: applies to the whole request when total input is at most `inputTokensMax` (inclusive). */
export interface ContextTier {
  /** null: no upper bound (the last tier). */
  readonly inputTokensMax: number | null;
  readonly rates: Rates;
}

/**
 * Hours of the day (UTC) in which a row holds instead of the row without: `[startMinute, endMinute)` from midnight;
 * an end at or below the start runs past midnight. Weekdays are those on which it starts, 0 is Sunday; all when absent.
 */
export interface DailyWindow {
  readonly startMinute: number;
  readonly endMinute: number;
  readonly weekdays?: readonly number[];
}

/** One dated price row of one model at one provider. Immutable once published: a change is a new row. */
export interface Price {
  /** Stable and unique: `<provider>/<model>@<from or 0>#<source>[…]`; stored with every charge. */
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  /** In ascending order of bound; one tier without bound when the price does not depend on context length. */
  readonly tiers: readonly ContextTier[];
  /**
   * All token rates of a service tier (`batch`, `flex`, `priority`, `fast`); per-call units keep their own rate. A last
   * tier with a bound means the service is not sold above it.
   */
  readonly serviceTiers: Readonly<Record<string, readonly ContextTier[]>>;
  /** Multipliers by region served, as exact ratios: `us` → [11n, 10n]. */
  readonly regions: Readonly<Record<string, readonly [bigint, bigint]>>;
  /** When the provider charged it: `[from, to)`, epoch milliseconds UTC; null is open. */
  readonly from: number | null;
  readonly to: number | null;
  /** Peak hours; absent when the row holds all day. */
  readonly during?: DailyWindow;
  /** A cache write without a rate of its own is ordinary input here (the provider says so); otherwise it is unpriced. */
  readonly cacheWriteAsInput?: boolean;
  /** Least billed quantity by unit, where a call is billed a minimum: `{ audioSecond: 10 }`. */
  readonly minimums?: Readonly<Record<UnitName, number>>;
  /** Markup or discount on the whole charge as an exact ratio, applied before the one rounding: 5 % is [105n, 100n]. */
  readonly factor?: readonly [bigint, bigint];
  /** When we learnt it, epoch milliseconds UTC. */
  readonly recordedAt: number;
  readonly source: { readonly name: string; readonly url: string; readonly checked: string };
}

/** Which price is asked for: the model, its provider and the instant. */
export interface PriceQuery {
  /** As served. */
  readonly model: string;
  readonly provider?: string;
  /** The instant of the call, epoch milliseconds UTC. */
  readonly at: number;
}

/** Never "the first that fits": ambiguity and absence are answers. */
export type PriceMatch =
  | {
      readonly outcome: 'found';
      readonly price: Price;
      /** `fallback`: nothing is known of the model, and own prices say what it costs all the same. */
      readonly matchedBy: 'exact' | 'alias' | 'dated' | 'prefix' | 'fallback';
    }
  | { readonly outcome: 'unknown'; readonly nearest: readonly string[] }
  | { readonly outcome: 'ambiguous'; readonly candidates: readonly string[] };

/** One line of a charge: so many of a unit, at a rate. */
export interface ChargeLine {
  /** The model billed, on the lines of another model inside the same response; absent on the main model's. */
  readonly model?: string;
  readonly unit: UnitName;
  readonly quantity: number;
  readonly rateNanocentsPerMillion: Rate;
  readonly nanocents: Nanocents;
}

/** Usage × price, rounded up once to a whole nanocent; lines always sum to `nanocents`. */
export interface Charge {
  readonly nanocents: Nanocents;
  readonly priceId: string;
  readonly lines: readonly ChargeLine[];
}

/** Unknown is not zero: what has no price says why. `nearest` are ids that would have one. */
export interface Unpriced {
  readonly outcome: 'unpriced';
  readonly reason: string;
  readonly nearest?: readonly string[];
}

/** A charge with the price it came from, or why there is none. */
export type Pricing =
  | { readonly outcome: 'priced'; readonly charge: Charge; readonly price: Price }
  | Unpriced;
