import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ledgerFile, nanocent, on } from '../cli/command-line.ts';
import { need } from '../needs.ts';
import { type AccountingRow, accountingTableSql, accountingValues, writeAccounting } from './records.ts';

interface Client {
  connect(): Promise<void>;
  query(sql: string, values?: readonly unknown[]): Promise<unknown>;
  end(): Promise<void>;
}

/** A database of its own, gone after the test. */
async function database(t: TestContext, server: string) {
  const driver: string = 'pg';
  const { default: pg } = (await import(driver)) as { default: { Client: new (url: string) => Client } };
  const name = `nanocent_import_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(server);
  const run = async (at: string, work: (client: Client) => Promise<unknown>) => {
    const client = new pg.Client(at);
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
    }
  };
  await run(server, (client) => client.query(`CREATE DATABASE ${name}`));
  t.after(() => run(server, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`)));
  url.pathname = name;
  return {
    url: url.href,
    exec: (sql: string) => run(url.href, (client) => client.query(sql)),
    insert: (rows: readonly AccountingRow[]) =>
      run(url.href, async (client) => {
        const places = Array.from({ length: 17 }, (_, index) => `$${index + 1}`).join(', ');
        for (const row of rows) {
          await client.query(`INSERT INTO accounting_entries VALUES (${places})`, accountingValues(row));
        }
      }),
  };
}

async function importFrom(ledger: string, source: string, ...more: string[]) {
  const environment = { XDG_DATA_HOME: join(dirname(ledger), 'data') };
  const args = ['--db-file', ledger, '--json', '--quiet', 'import', 'llm-accounting', source, ...more];
  const said = await nanocent(args, { environment });
  assert.equal(said.code, 0, said.err);
  return JSON.parse(said.out);
}

test('llm-accounting on PostgreSQL: the same rows as on SQLite, and the same calls', async (t) => {
  const server = need('postgres', t);
  if (server === undefined) return;
  const accounts = await database(t, server);
  await accounts.exec(accountingTableSql);
  const rows = [
    { id: 1, timestamp: '2026-03-01 09:00:00.500000', cost: 0.1 + 0.2 },
    { id: 2, timestamp: '2026-07-01 09:00:00.123456', cached: 200 },
    { id: 3, timestamp: '2026-07-01 09:00:01', prompt: null, completion: null },
  ];
  await accounts.insert(rows);
  const ledger = ledgerFile(t);
  const first = await importFrom(ledger, accounts.url, '--zone', 'Europe/Berlin');
  assert.deepEqual([first.booked, first.usd], [3, '0.325']);
  assert.ok(!JSON.stringify(first.places).includes('password'));
  const second = await importFrom(ledger, accounts.url);
  assert.deepEqual([second.read, second.passedOver.calls], [0, 3]);
  const file = join(dirname(ledger), 'copy.sqlite');
  writeAccounting(file, rows);
  const copy = await importFrom(ledger, file, '--zone', 'Europe/Berlin');
  assert.deepEqual([copy.booked, copy.alreadyBooked], [0, 3]);
  const { entries } = JSON.parse(await on(ledger)('tail', '--json'));
  assert.deepEqual(
    entries.map((entry: { at: string }) => entry.at),
    ['2026-07-01T07:00:01.000Z', '2026-07-01T07:00:00.123Z', '2026-03-01T08:00:00.500Z'],
  );
  await accounts.insert([{ id: 4, timestamp: '2026-07-02 09:00:00' }]);
  assert.equal((await importFrom(ledger, accounts.url)).booked, 1);
});

test('a column with a zone keeps it; a database without the table is named without its password', async (t) => {
  const server = need('postgres', t);
  if (server === undefined) return;
  const accounts = await database(t, server);
  const ledger = ledgerFile(t);
  const url = new URL(accounts.url);
  url.password = 'sesame';
  const said = await nanocent(['--db-file', ledger, 'import', 'llm-accounting', url.href]);
  assert.equal(said.code, 2);
  assert.match(said.err, /has no table accounting_entries/);
  assert.ok(!said.err.includes('sesame'), said.err);
  await accounts.exec(accountingTableSql.replace('TIMESTAMP', 'TIMESTAMPTZ'));
  await accounts.insert([{ id: 1, timestamp: '2026-03-01 09:00:00+02' }]);
  await importFrom(ledger, accounts.url, '--zone', 'America/New_York');
  const { entries } = JSON.parse(await on(ledger)('tail', '--json'));
  assert.equal(entries[0].at, '2026-03-01T07:00:00.000Z');
});

test('a server that does not answer is named without its password', async (t) => {
  const said = await nanocent([
    '--db-file',
    ledgerFile(t),
    'import',
    'llm-accounting',
    'postgres://ann:sesame@127.0.0.1:1/accounting?password=sesame',
  ]);
  assert.equal(said.code, 6);
  assert.match(said.err, /postgres:\/\/ann@127\.0\.0\.1:1\/accounting does not answer/);
  assert.ok(!said.err.includes('sesame'), said.err);
});

test('without the package pg the error says how to get it', (t) => {
  const hooks = `import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => next(name === 'pg' ? 'no-such-package' : name, context) });`;
  const main = resolve(import.meta.dirname, '../../src/cli/main.ts');
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      `--import=data:text/javascript,${encodeURIComponent(hooks)}`,
      main,
      '--db-file',
      ledgerFile(t),
      'import',
      'llm-accounting',
      'postgresql://127.0.0.1/x',
    ],
    { encoding: 'utf8' },
  );
  assert.equal(status, 6, stderr);
  assert.match(stderr, /needs the package pg\n {2}fix: run npm install pg/);
});
