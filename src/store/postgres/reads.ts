import type { Entry } from '../entry.ts';
import { entryColumns, entryOf, lineOf } from '../entry-codec.ts';
import { findableId } from '../ids.ts';
import type { EntryPage, EntryQuery } from '../query.ts';
import type { Row } from '../row.ts';
import type { Session } from './connection.ts';
import type { Parameter } from './driver.ts';

const columns = `${entryColumns.join(', ')}, chain`;

/** A caller that asks for more is answered with this many and a cursor. */
const pageMax = 1000;

/** One page, newest first by `at`, then id. */
export async function entriesPage(session: Session, query: EntryQuery): Promise<EntryPage> {
  const limit = Math.min(query.limit, pageMax);
  const found = conditions(query);
  if (found === null) return { entries: [], next: null };
  const { where, values } = found;
  const sql = `SELECT ${columns} FROM nanocent_entries WHERE ${['TRUE', ...where].join(' AND ')}
    ORDER BY at DESC, id DESC LIMIT $${values.push(limit + 1)}`;
  const rows = await session.rows(sql, ...values);
  const entries = rows.slice(0, limit).map(entryOf);
  const last = entries.at(-1);
  return { entries, next: rows.length > limit && last ? { at: last.at, id: last.id } : null };
}

/** In the order of the ids. */
export async function entriesById(session: Session, ids: readonly string[]): Promise<Entry[]> {
  const findable = ids.filter((id) => findableId(id) !== null);
  if (findable.length === 0) return [];
  const sql = `SELECT ${columns} FROM nanocent_entries WHERE id = ANY ($1::uuid[])`;
  const found = new Map((await session.rows(sql, findable)).map(entryOf).map((entry) => [entry.id, entry]));
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** Rows that the line at this position booked, which has a position for each of them. */
export async function entriesOfLine(
  session: Session,
  line: { readonly chain: number; readonly position: number },
  rows: number,
): Promise<{ readonly row: number; readonly entry: Entry }[]> {
  const sql = `SELECT ${columns} FROM nanocent_entries WHERE chain = $1 AND line >= $2 AND line < $3`;
  const found = await session.rows(sql, line.chain, line.position, line.position + rows);
  return found.map((row) => ({ row: lineOf(row) - line.position, entry: entryOf(row) }));
}

/** An entry with the place of the line that booked it: its own, or before it that of a bundle's line. */
export async function entryWithLine(session: Session, id: string) {
  if (findableId(id) === null) return null;
  const row = await session.row(`SELECT ${columns} FROM nanocent_entries WHERE id = $1`, id);
  if (row === undefined) return null;
  const chain = chainOf(row);
  const sql = 'SELECT max(position) FROM nanocent_journal WHERE chain = $1 AND position <= $2';
  const position = Number((await session.row(sql, chain, lineOf(row)))![0]);
  return { entry: entryOf(row), line: { chain, position } };
}

function chainOf(row: Row): number {
  return Number(row[entryColumns.length]);
}

export async function entriesByResponse(
  session: Session,
  responseIds: readonly string[],
  between: { readonly from: number; readonly to: number },
): Promise<Entry[]> {
  if (responseIds.length === 0) return [];
  // The index keeps the beginning of an id: a provider may make them as long as it likes.
  const sql = `SELECT ${columns} FROM nanocent_entries WHERE at >= $1 AND at < $2 AND response_id IS NOT NULL
    AND left(response_id, 64) = ANY (SELECT left(id, 64) FROM unnest($3::text[]) AS id) AND response_id = ANY ($3::text[])`;
  return (await session.rows(sql, between.from, between.to, responseIds)).map(entryOf);
}

/** Null: nothing can be found. */
function conditions(query: EntryQuery): { readonly where: string[]; readonly values: Parameter[] } | null {
  const where: string[] = [];
  const values: Parameter[] = [];
  const place = (value: Parameter) => `$${values.push(value)}`;
  if (query.from !== null) where.push(`at >= ${place(query.from)}`);
  if (query.to !== null) where.push(`at < ${place(query.to)}`);
  for (const [field, value] of Object.entries(query.filter)) {
    // A plain = can use an index and its statistics.
    where.push(value === null ? `${field} IS NULL` : `${field} = ${place(value)}`);
  }
  if (query.callId !== undefined) {
    const callId = place(query.callId);
    where.push(`left(call_id, 64) = left(${callId}::text, 64) AND call_id = ${callId}::text`);
  }
  if (query.reservationId !== undefined) {
    if (findableId(query.reservationId) === null) return null;
    where.push(`reservation_id = ${place(query.reservationId)}`);
  }
  if (query.before !== undefined) {
    const { at, id } = query.before;
    // A cursor whose id is none comes before every row of its instant.
    if (findableId(id) === null) where.push(`at < ${place(at)}`);
    else where.push(`(at, id) < (${place(at)}::bigint, ${place(id)}::uuid)`);
  }
  return { where, values };
}
