import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { NanocentError } from '../../errors/error.ts';
import { genesisHash } from '../../ledger/journal.ts';
import { entryDraft } from '../../testing/drafts.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import { writeByHand } from '../../testing/plan-machine.ts';
import { seededIds } from '../../testing/seeded.ts';
import { Connection, readPragma, setPragmas, walIsSafe } from './connection.ts';
import { openSqlite, type SqliteOptions } from './index.ts';
import { migrations } from './migrate.ts';
import { SqliteStore } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'nanocent-open-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const clock = fakeClock('2026-03-01T10:00:00Z');
const open = (file: string, more: Partial<SqliteOptions> = {}) =>
  openSqlite({ file: join(folder, file), clock, ...more });

const fails = (code: string, text: RegExp) => (error: unknown) => {
  assert.ok(NanocentError.is(error), String(error));
  assert.equal(error.code, code);
  assert.match(`${error.message} ${error.fix}`, text);
  return true;
};

/** Runs a module's text in a process of its own; resolves with its output, or the signal that ended it. */
function inProcess(text: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', text], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  return new Promise((resolve) => child.on('close', (_, signal) => resolve(signal ?? output.trim())));
}

const entryOf = (ids = seededIds()) => ({
  ...entryDraft({}, { id: ids.uuid(), at: clock.now(), salt: ids.salt(), nanocents: 5n }),
  recordedAt: clock.now(),
});

test('a new file: private, durable, with a name of its own that stays', async () => {
  const random = (size: number) => new Uint8Array(size).fill(7);
  const store = await open('new/deep/books.sqlite', { random, zone: 'Europe/Berlin' });
  assert.deepEqual(await store.facts(), {
    ledgerId: '07'.repeat(16),
    zone: 'Europe/Berlin',
    createdAt: clock.now(),
    schemaVersion: migrations.length,
  });
  assert.equal(store.engine, 'sqlite');
  assert.equal(store.location, join(folder, 'new/deep/books.sqlite'));
  if (process.platform !== 'win32') {
    for (const suffix of ['', '-wal', '-shm'])
      assert.equal(statSync(store.location + suffix).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, 'new/deep')).mode & 0o777, 0o700);
  }
  const inspections = await store.inspect();
  const wanted = {
    integrity: 'quick_check ok',
    journal_mode: 'wal',
    synchronous: '2',
    trusted_schema: '0',
    busy_timeout: '0',
  };
  for (const [name, detail] of Object.entries(wanted)) {
    assert.deepEqual(
      inspections.find((inspection) => inspection.name === name),
      { name, ok: true, detail },
    );
  }
  assert.deepEqual(
    inspections.filter(({ ok }) => !ok),
    [],
  );
  await store.close();
  clock.advance(1000);
  const again = await open('new/deep/books.sqlite', { zone: 'UTC' });
  const { ledgerId, zone } = await again.facts();
  assert.deepEqual({ ledgerId, zone }, { ledgerId: '07'.repeat(16), zone: 'Europe/Berlin' });
  await again.close();
});

test('a file that others may read is pointed out', async () => {
  if (process.platform === 'win32') return;
  const store = await open('shown.sqlite');
  chmodSync(store.location, 0o644);
  const mode = (await store.inspect()).find(({ name }) => name === 'file mode');
  assert.equal(mode?.ok, false);
  assert.match(mode!.detail, /^0644: others may read it; chmod 600 /);
  await store.close();
});

test('a closed store says so', async () => {
  const store = await open('closed.sqlite');
  await store.close();
  await store.close();
  await assert.rejects(store.limits(), fails('store_closed', /closed\.sqlite has been closed/));
  await assert.rejects(writeByHand(store, {}), fails('store_closed', /closed/));
});

test('what is not there, or cannot be', async () => {
  await assert.rejects(open('missing.sqlite', { create: false }), fails('file_not_found', /missing\.sqlite/));
  await assert.rejects(
    open('missing.sqlite', { readOnly: true }),
    fails('file_not_found', /missing\.sqlite/),
  );
  assert.equal(existsSync(join(folder, 'missing.sqlite')), false);
  await assert.rejects(open('zone.sqlite', { zone: 'Mars/Base' }), fails('zone_unknown', /Mars/));
  assert.equal(existsSync(join(folder, 'zone.sqlite')), false);
  mkdirSync(join(folder, 'a-folder.sqlite'));
  await assert.rejects(
    open('a-folder.sqlite'),
    fails('store_unreachable', /a-folder\.sqlite cannot be opened/),
  );
  writeFileSync(join(folder, 'plain'), 'x');
  await assert.rejects(open('plain/books.sqlite'), fails('store_unreachable', /cannot be made.*folder/));
});

