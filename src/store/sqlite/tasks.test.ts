import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { writeByHand } from '../../testing/plan-machine.ts';
import type { Task } from '../task.ts';
import { openSqlite } from './index.ts';
import { checksumOf, migrations } from './migrate.ts';

function ledgerFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-tasks-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'ledger.sqlite');
}

/** A ledger as a program left it that knew only the first so many schema steps. */
function oldLedger(file: string, steps: number): void {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL;
    CREATE TABLE nanocent_migrations (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`);
  const applied = database.prepare('INSERT INTO nanocent_migrations VALUES (?, ?, ?, 0)');
  for (const migration of migrations.slice(0, steps)) {
    database.exec(migration.sql);
    applied.run(migration.id, migration.name, checksumOf(migration));
  }
  database.exec(`INSERT INTO nanocent_meta VALUES (1, 'old', 'UTC', 7, 0)`);
  database.close();
}

const task: Task = {
  ...{ key: 'a', kind: 'errand', body: '{}', dueAt: 0 },
  ...{ attempts: 0, error: null, version: 1, updatedAt: 0 },
};

test('a ledger from before there were tasks has them after it is opened once', async (t) => {
  const file = ledgerFile(t);
  oldLedger(file, 3);
  const store = await openSqlite({ file, clock: Date });
  assert.equal((await store.facts()).ledgerId, 'old');
  assert.deepEqual(await store.tasks({ limit: 10 }), []);
  await writeByHand(store, { plan: () => ({ tasks: { rows: [task], onlyNew: [], ended: [] } }) });
  await store.close();
  const again = await openSqlite({ file, clock: Date });
  assert.deepEqual(await again.task('a'), task);
  await again.close();
});

test('what is due is found by an index, however many tasks rest', async (t) => {
  const file = ledgerFile(t);
  const store = await openSqlite({ file, clock: Date });
  await store.close();
  const database = new DatabaseSync(file);
  const plan = (sql: string) =>
    database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => detail)
      .join();
  const due = plan(
    `SELECT * FROM nanocent_tasks WHERE kind = 'x' AND due_at <= 1 ORDER BY due_at, key LIMIT 9`,
  );
  assert.match(due, /SEARCH nanocent_tasks USING INDEX nanocent_tasks_due \(kind=\? AND due_at<\?\)/);
  const one = plan(`SELECT * FROM nanocent_tasks WHERE key = 'x'`);
  assert.match(one, /SEARCH nanocent_tasks USING INDEX nanocent_tasks_key/);
  database.close();
});
