import { NanocentError } from '../../errors/error.ts';
import type { Value } from '../row.ts';

/** What a parameter may be. Arrays are those of unnest() and ANY(). */
export type Parameter = Value | readonly Value[];

export interface Answer {
  readonly command: string;
  readonly fields: readonly { readonly name: string }[];
  readonly rows: Value[][];
  readonly rowCount: number | null;
}

/** The part of node-postgres that is used here (https://node-postgres.com/apis/pool, checked 2026-11-22). */
export interface Client {
  query(query: {
    readonly text: string;
    readonly values?: readonly unknown[];
    readonly rowMode: 'array';
    /** Also a text without parameters goes as one statement. */
    readonly queryMode?: 'extended';
    /** Milliseconds without an answer after which the connection is given up. */
    readonly query_timeout: number;
  }): Promise<Answer>;
  /** True: the connection is closed instead of used again. */
  release(drop?: boolean): void;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

export interface Pool {
  connect(): Promise<Client>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'connect', listener: (client: Client) => void): unknown;
}

interface Driver {
  readonly Pool: new (options: Readonly<Record<string, unknown>>) => Pool;
}

/** Oids of PostgreSQL's own types, which never change. */
const oid = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, float4: 700, float8: 701, numeric: 1700 };

const parsers: Readonly<Record<number, (text: string) => Value>> = {
  [oid.bool]: (text) => (text === 't' ? 1n : 0n),
  [oid.bytea]: (text) => Buffer.from(text.slice(2), 'hex'),
  [oid.int8]: BigInt,
  [oid.int4]: BigInt,
  [oid.int2]: BigInt,
  [oid.float4]: Number,
  [oid.float8]: Number,
  [oid.numeric]: (text) => (/^-?\d+$/.test(text) ? BigInt(text) : Number(text)),
};

/** Every whole number as a bigint, every other type as its text. Given to each client: the driver's own table is everybody's. */
export const types = {
  getTypeParser: (type: number): ((text: string) => Value) => parsers[type] ?? String,
};

export async function loadDriver(): Promise<Driver> {
  // An optional peer: not a name for the compiler, which has no types of it, nor for a bundler to insist on.
  const name: string = 'pg';
  try {
    const loaded = (await import(name)) as Driver & { readonly default?: Driver };
    return loaded.default ?? loaded;
  } catch (error) {
    throw new NanocentError('driver_missing', 'keeping the books in PostgreSQL needs the package pg', {
      fix: 'run npm install pg, beside nanocent',
      cause: error,
    });
  }
}
