import type { DailyWindow, Price } from './price.ts';

/** The row in force: one for the hour of the day before one for all day, then the one learnt last. */
export function priceAt(prices: readonly Price[], at: number): Price | null {
  let best: Price | null = null;
  for (const price of prices) {
    if ((price.from !== null && at < price.from) || (price.to !== null && at >= price.to)) continue;
    if (price.during !== undefined && !within(price.during, at)) continue;
    if (best === null || outranks(price, best)) best = price;
  }
  return best;
}

function outranks(a: Price, b: Price): boolean {
  if ((a.during === undefined) !== (b.during === undefined)) return a.during !== undefined;
  if (a.recordedAt !== b.recordedAt) return a.recordedAt > b.recordedAt;
  return (a.from ?? Number.NEGATIVE_INFINITY) > (b.from ?? Number.NEGATIVE_INFINITY);
}

const minutesPerDay = 1_440;
const msPerMinute = 60_000;

function within(window: DailyWindow, at: number): boolean {
  const minutes = Math.floor(at / msPerMinute); // count: minutes since 1970
  const minute = ((minutes % minutesPerDay) + minutesPerDay) % minutesPerDay;
  const wraps = window.endMinute <= window.startMinute;
  const late = minute >= window.startMinute && (wraps || minute < window.endMinute);
  if (!late && !(wraps && minute < window.endMinute)) return false;
  if (window.weekdays === undefined) return true;
  // 1970-01-01 was a Thursday (4). The small hours of a window past midnight belong to the day before.
  const day = Math.floor(minutes / minutesPerDay) - (late ? 0 : 1); // count: days since 1970
  return window.weekdays.includes((((day + 4) % 7) + 7) % 7);
}