test('not a database: refused, and left as it was', async () => {
  const text = 'model,cost\ngpt-4,1\n'.repeat(100);
  writeFileSync(join(folder, 'costs.csv'), text);
  await assert.rejects(
    open('costs.csv'),
    fails('store_not_a_database', /costs\.csv is not an SQLite database.*Name another/),
  );
  assert.equal(readFileSync(join(folder, 'costs.csv'), 'utf8'), text);
});

test('a damaged file is named, with what to do', async () => {
  const store = await open('damaged.sqlite');
  await writeByHand(store, { entries: [entryOf()] });
  await store.close();
  const bytes = readFileSync(store.location);
  bytes.fill(0xff, 4096);
  writeFileSync(store.location, bytes);
  await assert.rejects(
    open('damaged.sqlite'),
    fails('store_not_a_database', /damaged\.sqlite is damaged.*restore the latest backup/),
  );
});

test("another program's tables: refused untouched, or kept beside ours", async () => {
  const file = join(folder, 'foreign.sqlite');
  const foreign = new DatabaseSync(file);
  foreign.exec('CREATE TABLE invoices (id INTEGER); INSERT INTO invoices VALUES (1)');
  foreign.close();
  const before = readFileSync(file);
  await assert.rejects(open('foreign.sqlite'), fails('store_foreign', /invoices.*--init/));
  assert.deepEqual(readFileSync(file), before);
  const store = await open('foreign.sqlite', { init: true });
  await writeByHand(store, { entries: [entryOf()] });
  await store.close();
  const check = new DatabaseSync(file);
  assert.equal(check.prepare('SELECT count(*) AS n FROM invoices').get()?.n, 1);
  check.close();
  const again = await open('foreign.sqlite');
  assert.equal(await again.countEntries(), 1);
  await again.close();
});

test('a foreign table that has the name of one of ours is never taken over', async () => {
  const foreign = new DatabaseSync(join(folder, 'taken.sqlite'));
  foreign.exec('CREATE TABLE accounting_entries (id INTEGER)');
  foreign.close();
  await assert.rejects(
    open('taken.sqlite', { init: true }),
    fails('store_foreign', /accounting_entries.*file of their own/),
  );
});

test('a newer schema and a changed one are refused by name', async () => {
  const store = await open('newer.sqlite');
  await store.close();
  const database = new DatabaseSync(store.location);
  database.exec("INSERT INTO nanocent_migrations VALUES (99, 'later', 'x', 0)");
  await assert.rejects(
    open('newer.sqlite'),
    fails('schema_newer', /step 99 \(later\); this program knows \d+/),
  );
  await assert.rejects(open('newer.sqlite', { readOnly: true }), fails('schema_newer', /99/));
  database.exec(
    "DELETE FROM nanocent_migrations WHERE id = 99; UPDATE nanocent_migrations SET checksum = 'x' WHERE id = 1",
  );
  await assert.rejects(open('newer.sqlite'), fails('schema_changed', /step 1 \(books\)/));
  database.close();
});

test('reading only: reads what is there, books nothing, makes nothing', async () => {
  const store = await open('read.sqlite');
  await writeByHand(store, { entries: [entryOf()] });
  const reader = await open('read.sqlite', { readOnly: true });
  assert.equal(await reader.countEntries(), 1);
  await assert.rejects(writeByHand(reader, {}), fails('store_read_only', /opened for reading only/));
  await writeByHand(store, { entries: [entryOf(seededIds(2))] });
  assert.equal(await reader.countEntries(), 2);
  await reader.close();
  await store.close();
  writeFileSync(join(folder, 'empty.sqlite'), '');
  await assert.rejects(
    open('empty.sqlite', { readOnly: true }),
    fails('store_read_only', /step 1 \(books\).*write access/),
  );
});

