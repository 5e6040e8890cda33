/** Complete days that a forecast looks back over. */
export const lookBackDays = 28;
/** Fewer complete days say nothing about the next one. */
export const daysNeeded = 3;

const dayMs = 86_400_000;

/** What was consumed on complete days, oldest first; a day without calls is a zero. */
export type Days = readonly bigint[];

/** Why nothing can be said: too little is known to forecast from. */
export type Unknown = {
  readonly known: false;
  readonly reason: 'too_few_days' | 'window_short' | 'not_kept_by_day' | 'nothing_to_reach';
  /** Complete days there are. */
  readonly days: number;
};

/** How a forecast was made, for whoever reads it. */
export const method =
  'the mean of the last complete days (at most 28), carried on; in four of five cases the truth lies between low and high, ' +
  'if days go on as they went';

/** What a month comes to at its end, in nanocents: an estimate with a range. */
export interface AmountForecast {
  readonly known: true;
  readonly spent: bigint;
  readonly estimate: bigint;
  /** Never below what is spent. */
  readonly low: bigint;
  readonly high: bigint;
  readonly days: number;
}

/** What a period comes to at its end. */
export function forecastAmount(
  days: Days,
  period: { readonly spent: bigint; readonly leftMs: number },
): AmountForecast | Unknown {
  if (days.length < daysNeeded) return { known: false, reason: 'too_few_days', days: days.length };
  const { spent } = period;
  const left = BigInt(Math.max(0, Math.round(period.leftMs)));
  const count = BigInt(days.length);
  const sum = days.reduce((total, day) => total + day, 0n);
  const squares = days.reduce((total, day) => total + day * day, 0n);
  const day = BigInt(dayMs);
  const estimate = spent + (sum * left) / (count * day);
  // Days differ (their own spread), and their mean is known from so many only (count): both grow with what is left.
  const spread = count * squares - sum * sum;
  const variance = (spread * left * (day * count + left)) / (count * count * (count - 1n) * day * day);
  const half = (squareRoot(variance) * BigInt(quantileOf(days.length))) / 1000n;
  const low = estimate - half;
  return {
    known: true,
    spent,
    estimate,
    low: low < spent ? spent : low,
    high: estimate + half,
    days: days.length,
  };
}

/** When a counter is used up, if things go on as they did. */
export interface ReachForecast {
  readonly known: true;
  /** Epoch milliseconds; null where it is not reached before its window turns, or not within ten years. */
  readonly at: number | null;
  /** The same if more is consumed than expected, and less: four of five cases lie between. */
  readonly earliest: number | null;
  readonly latest: number | null;
  readonly days: number;
}

export interface Reach {
  readonly now: number;
  /** What a limit still lets pass. */
  readonly remaining: bigint;
  /** When it begins anew; null for one that does not. */
  readonly resetsAt: number | null;
  /** A window that moves along, with its length: what leaves it makes room again. */
  readonly rolling: { readonly max: bigint; readonly lengthMs: number } | null;
}

const farMs = 3_650 * dayMs;

/** When a limit is used up. Instants are estimates, so they are reckoned in floating point; amounts never are. */
export function forecastReach(days: Days, reach: Reach): ReachForecast | Unknown {
  const { now, remaining, resetsAt, rolling } = reach;
  const known = { known: true as const, days: days.length };
  if (remaining <= 0n) return { ...known, at: now, earliest: now, latest: now };
  if (days.length < daysNeeded) return { known: false, reason: 'too_few_days', days: days.length };
  const amounts = days.map(Number);
  const mean = amounts.reduce((total, day) => total + day, 0) / amounts.length;
  const squares = amounts.reduce((total, day) => total + (day - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (amounts.length - 1)) * (quantileOf(days.length) / 1000);
  // Left after `time` days at the mean, and as much above or below it as days differ.
  const consumed = (time: number, sign: number) =>
    mean * time + sign * deviation * Math.sqrt(time * (1 + time / amounts.length));
  const until = resetsAt ?? now + farMs;
  const instant = (sign: number) => {
    const enough = (ms: number) => consumed(ms / dayMs, sign) >= Number(remaining);
    if (rolling && consumed(rolling.lengthMs / dayMs, sign) <= Number(rolling.max)) return null;
    if (!enough(until - now)) return null;
    return now + firstWhere(enough, until - now);
  };
  return { ...known, at: instant(0), earliest: instant(1), latest: instant(-1) };
}

/** The first whole millisecond at which something that stays true becomes true, by halving. */
function firstWhere(isTrue: (ms: number) => boolean, atMost: number): number {
  let low = 0;
  let high = atMost;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

/**
 * Student's t for four of five cases, in thousandths, by degrees of freedom from 2: few days are trusted less. Table values, e.g.
 * https://www.itl.nist.gov/div898/handbook/eda/section3/eda3672.htm (column 0.90).
 */
const quantiles = [
  ...[1886, 1638, 1533, 1476, 1440, 1415, 1397, 1383, 1372, 1363, 1356, 1350, 1345, 1341],
  ...[1337, 1333, 1330, 1328, 1325, 1323, 1321, 1319, 1318, 1316, 1315, 1314],
];

function quantileOf(days: number): number {
  return quantiles[Math.min(days - 1, 27) - 2]!;
}

/** Rounded down. */
function squareRoot(square: bigint): bigint {
  if (square < 2n) return square;
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2));
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
