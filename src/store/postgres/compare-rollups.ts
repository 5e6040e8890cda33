import { dayOf, narrowFields, quarterHourMs, type Sums, sumFields, wideFields } from '../rollup.ts';
import type { Row } from '../row.ts';
import type { Session } from './connection.ts';
import { daySql, dayStarts, quarterHourSql } from './days.ts';
import type { Parameter } from './driver.ts';
import { rollupSumsSql, rowSumsSql, rowValuesSql, sumColumns, sumsOf } from './sums-sql.ts';

/** Sums both rollups again from the usage rows and names what differs, at most `limit` rows of a rollup. */
export async function compareRollups(session: Session, zone: string, limit: number): Promise<string[]> {
  const [first, last] = (await session.row('SELECT min(at), max(at) FROM nanocent_entries'))!;
  const days = first === null ? [] : dayStarts(Number(first), Number(last), zone);
  const found: string[] = [];
  for (const rollup of [narrow, wide(zone, days)]) {
    for (const row of await differingRows(session, rollup, limit - found.length)) {
      found.push(await describe(session, rollup, row));
    }
  }
  return found;
}

interface Rollup {
  readonly name: 'narrow' | 'wide';
  readonly fields: readonly string[];
  /** The bucket of a usage row; parameter 2 is for it. */
  readonly bucketSql: string;
  readonly more: readonly Parameter[];
  readonly endOf: (bucket: number) => number;
}

const narrow: Rollup = {
  name: 'narrow',
  fields: narrowFields,
  bucketSql: quarterHourSql,
  more: [],
  endOf: (bucket) => bucket + quarterHourMs,
};

function wide(zone: string, days: readonly number[]): Rollup {
  return {
    name: 'wide',
    fields: wideFields,
    bucketSql: daySql('at', 2),
    more: [days],
    endOf: (bucket) => dayOf(bucket, zone).end,
  };
}

/**
 * Bucket and key of each rollup row whose sums are not those of its usage rows: usage rows count up, rollup rows down,
 * in one pass, and what is not zero at the end differs.
 */
function differingRows(session: Session, rollup: Rollup, limit: number): Promise<Row[]> {
  const { name, fields, bucketSql, more } = rollup;
  const group = ['bucket', ...fields].join(', ');
  const negated = sumColumns.map((column) => `-${column}`).join(', ');
  return session.rows(
    `SELECT ${group} FROM (
       SELECT ${bucketSql} AS bucket, ${fields.join(', ')}, ${rowValuesSql} FROM nanocent_entries
       UNION ALL SELECT ${group}, ${negated} FROM nanocent_rollup_${name}) AS both_sides
     GROUP BY ${group} HAVING ${sumColumns.map((column) => `sum(${column}) <> 0`).join(' OR ')}
     ORDER BY ${group} LIMIT $1`,
    Math.max(0, limit),
    ...more,
  );
}

async function describe(session: Session, { name, fields, endOf }: Rollup, row: Row): Promise<string> {
  const bucket = Number(row[0]);
  const values = row.slice(1);
  const label = [
    new Date(bucket).toISOString(),
    ...values.map((value) => (value === null ? '-' : String(value))),
  ];
  const keys = (first: number) =>
    fields.map((field, index) => `AND ${field} IS NOT DISTINCT FROM $${first + index}::text`).join(' ');
  const [expected, found] = await Promise.all([
    session.row(
      `SELECT ${rowSumsSql} FROM nanocent_entries WHERE at >= $1 AND at < $2 ${keys(3)}`,
      ...[bucket, endOf(bucket), ...values],
    ),
    session.row(
      `SELECT ${rollupSumsSql} FROM nanocent_rollup_${name} WHERE bucket = $1 ${keys(2)}`,
      ...[bucket, ...values],
    ),
  ]);
  return `${name} rollup ${label.join(' ')}: ${differences(sumsOf(expected!, 0), sumsOf(found!, 0))}`;
}

function differences(expected: Sums, found: Sums): string {
  if (found.entries === 0n) return `missing, the usage rows have ${expected.entries} entries`;
  if (expected.entries === 0n) return `${found.entries} entries of which there are no usage rows`;
  return sumFields
    .filter((field) => expected[field] !== found[field])
    .map((field) => `${field} is ${found[field]}, the usage rows sum to ${expected[field]}`)
    .join('; ');
}
