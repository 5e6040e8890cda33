import type { GroupField, Totals, TotalsQuery } from '../query.ts';
import { addSums, dayLabel, quarterHourMs, type Sums } from '../rollup.ts';
import { type Part, partsOf, type Source } from '../total-parts.ts';
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
