import { dayOf, narrowFields, quarterHourMs, type Sums, sumFields, wideFields } from '../rollup.ts';
import type { Connection, Row } from './connection.ts';
import { rollupSumsSql, rowSumsSql, rowValuesSql, sumColumns, sumsOf } from './sums-sql.ts';
import { without } from './totals.ts';

/** Sums both rollups again from the usage rows and names what differs, at most `limit` rows of a rollup. */
export function compareRollups(connection: Connection, zone: string, limit: number): string[] {
  const found: string[] = [];
  for (const rollup of [narrow, wide(zone)]) {
    for (const row of differingRows(connection, rollup, limit - found.length)) {
      found.push(describe(connection, rollup, row));
    }
  }
  return found;
}

interface Rollup {
  readonly name: 'narrow' | 'wide';
  readonly fields: readonly string[];
  /** The bucket of a usage row. */
  readonly bucketSql: string;
  readonly endOf: (bucket: number) => number;
}

const narrow: Rollup = {
  name: 'narrow',
  fields: narrowFields,
  bucketSql: `at - at % ${quarterHourMs}`,
  endOf: (bucket) => bucket + quarterHourMs,
};

function wide(zone: string): Rollup {
  return {
    name: 'wide',
    fields: wideFields,
    bucketSql: 'nanocent_day(at)',
    endOf: (bucket) => dayOf(bucket, zone).end,
  };
}

/**
 * Bucket and key of each rollup row whose sums are not those of its usage rows: usage rows count up, rollup rows down,
 * in one pass, and what is not zero at the end differs.
 */
function differingRows(connection: Connection, { name, fields, bucketSql }: Rollup, limit: number): Row[] {
  const keys = fields.map((field) => `"${field}"`);
  const group = ['bucket', ...keys].join(', ');
  const rowKeys = fields.map((field) => `coalesce("${field}", ?1) AS "${field}"`).join(', ');
  const negated = sumColumns.map((column) => `-${column}`).join(', ');
  const counts = sumColumns.filter((column) => !column.startsWith('nanocents_'));
  return connection.rowsOnce(
    `SELECT ${group} FROM (
       SELECT ${bucketSql} AS bucket, ${rowKeys}, ${rowValuesSql} FROM nanocent_entries
       UNION ALL SELECT ${group}, ${negated} FROM nanocent_rollup_${name})
     GROUP BY ${group}
     HAVING ${counts.map((column) => `sum(${column}) <> 0`).join(' OR ')}
       OR sum(nanocents_low) & 4294967295 <> 0 OR sum(nanocents_high) + (sum(nanocents_low) >> 32) <> 0
     ORDER BY ${group} LIMIT ?2`,
    [without, limit],
  );
}

function describe(connection: Connection, { name, fields, endOf }: Rollup, row: Row): string {
  const bucket = Number(row[0]);
  const values = row.slice(1);
  const label = [
    new Date(bucket).toISOString(),
    ...values.map((value) => (value === without ? '-' : String(value))),
  ];
  const rowKeys = fields.map((field) => `AND coalesce("${field}", ?1) = ?`).join(' ');
  const expected = connection.rowsOnce(
    `SELECT ${rowSumsSql} FROM nanocent_entries WHERE at >= ?2 AND at < ?3 ${rowKeys}`,
    [without, bucket, endOf(bucket), ...values],
  );
  const keys = fields.map((field) => `AND "${field}" = ?`).join(' ');
  const found = connection.rowsOnce(
    `SELECT ${rollupSumsSql} FROM nanocent_rollup_${name} WHERE bucket = ? ${keys}`,
    [bucket, ...values],
  );
  return `${name} rollup ${label.join(' ')}: ${differences(sumsOf(expected[0]!, 0), sumsOf(found[0]!, 0))}`;
}

function differences(expected: Sums, found: Sums): string {
  if (found.entries === 0n) return `missing, the usage rows have ${expected.entries} entries`;
  if (expected.entries === 0n) return `${found.entries} entries of which there are no usage rows`;
  return sumFields
    .filter((field) => expected[field] !== found[field])
    .map((field) => `${field} is ${found[field]}, the usage rows sum to ${expected[field]}`)
    .join('; ');
}
