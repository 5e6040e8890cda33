import { dayOf, narrowFields, quarterHourMs, quarterHourOf, wideFields } from '../rollup.ts';
import type { Session } from './connection.ts';
import { rowSumsSql, sumColumns } from './sums-sql.ts';

/**
 * Deletes usage rows of calls before an instant, and makes both rollups say what is left. The batch has the rules alone: a row
 * that another batch booked between two of these statements would be counted twice.
 */
export function sendPurge(session: Session, before: number, zone: string, chain: number): void {
  session.send('DELETE FROM nanocent_entries WHERE at < $1', before);
  // Ended holds stay with their amounts; for whom they were goes with the rows.
  session.send(
    `UPDATE nanocent_reservations SET draft = NULL, terms = jsonb_set(terms::jsonb, '{0,0}', '{}')::text
     WHERE state <> 'open' AND created_at < $1`,
    before,
  );
  const quarter = quarterHourOf(before);
  const ofNarrow = { start: quarter, end: quarter + quarterHourMs };
  sendTrim(session, {
    table: 'nanocent_rollup_narrow',
    fields: narrowFields,
    before,
    bucket: ofNarrow,
    chain,
  });
  const ofWide = dayOf(before, zone);
  sendTrim(session, { table: 'nanocent_rollup_wide', fields: wideFields, before, bucket: ofWide, chain });
}

interface Trim {
  readonly table: string;
  readonly fields: readonly string[];
  readonly before: number;
  readonly bucket: { readonly start: number; readonly end: number };
  readonly chain: number;
}

/**
 * Whole buckets go; the one that straddles the instant is summed again from its remaining rows, which have the keys that its old
 * rows had.
 */
function sendTrim(session: Session, { table, fields, before, bucket, chain }: Trim): void {
  session.send(`DELETE FROM ${table} WHERE bucket < $1`, bucket.start);
  if (bucket.start === before) return;
  const same = fields.map((field) => `e.${field} IS NOT DISTINCT FROM k.${field}`).join(' AND ');
  const keys = fields.map((field) => `k.${field}`).join(', ');
  session.send(
    `WITH old AS (DELETE FROM ${table} WHERE bucket = $1 RETURNING hash, ${fields.join(', ')}),
       k AS (SELECT DISTINCT hash, ${fields.join(', ')} FROM old)
     INSERT INTO ${table} (chain, bucket, hash, ${fields.join(', ')}, ${sumColumns.join(', ')})
     SELECT $3::integer, $1, k.hash, ${keys}, ${rowSumsSql}
     FROM k JOIN (SELECT * FROM nanocent_entries WHERE at >= $1 AND at < $2) AS e ON ${same} GROUP BY k.hash, ${keys}`,
    bucket.start,
    bucket.end,
    chain,
  );
}
