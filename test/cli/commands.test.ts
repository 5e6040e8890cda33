import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { ledgerFile, nanocent, on } from './command-line.ts';

const threeCalls = [
  ['gpt-4', '100', '50', '150', '0.002', '1.5'],
  ['gpt-3.5-turbo', '200', '100', '300', '0.001', '0.8'],
  ['gpt-4', '150', '75', '225', '0.003', '2.0'],
];

async function threeBooked(file: string): Promise<void> {
  for (const [model, prompt, completion, total, cost, time] of threeCalls as string[][]) {
    await on(file)(
      ...['track', '--model', model!, '--prompt-tokens', prompt!, '--completion-tokens', completion!],
      ...['--total-tokens', total!, '--cost', cost!, '--execution-time', time!],
    );
  }
}

test('three calls: sums, averages, models and rankings of the day', async (t) => {
  const file = ledgerFile(t);
  await threeBooked(file);
  const stats = JSON.parse(await on(file)('stats', '--daily', '--json'));
  assert.equal(stats.schema, 'nanocent.stats/1');
  const { calls, promptTokens, completionTokens, totalTokens, usd, executionSeconds } = stats.totals;
  assert.deepEqual(
    [calls, promptTokens, completionTokens, totalTokens, usd, executionSeconds],
    [3, 450, 225, 675, '0.006', 4.3],
  );
  assert.deepEqual(
    [
      stats.averages.promptTokens,
      stats.averages.totalTokens,
      stats.averages.usd,
      stats.averages.executionSeconds,
    ],
    [150, 225, '0.002', 1.43],
  );
  const [first] = stats.groups;
  assert.deepEqual(
    [
      first.key,
      first.promptTokens,
      first.completionTokens,
      first.totalTokens,
      first.usd,
      first.executionSeconds,
    ],
    ['gpt-4', 250, 125, 375, '0.005', 3.5],
  );
  assert.deepEqual(stats.rankings.promptTokens, [
    { model: 'gpt-4', value: 250 },
    { model: 'gpt-3.5-turbo', value: 200 },
  ]);
  assert.deepEqual(stats.rankings.nanocents, [
    { model: 'gpt-4', value: '500000000' },
    { model: 'gpt-3.5-turbo', value: '100000000' },
  ]);
});

test('the same for a person: aligned, small money never $0.00', async (t) => {
  const file = ledgerFile(t);
  await threeBooked(file);
  const out = await on(file)('stats', '--daily');
  const [heading, ...lines] = out.split('\n');
  assert.match(heading!, /^Today, \d{4}-\d\d-\d\d \(UTC\)$/);
  assert.equal(
    lines.join('\n'),
    `
                      Sum  Per call
───────────────────────────────────
Calls                   3
Prompt tokens         450       150
Completion tokens     225        75
Total tokens          675       225
Time                4.3 s    1.43 s
Cost               $0.006    $0.002

Model          Calls  Prompt  Completion  Total   Time    Cost   Share
──────────────────────────────────────────────────────────────────────
gpt-4              2     250         125    375  3.5 s  $0.005   83.3%
gpt-3.5-turbo      1     200         100    300  0.8 s  $0.001   16.7%
──────────────────────────────────────────────────────────────────────
All                3     450         225    675  4.3 s  $0.006  100.0%

Rank  By prompt tokens       By completion tokens       By cost
─────────────────────────────────────────────────────────────────────────────
   1  gpt-4             250  gpt-4                 125  gpt-4          $0.005
   2  gpt-3.5-turbo     200  gpt-3.5-turbo         100  gpt-3.5-turbo  $0.001
`,
  );
});

test('tail shows 10 of 15, newest first, and any number asked for from 1 to 1000', async (t) => {
  const file = ledgerFile(t);
  const lines = Array.from({ length: 15 }, (_, index) =>
    JSON.stringify({
      model: `m${index}`,
      cost: '0.01',
      timestamp: `2026-01-01T00:00:${String(index).padStart(2, '0')}Z`,
    }),
  );
  await nanocent(['--db-file', file, 'track', '-'], { input: lines.join('\n') });
  const models = async (...args: string[]) =>
    JSON.parse(await on(file)('tail', '--json', ...args)).entries.map(
      (entry: { model: string }) => entry.model,
    );
  assert.deepEqual(
    await models(),
    Array.from({ length: 10 }, (_, index) => `m${14 - index}`),
  );
  assert.equal((await models('-n', '1000')).length, 15);
  assert.deepEqual(await models('-n1'), ['m14']);
  for (const number of ['0', '1001', '-1', 'ten', '1.5']) {
    const said = await nanocent(['--db-file', file, 'tail', '-n', number]);
    assert.deepEqual([said.code, said.out], [2, ''], number);
    assert.match(said.err, /--number/);
  }
});

