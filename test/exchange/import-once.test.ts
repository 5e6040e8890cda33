import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { importCalls, litellmSource } from '../../src/exchange/index.ts';
import { entryDraft } from '../../src/testing/drafts.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { ledgerFile, nanocent, on } from '../cli/command-line.ts';
import { claudeLine, spendLog, writeAccounting, writeLines, writeLlm } from './records.ts';

// A call is booked once: again, from a copy, from another program's log of it, after half an import.

function place(t: TestContext) {
  const ledger = ledgerFile(t);
  const folder = dirname(ledger);
  const environment = { XDG_DATA_HOME: join(folder, 'data'), HOME: folder };
  const projects = join(folder, '.claude', 'projects', '-repo');
  mkdirSync(projects, { recursive: true });
  return {
    ledger,
    folder,
    projects,
    environment,
    import: async (...args: string[]) => {
      const said = await nanocent(['--db-file', ledger, '--json', '--quiet', 'import', ...args], {
        environment,
      });
      assert.equal(said.code, 0, said.err);
      return JSON.parse(said.out);
    },
    calls: async () => JSON.parse(await on(ledger)('stats', '--yearly', '--json')).totals.calls,
    count: async () => JSON.parse(await on(ledger)('verify', '--json')).entries,
  };
}

test('the same source again books nothing, whether its files are passed over or read', async (t) => {
  const at = place(t);
  writeLines(join(at.projects, 's1.jsonl'), [
    claudeLine({ id: 'msg_01AbCdEfGhIjKlMnOpQrSt01', at: '2026-03-01T09:00:00Z' }),
    claudeLine({ id: 'msg_01AbCdEfGhIjKlMnOpQrSt02', at: '2026-03-01T09:01:00Z' }),
  ]);
  const llm = join(at.folder, 'logs.db');
  writeLlm(llm, 'responses', [{ id: 'a' }, { id: 'b' }]);
  const accounting = join(at.folder, 'accounting.sqlite');
  writeAccounting(accounting, [{ id: 1 }, { id: 2 }]);
  const litellm = join(at.folder, 'logs.jsonl');
  writeLines(litellm, [spendLog({ request_id: 'short-1' }), spendLog()]);
  const csv = join(at.folder, 'calls.csv');
  writeFileSync(csv, 'model,timestamp,prompt_tokens\nm,2026-03-01,1\nm,2026-03-01,1\n');
  const sources = [
    ['claude'],
    ['llm', llm],
    ['llm-accounting', accounting],
    ['litellm', litellm],
    ['csv', csv],
  ];
  for (const source of sources) {
    assert.equal((await at.import(...source)).booked, 2, source[0]);
    const second = await at.import(...source);
    assert.deepEqual([second.booked, second.read, second.alreadyBooked], [0, 0, 0], source[0]);
    const again = await at.import(...source, '--again');
    assert.deepEqual([again.booked, again.read, again.alreadyBooked], [0, 2, 2], source[0]);
  }
  assert.equal(await at.count(), 10);
});

test('what was added since is booked, from where the last import came to', async (t) => {
  const at = place(t);
  const log = join(at.projects, 's1.jsonl');
  const line = (number: number) =>
    claudeLine({ id: `msg_01AbCdEfGhIjKlMnOpQrSt0${number}`, at: `2026-03-01T09:0${number}:00Z` });
  writeLines(log, [line(1)]);
  assert.equal((await at.import('claude')).booked, 1);
  appendFileSync(log, `${JSON.stringify(line(2))}\n`);
  const agents = await at.import('claude');
  assert.deepEqual([agents.booked, agents.alreadyBooked], [1, 1]);

  const litellm = join(at.folder, 'logs.jsonl');
  writeLines(litellm, [spendLog({ request_id: 'one' })]);
  // A line that is still being written.
  const half = JSON.stringify(spendLog({ request_id: 'two' }));
  appendFileSync(litellm, half.slice(0, 40));
  const first = await at.import('litellm', litellm);
  assert.deepEqual([first.booked, first.malformed], [1, 0]);
  appendFileSync(litellm, `${half.slice(40)}\n`);
  const second = await at.import('litellm', litellm);
  assert.deepEqual([second.booked, second.read, second.malformed], [1, 1, 0]);

  const llm = join(at.folder, 'logs.db');
  writeLlm(llm, 'responses', [{ id: 'a' }]);
  await at.import('llm', llm);
  writeLlm(llm, 'responses', [{ id: 'b' }]);
  const rows = await at.import('llm', llm);
  assert.deepEqual([rows.booked, rows.read, rows.passedOver.calls], [1, 1, 1]);
});

