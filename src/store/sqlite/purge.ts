import { dayOf, narrowFields, quarterHourMs, quarterHourOf, wideFields } from '../rollup.ts';
import type { Connection } from './connection.ts';
import { chain } from './row-codecs.ts';
import { rowSumsSql, sumColumns } from './sums-sql.ts';
import { without } from './totals.ts';

/** Deletes usage rows of calls before an instant, and makes both rollups say what is left. */
export function purge(connection: Connection, before: number, zone: string): void {
  connection.run('DELETE FROM nanocent_entries WHERE at < ?', before);
  // Ended holds stay with their amounts; for whom they were goes with the rows.
  connection.run(
    `UPDATE nanocent_reservations SET draft = NULL, terms = json_set(terms, '$[0][0]', json('{}'))
     WHERE state <> 'open' AND created_at < ?`,
    before,
  );
  const quarter = quarterHourOf(before);
  trim(connection, 'nanocent_rollup_narrow', narrowFields, before, {
    start: quarter,
    end: quarter + quarterHourMs,
  });
  trim(connection, 'nanocent_rollup_wide', wideFields, before, dayOf(before, zone));
}

/** Whole buckets go; the one that straddles the instant is summed again from its remaining rows. */
function trim(
  connection: Connection,
  table: string,
  fields: readonly string[],
  before: number,
  bucket: { readonly start: number; readonly end: number },
): void {
  connection.run(`DELETE FROM ${table} WHERE bucket < ?`, bucket.start);
  if (bucket.start === before) return;
  connection.run(`DELETE FROM ${table} WHERE bucket = ?`, bucket.start);
  const keys = fields.map((field) => `coalesce("${field}", ?1)`).join(', ');
  connection.run(
    `INSERT INTO ${table} (chain, bucket, ${fields.map((field) => `"${field}"`).join(', ')}, ${sumColumns.join(', ')})
     SELECT ?2, ?3, ${keys}, ${rowSumsSql} FROM nanocent_entries WHERE at >= ?3 AND at < ?4
     GROUP BY ${fields.map((field) => `"${field}"`).join(', ')}`,
    without,
    chain,
    bucket.start,
    bucket.end,
  );
}
