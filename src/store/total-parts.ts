import type { FilterField, GroupField, TotalsQuery } from './query.ts';
import { dayOf, narrowFields, quarterHourMs, wideFields } from './rollup.ts';

export type Source = 'rows' | 'narrow' | 'wide';

export interface Part {
  readonly source: Source;
  readonly from: number;
  readonly to: number;
}

/** Which source answers for which stretch of time. */
export function partsOf(query: TotalsQuery, zone: string): Part[] {
  const { from, to } = query;
  if (from >= to) return [];
  const middle = narrowPart(query) ?? widePart(query, zone);
  if (middle === null) return [{ source: 'rows', from, to }];
  const edges: Part[] = [
    { source: 'rows', from, to: middle.from },
    { source: 'rows', from: middle.to, to },
  ];
  return [middle, ...edges.filter((edge) => edge.from < edge.to)];
}

/**
 * Since 1980 every zone's midnight lies on a quarter hour of UTC; the last one that did not, Pacific/Kiritimati at
 * −10:40, changed on 1979-10-01 (every day of every zone of ICU from 1970 to 2038 looked at, 2026-11-22).
 */
const quarterHourDaysFrom = Date.UTC(1980, 0, 1);

function narrowPart(query: TotalsQuery): Part | null {
  if (!fits(query, [...narrowFields, 'day', 'quarterHour'])) return null;
  const start = query.by.includes('day') ? Math.max(query.from, quarterHourDaysFrom) : query.from;
  const from = Math.ceil(start / quarterHourMs) * quarterHourMs;
  const to = Math.floor(query.to / quarterHourMs) * quarterHourMs;
  return from < to ? { source: 'narrow', from, to } : null;
}

/** Instants that a calendar can show; no entry lies outside. */
const instantMax = 8_000_000_000_000_000;

function widePart(query: TotalsQuery, zone: string): Part | null {
  if (!fits(query, [...wideFields, 'day'])) return null;
  const first = Math.max(query.from, -instantMax);
  const day = dayOf(first, zone);
  const from = day.start === first ? first : day.end;
  const to = query.to > instantMax ? query.to : dayOf(query.to, zone).start;
  return from < to ? { source: 'wide', from, to } : null;
}

function fits(query: TotalsQuery, fields: readonly GroupField[]): boolean {
  const asked = [...query.by, ...(Object.keys(query.filter) as FilterField[])];
  return asked.every((field) => fields.includes(field));
}
