import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { loadDriver } from '../src/store/postgres/driver.ts';
import { need } from './needs.ts';

/** The tests' server, found as a test of its own so that its absence is said by name; undefined where there is none. */
export function postgresServer(): Promise<string | undefined> {
  return new Promise((resolve) => {
    test('postgres: a server for the tests', (t) => {
      let found: string | undefined;
      try {
        found = need('postgres', t);
      } finally {
        resolve(found);
      }
    });
  });
}

/** A schema for one ledger, not made yet. */
export async function newSchema(server: string) {
  const schema = `nanocent_test_${randomBytes(8).toString('hex')}`;
  const at = new URL(server);
  at.searchParams.set('schema', schema);
  const { Pool } = await loadDriver();
  const run = async (sql: string) => {
    const pool = new Pool({ connectionString: server, max: 1 });
    const client = await pool.connect();
    try {
      return await client.query({ text: sql, rowMode: 'array', query_timeout: 30_000 });
    } finally {
      client.release(true);
      await pool.end();
    }
  };
  return {
    schema,
    at: at.href,
    exec: async (sql: string) => {
      await run(`SET search_path TO "${schema}"; ${sql}`);
    },
    rows: async (sql: string) => (await run(sql)).rows,
    drop: async () => {
      await run(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
    },
  };
}
