import type { Entry } from '../entry.ts';
import { entryColumns, entryOf, lineOf } from '../entry-codec.ts';
import { findableId, hexBytes, idBytes } from '../ids.ts';
import type { EntryPage, EntryQuery } from '../query.ts';
import type { Connection, Value } from './connection.ts';

const columns = entryColumns.join(', ');

/** A caller that asks for more is answered with this many and a cursor. */
const pageMax = 1000;

/** One page, newest first by `at`, then id. */
export function entriesPage(connection: Connection, query: EntryQuery): EntryPage {
  const limit = Math.min(query.limit, pageMax);
  const { where, values } = conditions(query);
  if (where.includes(nothing)) return { entries: [], next: null };
  const condition = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
  const rows = connection.rowsOnce(
    `SELECT ${columns} FROM nanocent_entries ${condition} ORDER BY at DESC, id DESC LIMIT ?`,
    [...values, limit + 1],
  );
  const entries = rows.slice(0, limit).map(entryOf);
  const last = entries.at(-1);
  return { entries, next: rows.length > limit && last ? { at: last.at, id: last.id } : null };
}

export function entriesById(connection: Connection, ids: readonly string[]): Entry[] {
  return ids.flatMap((id) => {
    const row = entryRow(connection, id);
    return row === undefined ? [] : [entryOf(row)];
  });
}

/** Rows that the line at this position booked, which has a position for each of them. */
export function entriesOfLine(
  connection: Connection,
  position: number,
  rows: number,
): { readonly row: number; readonly entry: Entry }[] {
  const sql = `SELECT ${columns} FROM nanocent_entries WHERE line >= ? AND line < ?`;
  const found = connection.rows(sql, position, position + rows);
  return found.map((row) => ({ row: lineOf(row) - position, entry: entryOf(row) }));
}

/** Where the line stands that booked a row with this number: its own place, or before it that of a bundle's line. */
export function lineBooking(connection: Connection, number: number): number {
  const row = connection.row('SELECT max(position) FROM nanocent_journal WHERE position <= ?', number);
  return Number(row![0]);
}

export function entriesByResponse(
  connection: Connection,
  responseIds: readonly string[],
  between: { readonly from: number; readonly to: number },
): Entry[] {
  if (responseIds.length === 0) return [];
  const sql = `SELECT ${columns} FROM nanocent_entries INDEXED BY nanocent_entries_response
    WHERE at >= ? AND at < ? AND response_id IS NOT NULL AND response_id IN (SELECT value FROM json_each(?))`;
  return connection.rows(sql, between.from, between.to, JSON.stringify(responseIds)).map(entryOf);
}

export function entryRow(connection: Connection, id: string) {
  const bytes = findableId(id);
  return bytes === null
    ? undefined
    : connection.row(`SELECT ${columns} FROM nanocent_entries WHERE id = ?`, bytes);
}

/** Bytes of a cursor: the text, where it is no id, sorts before every id. */
export function afterBytes(hexOrId: string | null): Uint8Array {
  return hexOrId === null ? new Uint8Array() : hexBytes(hexOrId.replaceAll('-', ''));
}

const nothing = 'FALSE';

function conditions(query: EntryQuery): { readonly where: string[]; readonly values: Value[] } {
  const where: string[] = [];
  const values: Value[] = [];
  const add = (sql: string, ...more: Value[]) => {
    where.push(sql);
    values.push(...more);
  };
  if (query.from !== null) add('at >= ?', query.from);
  if (query.to !== null) add('at < ?', query.to);
  for (const [field, value] of Object.entries(query.filter)) add(`"${field}" IS ?`, value);
  if (query.callId !== undefined) add('call_id = ?', query.callId);
  if (query.reservationId !== undefined) {
    const id = findableId(query.reservationId);
    if (id === null) add(nothing);
    else add('reservation_id = ?', id);
  }
  if (query.before !== undefined) add('(at, id) < (?, ?)', query.before.at, idBytes(query.before.id));
  return { where, values };
}
