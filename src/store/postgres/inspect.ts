import { NanocentError } from '../../errors/error.ts';
import type { Inspection } from '../port.ts';
import type { Session } from './connection.ts';
import { schemaVersion } from './migrate.ts';

/** Oldest server whose SQL is used here. */
const versionMin = 130_000;

/** The settings that durability and exact texts rest on, and sizes. */
export async function inspect(session: Session): Promise<Inspection[]> {
  const settings = await readSettings(session);
  const sizes = await session.row(
    `SELECT pg_database_size(current_database()), sum(pg_total_relation_size(c.oid))::bigint
     FROM pg_class AS c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'`,
  );
  const version = Number(settings.server_version_num);
  return [
    { name: 'postgresql', ok: version >= versionMin, detail: `PostgreSQL ${settings.server_version}` },
    setting(settings, 'fsync', 'on'),
    setting(settings, 'full_page_writes', 'on'),
    setting(settings, 'synchronous_commit', 'on'),
    setting(settings, 'server_encoding', 'UTF8'),
    { name: 'schema', ok: true, detail: `version ${schemaVersion}` },
    { name: 'size', ok: true, detail: `our tables ${sizes![1]} bytes, the database ${sizes![0]}` },
  ];
}

/**
 * Throws where the server cannot keep the promises of the books: too old, not UTF-8, or it does not wait for its log even when
 * it is asked to.
 */
export async function assertFit(session: Session, place: string): Promise<void> {
  const settings = await readSettings(session);
  const refuse = (problem: string, fix: string) => {
    throw new NanocentError('store_unreachable', `${place} ${problem}.`, { fix, data: { place } });
  };
  if (Number(settings.server_version_num) < versionMin)
    refuse(`runs PostgreSQL ${settings.server_version}`, 'use PostgreSQL 13 or newer');
  if (settings.server_encoding !== 'UTF8')
    refuse(`keeps texts as ${settings.server_encoding}`, 'make a database with ENCODING UTF8');
  if (settings.synchronous_commit !== 'on')
    refuse('does not wait for its log at commit', 'let this user set synchronous_commit to on');
}

type Settings = Readonly<Record<string, string>>;

async function readSettings(session: Session): Promise<Settings> {
  const names = [
    'server_version',
    'server_version_num',
    'server_encoding',
    'synchronous_commit',
    'fsync',
    'full_page_writes',
  ];
  const sql = 'SELECT name, current_setting(name) FROM unnest($1::text[]) AS name';
  return Object.fromEntries((await session.rows(sql, names)).map((row) => [String(row[0]), String(row[1])]));
}

function setting(settings: Settings, name: string, wanted: string): Inspection {
  const value = settings[name]!;
  return { name, ok: value === wanted, detail: value === wanted ? value : `${value}, should be ${wanted}` };
}
