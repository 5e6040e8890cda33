import type { GroupField, Totals, TotalsQuery } from '../query.ts';
import { addSums, dayLabel, type Sums } from '../rollup.ts';
import type { Value } from '../row.ts';
import { type Part, partsOf, type Source } from '../total-parts.ts';
import type { Session } from './connection.ts';
import { daySql, dayStarts, quarterHourSql } from './days.ts';
import type { Parameter } from './driver.ts';
import { rollupSumsSql, rowSumsSql, sumsOf } from './sums-sql.ts';

/**
 * Exact sums. Where the fields asked for are a rollup's own, whole buckets come from it and the ragged ends from
 * usage rows; the caller provides one snapshot for all of them.
 */
export async function totals(session: Session, query: TotalsQuery, zone: string): Promise<Totals[]> {
  const groups = new Map<string, { readonly group: readonly (string | null)[]; readonly sums: Sums }>();
  for (const part of partsOf(query, zone)) {
    const bounded = await withBounds(session, part);
    if (bounded === null) continue;
    const { sql, values } = statementOf(bounded, query, zone);
    for (const row of await session.rows(sql, ...values)) {
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

/** No further than there are rows, so that no days are counted beyond them; null where there are none. */
async function withBounds(
  session: Session,
  part: Part,
): Promise<(Part & { first: number; last: number }) | null> {
  const { source, from, to } = part;
  const instant = instantOf(source);
  const sql = `SELECT min(${instant}), max(${instant}) FROM ${tableOf(source)} WHERE ${instant} >= $1 AND ${instant} < $2`;
  const row = await session.row(sql, from, to);
  return row![0] === null ? null : { ...part, first: Number(row![0]), last: Number(row![1]) };
}

function statementOf(
  { source, from, to, first, last }: Part & { first: number; last: number },
  query: TotalsQuery,
  zone: string,
): { readonly sql: string; readonly values: Parameter[] } {
  const isRows = source === 'rows';
  const values: Parameter[] = [from, to];
  const instant = instantOf(source);
  const groups = query.by.map((field) => {
    if (field === 'day')
      return source === 'wide' ? 'bucket' : daySql(instant, values.push(dayStarts(first, last, zone)));
    if (field === 'quarterHour') return isRows ? quarterHourSql : 'bucket';
    return field;
  });
  const filters = Object.entries(query.filter).map(
    ([field, value]) => `${field} IS NOT DISTINCT FROM $${values.push(value)}::text`,
  );
  const where = [`${instant} >= $1`, `${instant} < $2`, ...filters].join(' AND ');
  const columns = [...groups, isRows ? rowSumsSql : rollupSumsSql].join(', ');
  const grouping = groups.length === 0 ? '' : ` GROUP BY ${groups.map((_, index) => index + 1).join(', ')}`;
  return { sql: `SELECT ${columns} FROM ${tableOf(source)} WHERE ${where}${grouping}`, values };
}

function instantOf(source: Source): string {
  return source === 'rows' ? 'at' : 'bucket';
}

function tableOf(source: Source): string {
  return source === 'rows' ? 'nanocent_entries' : `nanocent_rollup_${source}`;
}

function groupText(field: GroupField, value: Value, zone: string): string | null {
  if (field === 'day') return dayLabel(Number(value), zone);
  if (field === 'quarterHour') return String(value);
  return value as string | null;
}