test('track prints the id, prices what it can, and says what it cannot', async (t) => {
  const file = ledgerFile(t);
  const said = await nanocent([
    'track',
    '--db-file',
    file,
    '--model',
    'gpt-4o-mini',
    '--prompt-tokens',
    '1000',
    '--completion-tokens',
    '500',
  ]);
  assert.equal(said.code, 0);
  assert.match(said.out, /^[0-9a-f-]{36}\n$/);
  assert.match(
    said.err,
    /^ledger .*books\.sqlite \(new\)\nbooked gpt-4o-mini, 1,000 prompt and 500 completion tokens: \$0\.00045 by/,
  );
  const entry = JSON.parse(await on(file)('explain', said.out.trim(), '--json'));
  assert.equal(entry.entry.nanocents, '45000000');
  assert.deepEqual(
    entry.charge.map((line: { unit: string; nanocents: string }) => [line.unit, line.nanocents]),
    [
      ['input', '15000000'],
      ['output', '30000000'],
    ],
  );
  const unknown = await nanocent([
    'track',
    '--db-file',
    file,
    '--model',
    'nobodys-model',
    '--prompt-tokens',
    '5',
    '--json',
  ]);
  const document = JSON.parse(unknown.out);
  assert.deepEqual(
    [document.schema, document.nanocents, document.usd, document.costSource],
    ['nanocent.entry/1', null, null, 'unpriced'],
  );
  assert.match(unknown.err, /cost unknown\n {2}unpriced: no price is known for nobodys-model\n/);
});

test('the same idempotency key books once; with another body it is a conflict', async (t) => {
  const file = ledgerFile(t);
  const call = ['track', '--model', 'm', '--cost', '0.5', '--idempotency-key', 'k1', '--json'];
  const first = JSON.parse(await on(file)(...call));
  const again = JSON.parse(await on(file)(...call));
  assert.deepEqual([first.replayed, again.replayed, again.id], [false, true, first.id]);
  const other = await nanocent(['--db-file', file, ...call.with(4, '0.6')]);
  assert.equal(other.code, 5);
  assert.equal(JSON.parse(other.err.split('\n').at(-2)!).error.code, 'idempotency_conflict');
});

test('purge asks; without a terminal and without --yes nothing is deleted', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  await run('track', '--model', 'm', '--cost', '1', '--timestamp', '2026-01-01');
  await run('track', '--model', 'm', '--cost', '1', '--timestamp', '2026-02-01');
  const count = async () => JSON.parse(await run('tail', '--json')).entries.length;
  const refused = await nanocent(['--db-file', file, 'purge']);
  assert.deepEqual([refused.code, await count()], [2, 2]);
  const no = await nanocent(['--db-file', file, 'purge'], { columns: 80, answer: 'n' });
  assert.deepEqual([no.code, await count()], [0, 2]);
  assert.match(no.err, /Delete 2 usage rows\? Limits, balances and the journal stay\. \[y\/N\] /);
  assert.equal(
    await run('purge', '--before', '2026-01-02', '--yes'),
    '1 usage row of calls before 2026-01-02 00:00:00 (UTC) deleted\n',
  );
  assert.equal(await count(), 1);
  const yes = await nanocent(['--db-file', file, 'purge'], { columns: 80, answer: 'y' });
  assert.deepEqual([yes.code, await count()], [0, 0]);
  assert.match(await run('verify'), /^balanced: 0 usage rows/);
});

test('stats of a period: a bare end includes its day; two periods at once are bad input', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  for (const timestamp of ['2024-01-31T23:59:59Z', '2024-02-01T00:00:00Z']) {
    await run('track', '--model', 'm', '--cost', '1', '--timestamp', timestamp);
  }
  const calls = async (...args: string[]) => JSON.parse(await run('stats', '--json', ...args)).totals.calls;
  assert.equal(await calls('--start', '2024-01-01', '--end', '2024-01-31'), 1);
  assert.equal(await calls('--start', '2024-01-01', '--end', '2024-02-01'), 2);
  assert.equal(await calls('--start', '2024-01-01'), 2);
  assert.equal(await calls('--daily'), 0);
  for (const args of [
    ['--daily', '--weekly'],
    ['--monthly', '--start', '2024-01-01'],
    ['--end', '2024-01-01'],
  ]) {
    assert.equal((await nanocent(['--db-file', file, 'stats', ...args])).code, 2, args.join(' '));
  }
  const backwards = await nanocent([
    '--db-file',
    file,
    'stats',
    '--start',
    '2024-02-01',
    '--end',
    '2024-01-01',
  ]);
  assert.equal(backwards.code, 2);
  assert.match(backwards.err, /--end/);
});

