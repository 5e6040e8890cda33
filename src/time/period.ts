import { NanocentError } from '../errors/error.ts';
import { formatInstant, isBareDate, parseInstant } from './instant.ts';
import { type WindowUnit, windowAt } from './window.ts';
import { dayMs, instantOfWall } from './zone.ts';

/** The current day, ISO week, month or year of a zone. */
export type PeriodName = 'daily' | 'weekly' | 'monthly' | 'yearly';

/** What a report covers: `[start, end)` in epoch milliseconds UTC. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

const windows: Readonly<Record<PeriodName, { readonly unit: WindowUnit; readonly count: number }>> = {
  daily: { unit: 'day', count: 1 },
  weekly: { unit: 'week', count: 1 },
  monthly: { unit: 'month', count: 1 },
  yearly: { unit: 'month', count: 12 },
};

/** The current day, week (from Monday), month or year in a zone. Throws zone_unknown, time_invalid. */
export function periodOf(name: PeriodName, now: number, zone: string): Period {
  const { start, end } = windowAt({ kind: 'calendar', ...windows[name], zone }, now);
  return { start, end: end! };
}

/**
 * A period from two texts (see parseInstant). The end is exclusive, but a bare date as end includes that day.
 * Throws time_invalid when the end is not after the start, zone_unknown.
 */
export function customPeriod(startText: string, endText: string, zone: string): Period {
  const start = parseInstant(startText, { zone, field: 'start' });
  const endGiven = parseInstant(endText, { zone, field: 'end' });
  const end = isBareDate(endText) ? instantOfWall(Date.parse(endText) + dayMs, zone) : endGiven;
  if (end <= start) {
    throw new NanocentError(
      'time_invalid',
      `end ${formatInstant(end)} is not after start ${formatInstant(start)}.`,
      {
        field: 'end',
        fix: 'Give an end later than the start.',
      },
    );
  }
  return { start, end };
}
