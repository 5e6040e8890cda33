import { dayOf, quarterHourMs } from '../rollup.ts';

/** Days of one statement: four centuries. */
const daysMax = 150_000;

/**
 * Where each of the ledger's days from one instant to another begins. Statements are given them as a parameter and look up the
 * day of a row: a server's own table of zones may be older than ours, and a day must be the same everywhere.
 */
export function dayStarts(from: number, to: number, zone: string): number[] {
  const starts: number[] = [];
  for (let at = from; at <= to && starts.length < daysMax; ) {
    const day = dayOf(at, zone);
    starts.push(day.start);
    at = day.end;
  }
  return starts;
}

/** The day of `instant` among the starts that are parameter `$n`. */
export function daySql(instant: string, parameter: number): string {
  return `($${parameter}::bigint[])[width_bucket(${instant}, $${parameter}::bigint[])]`;
}

/** The quarter hour of a row; the remainder of an instant before 1970 is negative. */
export const quarterHourSql = `at - ((at % ${quarterHourMs}) + ${quarterHourMs}) % ${quarterHourMs}`;