test('a file that was written anew, a database that was purged or compacted: read from the beginning', async (t) => {
  const at = place(t);
  const litellm = join(at.folder, 'logs.jsonl');
  writeLines(litellm, [spendLog({ request_id: 'one' }), spendLog({ request_id: 'two' })]);
  await at.import('litellm', litellm);
  writeLines(litellm, [spendLog({ request_id: 'three', prompt_tokens: 1 }), spendLog({ request_id: 'two' })]);
  assert.equal((await at.import('litellm', litellm)).booked, 1);
  truncateSync(litellm, 0);
  writeLines(litellm, [spendLog({ request_id: 'four' })]);
  assert.equal((await at.import('litellm', litellm)).booked, 1);

  const accounting = join(at.folder, 'accounting.sqlite');
  writeAccounting(accounting, [{ id: 1 }, { id: 2 }]);
  await at.import('llm-accounting', accounting);
  rmSync(accounting);
  writeAccounting(accounting, [
    { id: 1, timestamp: '2026-04-01 09:00:00' },
    { id: 2, timestamp: '2026-04-01 09:00:01' },
  ]);
  assert.equal((await at.import('llm-accounting', accounting)).booked, 2);

  const llm = join(at.folder, 'logs.db');
  writeLlm(llm, 'responses', [{ id: 'a' }, { id: 'b' }]);
  await at.import('llm', llm);
  const database = new DatabaseSync(llm);
  database.exec("DELETE FROM responses WHERE id = 'a'; VACUUM");
  database.close();
  writeLlm(llm, 'responses', [{ id: 'c' }]);
  const compacted = await at.import('llm', llm);
  assert.equal(compacted.booked, 1);
});

test('copies and other programs’ logs of the same responses are the same calls', async (t) => {
  const at = place(t);
  const id = 'msg_01AbCdEfGhIjKlMnOpQrSt01';
  writeLines(join(at.projects, 's1.jsonl'), [claudeLine({ id, at: '2026-03-01T09:00:00Z' })]);
  assert.equal((await at.import('agents')).booked, 1);
  renameSync(join(at.projects, 's1.jsonl'), join(at.projects, 's2.jsonl'));
  assert.equal((await at.import('claude')).alreadyBooked, 1);

  const litellm = join(at.folder, 'logs.jsonl');
  const other = { model: 'claude-sonnet-4-5-20250929', custom_llm_provider: 'anthropic' };
  writeLines(litellm, [
    spendLog({ ...other, request_id: id }),
    spendLog({ ...other, request_id: id, prompt_tokens: 999 }),
  ]);
  const overlapping = await at.import('litellm', litellm);
  assert.deepEqual([overlapping.booked, overlapping.alreadyBooked + overlapping.differing], [0, 2]);
  assert.equal(overlapping.differing, 1);

  const llm = join(at.folder, 'logs.db');
  writeLlm(llm, 'turns', [{ id: 'a', response: { id } }]);
  assert.equal((await at.import('llm', llm)).booked, 0);

  const accounting = join(at.folder, 'accounting.sqlite');
  writeAccounting(accounting, [{ id: 1 }]);
  await at.import('llm-accounting', accounting);
  copyFileSync(accounting, join(at.folder, 'copy.sqlite'));
  const copy = await at.import('llm-accounting', join(at.folder, 'copy.sqlite'));
  assert.deepEqual([copy.booked, copy.alreadyBooked], [0, 1]);
  assert.equal(await at.count(), 2);
});

test('what the gateway booked is not booked again, and is counted apart', async (t) => {
  const at = place(t);
  const id = 'msg_01AbCdEfGhIjKlMnOpQrSt01';
  const books = await openBooks({ store: at.ledger });
  const { ids, ledger } = books.context;
  const entry = entryDraft(
    { model: 'claude-sonnet-4-5-20250929' },
    {
      id: ids.uuid(),
      salt: ids.salt(),
      at: Date.parse('2026-03-01T09:00:02Z'),
      responseId: id,
      nanocents: 1_000n,
    },
  );
  await ledger.write({
    kind: 'record',
    quantities: { cost: 1_000n },
    attributes: {},
    entry,
    idempotency: null,
  });
  await books.close();
  writeLines(join(at.projects, 's1.jsonl'), [
    claudeLine({ id, at: '2026-03-01T09:00:00Z' }),
    claudeLine({ id: 'msg_01AbCdEfGhIjKlMnOpQrSt02', at: '2026-03-01T09:01:00Z' }),
  ]);
  const summary = await at.import('claude');
  assert.deepEqual([summary.booked, summary.bookedByGateway], [1, 1]);
  const again = await at.import('claude', '--again');
  assert.deepEqual([again.booked, again.bookedByGateway, again.alreadyBooked], [0, 1, 1]);
  assert.equal(await at.count(), 2);
});

test('a response that may still be streaming is left for the next import', async (t) => {
  const at = place(t);
  const id = 'msg_01AbCdEfGhIjKlMnOpQrSt01';
  const now = new Date().toISOString();
  const log = join(at.projects, 's1.jsonl');
  writeLines(log, [claudeLine({ id, at: now, output: 1, ended: false })]);
  const first = await at.import('claude');
  assert.deepEqual([first.booked, first.notes.unfinishedCalls], [0, 1]);
  appendFileSync(log, `${JSON.stringify(claudeLine({ id, at: now, output: 500 }))}\n`);
  assert.equal((await at.import('claude')).booked, 1);
});

