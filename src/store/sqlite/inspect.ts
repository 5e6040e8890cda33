import { statSync } from 'node:fs';
import type { Inspection } from '../port.ts';
import { type Connection, readPragma, requiredPragmas, walIsSafe } from './connection.ts';
import { schemaVersion } from './migrate.ts';

/** SQLite's own integrity check, the settings that durability rests on, and sizes. */
export function inspect(connection: Connection, file: string): Inspection[] {
  const version = String(connection.row('SELECT sqlite_version()')![0]);
  const problems = connection.rows('PRAGMA quick_check(10)').map((row) => String(row[0]));
  const intact = problems.length === 1 && problems[0] === 'ok';
  return [
    { name: 'integrity', ok: intact, detail: intact ? 'quick_check ok' : problems.join('; ') },
    { name: 'sqlite', ok: walIsSafe(version), detail: `SQLite ${version}` },
    pragma(connection, 'journal_mode', 'wal'),
    ...requiredPragmas.map(({ name, wanted }) => pragma(connection, name, wanted)),
    { name: 'schema', ok: true, detail: `version ${schemaVersion}` },
    fileMode(file),
    { name: 'size', ok: true, detail: sizes(connection, file) },
  ];
}

function pragma(connection: Connection, name: string, wanted: string): Inspection {
  const value = readPragma(connection, name);
  return { name, ok: value === wanted, detail: value === wanted ? value : `${value}, should be ${wanted}` };
}

/** The books hold names of users: nobody but the owner reads them. Windows has no such bits. */
function fileMode(file: string): Inspection {
  if (process.platform === 'win32') return { name: 'file mode', ok: true, detail: 'not applicable' };
  const mode = (statSync(file).mode & 0o777).toString(8).padStart(4, '0');
  const ok = mode.endsWith('00');
  return { name: 'file mode', ok, detail: ok ? mode : `${mode}: others may read it; chmod 600 ${file}` };
}

function sizes(connection: Connection, file: string): string {
  const pageSize = Number(readPragma(connection, 'page_size'));
  const free = Number(readPragma(connection, 'freelist_count')) * pageSize;
  const walBytes = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  return `file ${statSync(file).size} bytes, of which free ${free}; log ${walBytes} bytes`;
}
