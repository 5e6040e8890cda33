import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { NanocentError } from '../../errors/error.ts';
import { entryDraft } from '../../testing/drafts.ts';
import { writeByHand } from '../../testing/plan-machine.ts';
import { seededIds } from '../../testing/seeded.ts';
import type { Entry } from '../entry.ts';
import type { Store } from '../port.ts';
import { openSqlite } from './index.ts';
import { publicViews } from './migrations/2-views.ts';
import { runGuarded } from './select-guard.ts';

const folder = mkdtempSync(join(tmpdir(), 'nanocent-select-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'books.sqlite');
const at = Date.parse('2026-03-01T10:00:00.123Z');
const ids = seededIds();
const [first, second, third] = [ids.uuid(), ids.uuid(), ids.uuid()] as const;
let store: Store;

const entries: Entry[] = [
  {
    ...entryDraft({ model: 'gpt-4' }, { id: first, at, salt: 's' }),
    nanocents: 2n ** 53n + 1n,
    recordedAt: at,
  },
  { ...entryDraft({ model: 'gpt-4' }, { id: second, at: at + 1000, salt: 's' }), recordedAt: at },
  { ...entryDraft({ model: 'claude' }, { id: third, at: at + 2000, salt: 's' }), recordedAt: at },
];

before(async () => {
  store = await openSqlite({ file, clock: { now: () => at } });
  await writeByHand(store, { entries });
});
after(() => store.close());

const bounds = { rowsMax: 100, timeMs: 5000 };

/** In this process, for the many small questions; the process of its own is tried apart. */
function ask(sql: string, rowsMax = 100) {
  const database = new DatabaseSync(file, { readOnly: true, enableDoubleQuotedStringLiterals: false });
  try {
    return runGuarded(database, sql, rowsMax);
  } finally {
    database.close();
  }
}

test('queries as other usage trackers printed them run as they stand', async () => {
  const count = await store.select(
    'SELECT model, COUNT(*) as count FROM accounting_entries GROUP BY model',
    bounds,
  );
  assert.deepEqual(count, {
    columns: ['model', 'count'],
    rows: [
      ['claude', 1],
      ['gpt-4', 2],
    ],
    truncated: false,
  });
  const newest = await store.select(
    "SELECT * FROM accounting_entries WHERE model = 'gpt-4' ORDER BY datetime DESC LIMIT 10",
    bounds,
  );
  assert.deepEqual(
    newest.rows.map((row) => row[newest.columns.indexOf('id')]),
    [second, first],
  );
  // 2^53 + 1: not rounded on its way between the two processes.
  assert.equal(newest.rows[1]![newest.columns.indexOf('cost_nanocents')], 2n ** 53n + 1n);
});

test('what people write beside that', () => {
  const allowed = [
    "SELECT date(timestamp) AS day, sum(cost) FROM accounting_entries WHERE timestamp > datetime('now', '-7 days') GROUP BY day",
    'WITH c AS (SELECT model, cost FROM accounting_entries) SELECT count(*) FROM c',
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT count(*) FROM n',
    'SELECT rank() OVER (PARTITION BY model ORDER BY cost DESC) FROM accounting_entries',
    'SELECT t.value FROM accounting_entries e, json_each(e.tags) t',
    "SELECT tags ->> '$.team', printf('%.2f', cost), upper(model) FROM accounting_entries WHERE model LIKE 'gpt%'",
    'SELECT (SELECT count(*) FROM llm_usage) UNION ALL VALUES (1)',
    'EXPLAIN QUERY PLAN SELECT * FROM accounting_entries',
    ' -- a remark\n SELECT 1; /* and ; another */ -- ;',
    "SELECT 'a;b'",
  ];
  for (const sql of allowed) assert.ok('rows' in ask(sql), sql);
});

test('no way out: every escape is refused, and none leaves a trace', () => {
  const target = join(folder, 'escaped');
  const escapes = [
    `ATTACH '${target}' AS other`,
    `VACUUM INTO '${target}'`,
    'VACUUM',
    'PRAGMA query_only = 0',
    'PRAGMA table_info(nanocent_entries)',
    'CREATE TEMP TABLE t (a)',
    'CREATE TEMP VIEW v AS SELECT 1',
    'DELETE FROM nanocent_entries',
    'INSERT INTO nanocent_limits VALUES (1, 2)',
    'UPDATE nanocent_meta SET zone = 1',
    'DROP VIEW llm_usage',
    'BEGIN',
    'SAVEPOINT s',
    'ANALYZE',
    'REINDEX',
    'SELECT 1; SELECT 2',
    'SELECT 1; DELETE FROM nanocent_entries',
    'SELECT salt FROM nanocent_entries',
    'SELECT count(*) FROM nanocent_journal',
    'SELECT count(*) FROM NANOCENT_ACCOUNTS',
    'SELECT "salt" FROM "nanocent_entries"',
    'SELECT salt FROM main.nanocent_entries',
    // SQLite reports a WITH clause's name where it reports a view's.
    'WITH llm_usage AS (SELECT salt FROM nanocent_entries) SELECT * FROM llm_usage',
    'WITH usage_limits AS (SELECT body FROM nanocent_limits) SELECT * FROM usage_limits',
    'WITH llm_usage AS (SELECT * FROM sqlite_schema) SELECT * FROM llm_usage',
    'SELECT * FROM (SELECT salt FROM nanocent_entries) AS accounting_entries',
    'SELECT * FROM sqlite_schema',
    'SELECT count(*) FROM sqlite_master',
    'SELECT * FROM sqlite_temp_schema',
    'SELECT * FROM pragma_database_list',
    "SELECT * FROM pragma_table_info('nanocent_entries')",
    'SELECT count(*) FROM pragma_table_list',
    'SELECT * FROM dbstat',
    'SELECT count(*) FROM dbstat',
    "SELECT load_extension('x')",
    "SELECT readfile('/etc/passwd')",
    'SELECT sqlite_compileoption_get(1)',
    'CREATE VIRTUAL TABLE temp.f USING fts5(a)',
    'SELECT * FROM accounting_entries WHERE id IN (SELECT name FROM nanocent_idempotency)',
    'SELECT exists(SELECT 1 FROM nanocent_reservations)',
  ];
  for (const sql of escapes) {
    let answer: object;
    try {
      answer = ask(sql);
    } catch (error) {
      // Not even a query: SQLite itself would not prepare it.
      assert.match(String(error), /no such function|cannot modify/, sql);
      continue;
    }
    assert.ok('forbidden' in answer, `${sql} gave ${JSON.stringify(answer)}`);
  }
  assert.equal(existsSync(target), false);
});

test('what a query costs is bounded', async () => {
  const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT';
  const capped = ask(`${numbers} i FROM n`, 3);
  assert.deepEqual(capped, { columns: ['i'], rows: [[1], [2], [3]], truncated: true });
  assert.deepEqual(ask(`${numbers} i FROM n LIMIT 3`, 3), {
    columns: ['i'],
    rows: [[1], [2], [3]],
    truncated: false,
  });
  const wide = ask(`${numbers} printf('%0900000d', i) FROM n`, 1000);
  assert.ok('rows' in wide && wide.truncated && wide.rows.length < 12);
  for (const sql of [
    "SELECT printf('%02000000d', 1)",
    `SELECT 1 -- ${'x'.repeat(20_000)}`,
    `SELECT ${'1 + '.repeat(300)}1`,
  ]) {
    assert.throws(() => ask(sql), /too big|too large|depth|overflow|exceeds/i, sql.slice(0, 40));
  }
});

test('an endless query is killed when its time is up; the store goes on', async () => {
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n';
  const startedAt = performance.now();
  await assert.rejects(store.select(endless, { rowsMax: 1, timeMs: 200 }), (error) => {
    assert.ok(NanocentError.is(error));
    assert.equal(error.code, 'query_invalid');
    assert.match(error.message, /longer than 200 ms/);
    return true;
  });
  assert.ok(performance.now() - startedAt < 5000);
  assert.equal(await store.countEntries(), 3);
});

test('refusals and mistakes come back with their code, and a word on what to do', async () => {
  const table = [
    [
      'SELECT salt FROM nanocent_entries',
      'query_forbidden',
      /names the table nanocent_entries.*accounting_entries/,
    ],
    ['PRAGMA journal_mode', 'query_forbidden', /something else than reading/],
    ['SELECT nope FROM accounting_entries', 'query_invalid', /no such column: nope/],
    ['SELEC 1', 'query_invalid', /syntax error/],
    ['', 'query_invalid', /no statements/],
    ['-- nothing', 'query_invalid', /no statements/],
  ] as const;
  for (const [sql, code, text] of table) {
    await assert.rejects(store.select(sql, bounds), (error) => {
      assert.ok(NanocentError.is(error), String(error));
      assert.equal(error.code, code, sql);
      assert.match(`${error.message} ${error.fix}`, text);
      return true;
    });
  }
});

test('every public view is there and can be read', () => {
  for (const view of publicViews) assert.ok('rows' in ask(`SELECT * FROM "${view}"`), view);
});