test('after half an import the rest is booked, and only the rest', async (t) => {
  const at = place(t);
  const file = join(at.folder, 'logs.jsonl');
  const total = 5_000;
  writeLines(
    file,
    Array.from({ length: total }, (_, index) => spendLog({ request_id: `call-${index}`, spend: 0.001 })),
  );
  const books = await openBooks({ store: at.ledger });
  const end = new AbortController();
  const source = await litellmSource(file, { reprice: false }, null);
  const half = await importCalls(books.context, source, {
    signal: end.signal,
    onProgress: ({ booked }) => booked >= 2_000 && end.abort(),
  });
  assert.ok(half.booked >= 2_000 && half.booked < total, String(half.booked));
  await books.close();
  const rest = await at.import('litellm', file);
  assert.equal(rest.booked, total - half.booked);
  assert.equal(rest.alreadyBooked, half.booked);
  assert.equal(await at.count(), total);
});

test('a ledger set back to an older copy is filled up again: marks of its future do not count', async (t) => {
  const at = place(t);
  const file = join(at.folder, 'logs.jsonl');
  await on(at.ledger)('track', '--model', 'm', '--cost', '1');
  copyFileSync(at.ledger, `${at.ledger}.copy`);
  writeLines(file, [spendLog({ request_id: 'one' }), spendLog({ request_id: 'two' })]);
  assert.equal((await at.import('litellm', file)).booked, 2);
  rmSync(at.ledger);
  for (const end of ['-wal', '-shm']) rmSync(at.ledger + end, { force: true });
  renameSync(`${at.ledger}.copy`, at.ledger);
  assert.equal((await at.import('litellm', file)).booked, 2);
  // The same link number with other contents is another future, too.
  assert.equal(await at.count(), 3);
});

test('a dry run says what would be booked, and leaves nothing behind', async (t) => {
  const at = place(t);
  const file = join(at.folder, 'logs.jsonl');
  writeLines(file, [spendLog({ request_id: 'one' }), spendLog({ request_id: 'two' })]);
  const trial = await at.import('litellm', file, '--dry-run');
  assert.deepEqual([trial.dryRun, trial.booked, trial.usd], [true, 2, '0.0009']);
  const { existsSync } = await import('node:fs');
  assert.equal(existsSync(at.ledger), false);
  await at.import('litellm', file);
  const known = await at.import('litellm', file, '--dry-run', '--again');
  assert.deepEqual([known.booked, known.alreadyBooked], [0, 2]);
});

test('limits count what is imported, and stop none of it', async (t) => {
  const at = place(t);
  await on(at.ledger)(
    'limits',
    'set',
    '--scope',
    'GLOBAL',
    '--limit-type',
    'cost',
    '--max-value',
    '0.0001',
    '--interval-unit',
    'lifetime',
  );
  const file = join(at.folder, 'logs.jsonl');
  writeLines(file, [spendLog()]);
  assert.equal((await at.import('litellm', file)).booked, 1);
  const { limits } = JSON.parse(await on(at.ledger)('limits', 'check', '--json'));
  assert.equal(limits[0].used, '0.00045');
});

test('marks that cannot be kept are said, and cost nothing else', async (t) => {
  const at = place(t);
  const file = join(at.folder, 'logs.jsonl');
  writeLines(file, [spendLog()]);
  writeFileSync(join(at.folder, 'blocked'), '');
  const environment = { XDG_DATA_HOME: join(at.folder, 'blocked') };
  const said = await nanocent(['--db-file', at.ledger, 'import', 'litellm', file], { environment });
  assert.equal(said.code, 0);
  assert.match(said.err, /how far this import came could not be kept/);
  assert.match(said.out, /^1 call booked, \$0\.00045, 2026-03-01 09:00:00 to 2026-03-01 09:00:00 \(UTC\)\n$/);
});

test('no logs: where it looked, and what to try without them', async (t) => {
  const at = place(t);
  rmSync(join(at.folder, '.claude'), { recursive: true });
  const said = await nanocent(['--db-file', at.ledger, 'import', 'claude'], { environment: at.environment });
  assert.equal(said.code, 0);
  assert.match(said.err, /looked in .*\.claude.projects/);
  assert.match(said.out, /no logs of Claude Code found\n.*nanocent serve --demo/);
});

test('two imports of the same file at once book each call once', async (t) => {
  const clock = fakeClock('2026-03-02T00:00:00Z');
  const at = place(t);
  const file = join(at.folder, 'logs.jsonl');
  writeLines(
    file,
    Array.from({ length: 2_500 }, (_, index) => spendLog({ request_id: `call-${index}` })),
  );
  await using books = await openBooks({ store: at.ledger, clock });
  const summaries = await Promise.all(
    [0, 1].map(async () => importCalls(books.context, await litellmSource(file, { reprice: false }, null))),
  );
  const sum = (name: 'booked' | 'alreadyBooked') => summaries.reduce((total, one) => total + one[name], 0);
  assert.deepEqual([sum('booked'), sum('alreadyBooked')], [2_500, 2_500]);
  assert.equal(await books.reads.countEntries(), 2_500);
});
