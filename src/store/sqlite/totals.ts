import type { FilterField, GroupField, Totals, TotalsQuery } from '../query.ts';
import { addSums, dayLabel, dayOf, narrowFields, quarterHourMs, type Sums, wideFields } from '../rollup.ts';
import type { Connection, Value } from './connection.ts';
import { rollupSumsSql, rowSumsSql, sumsOf } from './sums-sql.ts';

/** Stands for "without" in a rollup's key: text fields never hold NUL. */
export const without = '\u0000';

/**
 * Exact sums. Where the fields asked for are a rollup's own, whole buckets come from it and the ragged ends from
 * usage rows; the caller provides one snapshot for all of them.
 */
export function totals(connection: Connection, query: TotalsQuery, zone: string): Totals[] {
  const groups = new Map<string, { readonly group: readonly (string | null)[]; readonly sums: Sums }>();
  for (const part of partsOf(query, zone)) {
    for (const row of connection.rowsOnce(...sqlOf(part, query))) {
      const sums = sumsOf(row, query.by.length);
      if (sums.entries === 0n) continue;
      const group = query.by.map((field, index) => groupText(field, row[index]!, zone));
      const name = JSON.stringify(group);
      const known = groups.get(name);
      if (known === undefined) groups.set(name, { group, sums });
      else addSums(known.sums, sums);
    }
  }
  return [...groups.values()].map(({ group, sums }) => ({ group, ...sums }));
}

type Source = 'rows' | 'narrow' | 'wide';

interface Part {
  readonly source: Source;
  readonly from: number;
  readonly to: number;
}

/** Which source answers for which stretch of time. Exported for tests. */
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

function sqlOf({ source, from, to }: Part, query: TotalsQuery): [sql: string, values: Value[]] {
  const isRows = source === 'rows';
  const instant = isRows ? 'at' : 'bucket';
  const table = isRows ? 'nanocent_entries' : `nanocent_rollup_${source}`;
  const groups = query.by.map((field) => groupSql(field, source));
  const filters = Object.entries(query.filter);
  const where = [`${instant} >= ?`, `${instant} < ?`, ...filters.map(([field]) => `"${field}" IS ?`)];
  const values = filters.map(([, value]) => (isRows ? value : (value ?? without)));
  const columns = [...groups, isRows ? rowSumsSql : rollupSumsSql].join(', ');
  const grouping = groups.length === 0 ? '' : ` GROUP BY ${groups.map((_, index) => index + 1).join(', ')}`;
  return [`SELECT ${columns} FROM ${table} WHERE ${where.join(' AND ')}${grouping}`, [from, to, ...values]];
}

function groupSql(field: GroupField, source: Source): string {
  const instant = source === 'rows' ? 'at' : 'bucket';
  if (field === 'day') return source === 'wide' ? 'bucket' : `nanocent_day(${instant})`;
  if (field === 'quarterHour') return source === 'rows' ? `at - at % ${quarterHourMs}` : 'bucket';
  return `"${field}"`;
}

function groupText(field: GroupField, value: Value, zone: string): string | null {
  if (field === 'day') return dayLabel(Number(value), zone);
  if (field === 'quarterHour') return String(value);
  return value === without ? null : (value as string | null);
}
