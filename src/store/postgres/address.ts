import { readFileSync } from 'node:fs';
import { NanocentError } from '../../errors/error.ts';

/** Where a ledger is. What is left out comes from PGHOST, PGUSER and the others that every PostgreSQL program knows. */
export interface PostgresAddress {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /**
   * `disable` (default), `require`, `verify-ca` and `verify-full` (all three encrypt and check the server's certificate), or
   * `no-verify`, which encrypts and trusts anybody.
   */
  readonly sslmode?: string;
  /** File with the certificates of whoever signs the server's. */
  readonly sslrootcert?: string;
  /** Schema of the tables; `nanocent` when left out. */
  readonly schema?: string;
}

const parameters = [
  'sslmode',
  'sslrootcert',
  'schema',
  'host',
  'channel_binding',
  'application_name',
  'connect_timeout',
];

/** Reads `postgresql://user:password@host:port/database?sslmode=…&schema=…`. Throws config_invalid. */
export function addressOf(url: string): PostgresAddress {
  if (!URL.canParse(url))
    throw wrong('this URL cannot be read', 'write postgresql://user:password@host:5432/database');
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(url);
  if (protocol !== 'postgresql:' && protocol !== 'postgres:')
    throw wrong(`${protocol} is no PostgreSQL URL`, 'begin it with postgresql://');
  const unknown = [...searchParams.keys()].find((name) => !parameters.includes(name));
  if (unknown !== undefined)
    throw wrong(
      `the URL has ?${unknown}=, which means nothing here`,
      `use one of ${parameters.join(', ')}, or leave it out`,
    );
  const host = searchParams.get('host') ?? decodeURIComponent(hostname.replace(/^\[|\]$/g, ''));
  const given = {
    host,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    sslmode: searchParams.get('sslmode') ?? '',
    sslrootcert: searchParams.get('sslrootcert') ?? '',
    schema: searchParams.get('schema') ?? '',
  };
  const said = Object.entries(given).filter(([, value]) => value !== '');
  return { ...Object.fromEntries(said), ...(port === '' ? {} : { port: Number(port) }) };
}

/** Fit for showing: no password. */
export function placeOf({ host, port, user, database, schema }: PostgresAddress): string {
  const at = `${user === undefined ? '' : `${user}@`}${host ?? process.env.PGHOST ?? 'localhost'}`;
  const name = database ?? process.env.PGDATABASE ?? '';
  return `postgresql://${at}${port === undefined ? '' : `:${port}`}/${name}${schema === undefined ? '' : `?schema=${schema}`}`;
}

/** What node-postgres calls these things. Throws config_invalid. */
export function driverOptions(address: PostgresAddress): Record<string, unknown> {
  const { host, port, user, password, database } = address;
  const said = Object.entries({ host, port, user, password, database }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...Object.fromEntries(said), ssl: sslOf(address) };
}

function sslOf({ sslmode = 'disable', sslrootcert }: PostgresAddress): unknown {
  switch (sslmode) {
    case 'disable':
    case 'allow':
    case 'prefer':
      return false;
    case 'no-verify':
      return { rejectUnauthorized: false };
    case 'require':
    case 'verify-ca':
    case 'verify-full':
      return sslrootcert === undefined ? true : { ca: certificates(sslrootcert) };
    default:
      throw wrong(`there is no sslmode ${sslmode}`, 'use disable, no-verify, require or verify-full');
  }
}

function certificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new NanocentError('config_invalid', `sslrootcert ${file} cannot be read`, {
      field: 'store',
      fix: 'name a file of certificates in PEM',
      cause,
    });
  }
}

/** A name that SQL takes between quotes as it is. Throws config_invalid. */
export function schemaName(schema = 'nanocent'): string {
  if (/^(?!pg_)[a-z_][a-z0-9_]{0,40}$/.test(schema)) return schema;
  throw wrong(
    `${schema} is no name for a schema here`,
    'use up to 41 lower-case letters, digits and _, not beginning with pg_',
  );
}

function wrong(problem: string, fix: string): NanocentError {
  return new NanocentError('config_invalid', problem, { field: 'store', fix });
}
