import type { DirectoryKind, DirectoryRow, DirectoryWrite } from '../directory.ts';
import { directoryColumns, directoryOf, directoryValues } from '../directory-codec.ts';
import type { Session } from './connection.ts';

const select = `SELECT ${directoryColumns.join(', ')} FROM nanocent_directory`;
const values = directoryColumns.map((_, index) => `$${index + 1}`).join(', ');

export async function findDirectoryRow(
  session: Session,
  kind: DirectoryKind,
  name: string,
): Promise<DirectoryRow | null> {
  const row = await session.row(`${select} WHERE kind = $1 AND name = $2`, kind, name);
  return row === undefined ? null : directoryOf(row);
}

export async function findDirectoryRows(
  session: Session,
  kind: DirectoryKind,
  after: string | null,
  limit: number,
): Promise<DirectoryRow[]> {
  const sql = `${select} WHERE kind = $1 AND name > $2 ORDER BY name LIMIT $3`;
  return (await session.rows(sql, kind, after ?? '', limit)).map(directoryOf);
}

export async function addDirectoryRow(session: Session, row: DirectoryRow): Promise<DirectoryWrite> {
  const sql = `INSERT INTO nanocent_directory (${directoryColumns.join(', ')}) VALUES (${values})
    ON CONFLICT DO NOTHING RETURNING 1`;
  return (await session.row(sql, ...directoryValues(row))) === undefined ? 'taken' : 'written';
}

/** In one statement: where the new name is taken, nothing is changed. */
export async function replaceDirectoryRow(
  session: Session,
  name: string,
  version: number,
  row: DirectoryRow,
): Promise<DirectoryWrite> {
  const set = directoryColumns.map((column, index) => `${column} = $${index + 1}`).join(', ');
  const sql = `UPDATE nanocent_directory SET ${set} WHERE kind = $1 AND name = $11 AND version = $12
    AND ($2 = $11 OR NOT EXISTS (SELECT 1 FROM nanocent_directory WHERE kind = $1 AND name = $2)) RETURNING 1`;
  if ((await session.row(sql, ...directoryValues(row), name, version)) !== undefined) return 'written';
  const found = await findDirectoryRow(session, row.kind, name);
  return found?.version === version ? 'taken' : 'moved';
}

export async function deleteDirectoryRow(
  session: Session,
  kind: DirectoryKind,
  name: string,
): Promise<boolean> {
  const sql = 'DELETE FROM nanocent_directory WHERE kind = $1 AND name = $2 RETURNING 1';
  return (await session.row(sql, kind, name)) !== undefined;
}
