import { narrowFields, quarterHourMs, type Sums, sumFields, wideFields } from '../rollup.ts';
import type { Connection, Row } from './connection.ts';
import { rollupSumsSql, rowSumsSql, sumColumns, sumsOf } from './sums-sql.ts';
import { without } from './totals.ts';

/** Sums both rollups again from the usage rows and names what differs, at most `limit` rows. */
export function compareRollups(connection: Connection, limit: number): string[] {
  const narrow = compare(connection, {
    name: 'narrow',
    fields: narrowFields,
    bucketSql: `at - at % ${quarterHourMs}`,
    limit,
  });
  const rest = limit - narrow.length;
  if (rest <= 0) return narrow;
  return [
    ...narrow,
    ...compare(connection, { name: 'wide', fields: wideFields, bucketSql: 'nanocent_day(at)', limit: rest }),
  ];
}

interface Comparison {
  readonly name: 'narrow' | 'wide';
  readonly fields: readonly string[];
  readonly bucketSql: string;
  readonly limit: number;
}

function compare(connection: Connection, comparison: Comparison): string[] {
  const { name, fields, bucketSql, limit } = comparison;
  const keys = fields.map((field) => `"${field}"`);
  const rowKeys = keys.map((key) => `coalesce(${key}, ?1)`);
  const group = (count: number) => Array.from({ length: count }, (_, index) => index + 1).join(', ');
  const expected = `SELECT ${[bucketSql, ...rowKeys].join(', ')}, ${rowSumsSql}
    FROM nanocent_entries GROUP BY ${group(keys.length + 1)}`;
  const found = `SELECT ${['bucket', ...keys].join(', ')}, ${rollupSumsSql}
    FROM nanocent_rollup_${name} GROUP BY ${group(keys.length + 1)}`;
  const columns = ['bucket', ...keys, ...sumColumns].join(', ');
  // Halves of equal sums may differ by what is carried from one to the other.
  const carried = columns
    .replace('nanocents_high', 'nanocents_high + (nanocents_low >> 32)')
    .replace('nanocents_low', 'nanocents_low');
  const settled = carried.replace(/, nanocents_low$/, ', nanocents_low & 4294967295');
  const rows = connection.rowsOnce(
    `WITH expected (${columns}) AS (${expected}), found (${columns}) AS (${found})
     SELECT 0 AS side, * FROM (SELECT ${settled} FROM expected EXCEPT SELECT ${settled} FROM found)
     UNION ALL
     SELECT 1 AS side, * FROM (SELECT ${settled} FROM found EXCEPT SELECT ${settled} FROM expected)
     ORDER BY ${group(keys.length + 2).replace('1, ', '')} LIMIT ?2`,
    [without, limit * 2],
  );
  return describe(rows, comparison).slice(0, limit);
}

/** Pairs the two sides of each differing row and says which sums differ. */
function describe(rows: readonly Row[], { name, fields }: Comparison): string[] {
  const pairs = new Map<string, { expected: Sums | null; found: Sums | null }>();
  for (const row of rows) {
    const label = [new Date(Number(row[1])).toISOString(), ...row.slice(2, fields.length + 2).map(shown)];
    const key = label.join(' ');
    const pair = pairs.get(key) ?? { expected: null, found: null };
    const sums = sumsOf(row, fields.length + 2);
    pairs.set(key, row[0] === 0n ? { ...pair, expected: sums } : { ...pair, found: sums });
  }
  return [...pairs].map(([key, pair]) => `${name} rollup ${key}: ${differences(pair)}`);
}

function differences({ expected, found }: { expected: Sums | null; found: Sums | null }): string {
  if (found === null) return `missing, the usage rows have ${expected!.entries} entries`;
  if (expected === null) return `${found.entries} entries of which there are no usage rows`;
  return sumFields
    .filter((field) => expected[field] !== found[field])
    .map((field) => `${field} is ${found[field]}, the usage rows sum to ${expected[field]}`)
    .join('; ');
}

function shown(value: unknown): string {
  return value === without ? '-' : String(value);
}
