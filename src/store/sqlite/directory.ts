import type { DirectoryKind, DirectoryRow, DirectoryWrite } from '../directory.ts';
import { directoryColumns, directoryOf, directoryValues } from '../directory-codec.ts';
import type { Connection } from './connection.ts';

const select = `SELECT ${directoryColumns.join(', ')} FROM nanocent_directory`;
const insert = `INSERT INTO nanocent_directory (${directoryColumns.join(', ')})
  VALUES (${directoryColumns.map(() => '?').join(', ')})`;

export function findDirectoryRow(
  connection: Connection,
  kind: DirectoryKind,
  name: string,
): DirectoryRow | null {
  const row = connection.row(`${select} WHERE kind = ? AND name = ?`, kind, name);
  return row === undefined ? null : directoryOf(row);
}

export function findDirectoryRows(
  connection: Connection,
  kind: DirectoryKind,
  after: string | null,
  limit: number,
): DirectoryRow[] {
  const sql = `${select} WHERE kind = ? AND name > ? ORDER BY name LIMIT ?`;
  return connection.rows(sql, kind, after ?? '', limit).map(directoryOf);
}

export function addDirectoryRow(connection: Connection, row: DirectoryRow): DirectoryWrite {
  if (findDirectoryRow(connection, row.kind, row.name)) return 'taken';
  connection.run(insert, ...directoryValues(row));
  return 'written';
}

export function replaceDirectoryRow(
  connection: Connection,
  name: string,
  version: number,
  row: DirectoryRow,
): DirectoryWrite {
  if (findDirectoryRow(connection, row.kind, name)?.version !== version) return 'moved';
  if (row.name !== name && findDirectoryRow(connection, row.kind, row.name)) return 'taken';
  connection.run('DELETE FROM nanocent_directory WHERE kind = ? AND name = ?', row.kind, name);
  connection.run(insert, ...directoryValues(row));
  return 'written';
}

export function deleteDirectoryRow(connection: Connection, kind: DirectoryKind, name: string): boolean {
  const isThere = findDirectoryRow(connection, kind, name) !== null;
  connection.run('DELETE FROM nanocent_directory WHERE kind = ? AND name = ?', kind, name);
  return isThere;
}