test('a file that this user may not write to, and a folder', async () => {
  if (process.platform === 'win32') return;
  mkdirSync(join(folder, 'locked'));
  const store = await open('locked/books.sqlite');
  await store.close();
  chmodSync(folder, 0o755);
  // Root may write anywhere, so the process becomes nobody, after it has loaded everything.
  const tryToBook = `
    import { openSqlite } from './index.ts';
    import { writeByHand } from '../../testing/plan-machine.ts';
    if (process.getuid() === 0) process.setuid(65534);
    const clock = { now: () => 1 };
    try {
      const store = await openSqlite({ file: ${JSON.stringify(store.location)}, clock });
      await writeByHand(store, { lines: [{}] });
      console.log('booked');
    } catch (error) { console.log(error.code); }
  `;
  const modes = {
    file: [0o444, 0o777, 'store_read_only'],
    folder: [0o666, 0o555, 'store_unreachable'],
  } as const;
  for (const [name, [fileMode, folderMode]] of Object.entries(modes)) {
    chmodSync(store.location, fileMode);
    chmodSync(join(folder, 'locked'), folderMode);
    assert.equal(await inProcess(tryToBook), 'store_read_only', name);
  }
  chmodSync(join(folder, 'locked'), 0o755);
});

test('a full disk: the batch is refused whole, and goes through once there is room', async () => {
  const fresh = await open('full.sqlite');
  const facts = await fresh.facts();
  await fresh.close();
  const file = fresh.location;
  const connection = new Connection(file, false);
  setPragmas(connection);
  const openView = () => Promise.reject(new Error('nobody asks for one here'));
  const options = { file, connection, facts, clock, readOnly: false, busyTimeoutMs: 0, openView };
  const store = new SqliteStore(options);
  const rawUsage = 'x'.repeat(100_000);
  const pages = Number(readPragma(connection, 'page_count'));
  connection.exec(`PRAGMA max_page_count=${pages + 5}`);
  const ids = seededIds();
  const batch = { entries: [entryOf(ids), { ...entryOf(ids), rawUsage }] };
  await assert.rejects(
    writeByHand(store, batch),
    fails('store_full', /full\.sqlite could not grow.*nothing was booked/),
  );
  assert.equal(await store.countEntries(), 0);
  assert.deepEqual(await store.chainHeads(), [
    { chain: 1, position: 0, number: 0, hash: genesisHash, at: 0 },
  ]);
  connection.exec('PRAGMA max_page_count=1000');
  await writeByHand(store, batch);
  assert.equal(await store.countEntries(), 2);
  await store.close();
});

test('several processes that open a new file at once make one ledger', async () => {
  const file = join(folder, 'together.sqlite');
  const text = `
    import { openSqlite } from './index.ts';
    const store = await openSqlite({ file: ${JSON.stringify(file)}, clock: { now: () => 1 } });
    console.log((await store.facts()).ledgerId);
    await store.close();
  `;
  const names = await Promise.all([1, 2, 3, 4].map(() => inProcess(text)));
  assert.match(names[0]!, /^[0-9a-f]{32}$/);
  assert.deepEqual(new Set(names).size, 1);
});

test('killed inside a schema step: the step is undone and done again by the next one', async () => {
  for (const step of migrations.map(({ id }) => id)) {
    const file = join(folder, `killed-${step}.sqlite`);
    const ended = await inProcess(`
      import { openSqlite } from './index.ts';
      let asked = 0;
      // The clock is asked once in each step, after its tables are made and before it commits.
      const now = () => (++asked === ${step} ? process.kill(process.pid, 'SIGKILL') : 1);
      await openSqlite({ file: ${JSON.stringify(file)}, clock: { now } });
    `);
    assert.equal(ended, 'SIGKILL');
    const database = new DatabaseSync(file);
    const tables = database
      .prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'nanocent_migrations'")
      .get();
    const done =
      tables?.n === 0 ? 0 : database.prepare('SELECT count(*) AS n FROM nanocent_migrations').get()?.n;
    database.close();
    assert.equal(done, step - 1);
    const store = await open(`killed-${step}.sqlite`);
    await writeByHand(store, { entries: [entryOf()] });
    assert.equal(await store.countEntries(), 1);
    await store.close();
  }
});

test('versions of SQLite that can lose a committed write are refused', () => {
  const table = {
    '3.40.1': false,
    '3.44.5': false,
    '3.44.6': true,
    '3.45.0': false,
    '3.50.6': false,
    '3.50.7': true,
    '3.51.2': false,
    '3.51.3': true,
    '3.53.4': true,
    '4.0.0': true,
  };
  for (const [version, safe] of Object.entries(table)) assert.equal(walIsSafe(version), safe, version);
});