test('every grouping, as table and as CSV', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  await run(
    ...['track', '--model', 'm', '--cost', '1', '--user', 'u', '--caller', 'c', '--project-name', 'p'],
    ...['--session', 's', '--purpose', 'w', '--provider', 'v', '--timestamp', '2026-01-05'],
  );
  const keys: Record<string, string> = {
    user: 'u',
    caller: 'c',
    project: 'p',
    model: 'm',
    provider: 'v',
    session: 's',
    purpose: 'w',
    key: '',
    day: '2026-01-05',
  };
  for (const [by, key] of Object.entries(keys)) {
    const csv = await run('stats', '--start', '2026-01-01', '--by', by, '--csv');
    const [head, row] = csv.split('\r\n');
    assert.equal(head!.split(',')[0], by === 'user' ? 'username' : by);
    assert.equal(row!.split(',')[0], key);
    assert.match(
      await run('stats', '--start', '2026-01-01', '--by', by),
      /\n(u|c|p|m|v|s|w|–|2026-01-05) +1 /,
    );
  }
});

test('select runs the queries of the seeds and nothing that writes', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  await run('track', '--model', 'gpt-4', '--cost', '0.002');
  const rows = JSON.parse(
    await run(
      'select',
      '--json',
      '--query',
      'SELECT model, COUNT(*) as count FROM accounting_entries GROUP BY model',
    ),
  );
  assert.deepEqual(rows, {
    schema: 'nanocent.rows/1',
    columns: ['model', 'count'],
    rows: [['gpt-4', 1]],
    truncated: false,
  });
  const write = await nanocent(['--db-file', file, 'select', '--query', 'DELETE FROM nanocent_entries']);
  assert.equal(write.code, 4);
  const wrong = await nanocent(['--db-file', file, 'select', '--query', 'SELECT nothing FROM nowhere']);
  assert.ok(wrong.code === 2 || wrong.code === 4, wrong.err);
});

test('verify compares with heads saved outside', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  await run('track', '--model', 'm', '--cost', '1');
  const anchor = `${file}.heads.json`;
  await run('verify', '--save-anchor', anchor);
  await run('track', '--model', 'm', '--cost', '1');
  assert.match(await run('verify', '--anchor', anchor), /^balanced: .*and the saved heads/);
  const other = `${file}.other`;
  await on(other)('track', '--model', 'm', '--cost', '1');
  const said = await nanocent(['--db-file', other, 'verify', '--anchor', anchor, '--json']);
  assert.equal(said.code, 70);
  assert.equal(JSON.parse(said.out).balanced, false);
  const nothing = await nanocent(['--db-file', `${file}.none`, 'verify']);
  assert.equal(nothing.code, 3);
});

test('doctor lists its checks with one word each', async (t) => {
  const file = ledgerFile(t);
  await on(file)('track', '--model', 'm', '--cost', '1');
  const said = await nanocent(['--db-file', file, 'doctor']);
  assert.equal(said.code, 0, said.out);
  for (const name of [
    'node',
    'ledger',
    'integrity',
    'sqlite',
    'schema',
    'file mode',
    'holds',
    'spool',
    'prices',
    'clock',
  ]) {
    assert.match(said.out, new RegExp(`^ok    ${name} `, 'm'));
  }
  const missing = await nanocent(['--db-file', `${file}.none`, 'doctor', '--json']);
  assert.equal(missing.code, 0);
  const ledger = JSON.parse(missing.out).checks.find((check: { name: string }) => check.name === 'ledger');
  assert.equal(ledger.status, 'warn');
});

test('doctor says when the ledger is ahead of the clock', async (t) => {
  const file = ledgerFile(t);
  const ahead = fakeClock(new Date(Date.now() + 10 * 365 * 86_400_000).toISOString());
  const books = await openBooks({ store: file, clock: ahead, environment: {}, background: false });
  await books.track({ model: 'm', nanocents: 1n });
  await books.close();
  const { out } = await nanocent(['--db-file', file, 'doctor', '--json']);
  const clock = JSON.parse(out).checks.find((check: { name: string }) => check.name === 'clock');
  assert.equal(clock.status, 'warn');
  assert.match(clock.fix, /set the clocks/);
});

test('first use: empty answers name the next command', async (t) => {
  const file = ledgerFile(t);
  assert.match(await on(file)('tail'), /^no calls yet: .*\n {2}nanocent track/);
  assert.match(await on(file)('stats'), /no calls in this period: .*\n {2}nanocent track/);
  assert.match(await on(file)('tail', '--model', 'm'), /^no calls match/);
  assert.match(await on(file)('limits', 'check'), /^no limits yet: .*\n {2}nanocent limits set/);
  assert.equal(await on(file)('select', '--query', 'SELECT * FROM accounting_entries'), 'no rows\n');
});
