import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type OpenBooksOptions, openBooks } from '../../src/books/open-books.ts';
import { describeLimit } from '../../src/cli/limit-words.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';

const noon = Date.UTC(2026, 10, 22, 12);

/** A folder of its own, and how to open one ledger in it. */
function setting(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-limits-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const store = join(folder, 'books.sqlite');
  const open = (more: OpenBooksOptions) =>
    openBooks({ store, environment: {}, clock: fakeClock(noon), ...more });
  return { open, write };
}

const firstFile = `
# Global daily token limit
global:
  daily_tokens: 100000

# Per-model limits
models:
  gpt-4:
    hourly_requests: 50
    daily_tokens: 50000
  claude-2:
    concurrent_requests: 5

# User-specific limits
users:
  john_doe:
    daily_requests: 200
`;

test('the file of the first program of this kind, and nothing written at the next start', async (t) => {
  const { open, write } = setting(t);
  const file = write('limits.yaml', firstFile);
  const counts = { file, count: 5 };
  {
    await using books = await open({ limits: file });
    assert.deepEqual(books.limits.synced, { ...counts, added: 5, changed: 0, ended: 0 });
    const limits = await books.limits.list();
    assert.deepEqual(limits.map(describeLimit), [
      'GLOBAL: 100000 total_tokens per day',
      'MODEL (model gpt-4): 50 requests per hour',
      'MODEL (model gpt-4): 50000 total_tokens per day',
      'MODEL (model claude-2): 5 concurrent_requests',
      'USER (username john_doe): 200 requests per day',
    ]);
    assert.ok(limits.every((limit) => limit.source === 'file' && limit.file === file));
  }
  await using books = await open({ limits: file });
  assert.deepEqual(books.limits.synced, { ...counts, added: 0, changed: 0, ended: 0 });
  assert.equal((await books.verify()).lines, 5, 'one line a limit, and none of the second start');
});

test('a new maximum keeps the counters; what left the file ends, what another file or a person set stays', async (t) => {
  const { open, write } = setting(t);
  const file = write('a.yaml', 'users:\n  ann:\n    daily_requests: 2\n    daily_cost: 5\n');
  const other = write('b.yaml', 'users:\n  bob:\n    daily_requests: 9\n');
  {
    await using books = await open({ limits: file });
    await books.limits.set({
      scope: 'USER',
      username: 'cat',
      limitType: 'cost',
      max: '1',
      intervalUnit: 'day',
    });
    await books.track({ model: 'm', username: 'ann', nanocents: 1n });
  }
  await (await open({ limits: other })).close();
  write('a.yaml', 'users:\n  ann:\n    daily_requests: 3\n');
  await using books = await open({ limits: file });
  assert.deepEqual(books.limits.synced, { file, count: 1, added: 0, changed: 1, ended: 1 });
  const states = await books.limitStates();
  assert.deepEqual(
    states.map(({ limit, used }) => [describeLimit(limit), used]),
    [
      ['USER (username ann): 3 requests per day', 1n],
      ['USER (username cat): $1.00 cost per day', 0n],
      ['USER (username bob): 9 requests per day', 0n],
    ],
  );
  const { limits } = await books.reads.limits();
  assert.equal(limits.filter(({ endedAt }) => endedAt !== null).length, 1, 'its history stays');
  assert.deepEqual((await books.verify()).differences, []);
});

test('a limit of a file is changed in the file: set and delete name it; without the file it is free', async (t) => {
  const { open, write } = setting(t);
  const file = write('limits.yaml', 'global:\n  daily_cost: 5\n');
  await using books = await open({ limits: file });
  const refused = { code: 'permission_denied', message: new RegExp(`limit 1 comes from ${file}`) };
  await assert.rejects(books.limits.delete(1), refused);
  const same = { scope: 'GLOBAL', limitType: 'cost', max: '6', intervalUnit: 'day' };
  await assert.rejects(books.limits.set(same), refused);
  await assert.rejects(books.limits.setAll([{ ...same, intervalUnit: 'hour' }, same]), refused);
  assert.equal((await books.limits.list()).length, 1, 'none of several is set');
  rmSync(file);
  assert.equal((await books.limits.delete(1)).endedAt !== null, true);
});

test('a limit that a person set becomes the file’s', async (t) => {
  const { open, write } = setting(t);
  const file = write('limits.yaml', 'global:\n  daily_cost: 5\n');
  {
    await using books = await open({ limits: {} });
    await books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '5', intervalUnit: 'day' });
  }
  await using books = await open({ limits: file });
  assert.deepEqual(books.limits.synced, { file, count: 1, added: 0, changed: 1, ended: 0 });
  assert.deepEqual(
    (await books.limits.list()).map((limit) => [limit.id, limit.source]),
    [[1, 'file']],
  );
});

test('a program may say them itself, as it may the name of a file, in a configuration too', async (t) => {
  const { open, write } = setting(t);
  const said = async (options: OpenBooksOptions) => {
    await using books = await open(options);
    return (await books.limits.list()).map(describeLimit);
  };
  const ann = 'USER (username ann): $0.50 cost per day';
  assert.deepEqual(await said({ limits: { users: { ann: { daily_cost: 0.5 } } } }), [ann]);
  assert.deepEqual(
    await said({ limits: { users: { ann: { daily_cost: 0.5 } }, global: { daily_cost: 9 } } }),
    [ann, 'GLOBAL: $9.00 cost per day'],
  );
  assert.deepEqual(await said({ limits: {} }), [], 'what the program no longer says has ended');
  const inline = write('config.json', '{"limits": {"users": {"ann": {"daily_cost": "0.50"}}}}');
  assert.deepEqual(await said({ config: inline }), [ann]);
  write('team.yml', 'global: {daily_cost: 1}\n');
  const named = write('named.json', '{"limits": "team.yml"}');
  assert.deepEqual(await said({ config: named }), [ann, 'GLOBAL: $1.00 cost per day']);
  assert.deepEqual(await said({ environment: { NANOCENT_CONFIG: inline }, readOnly: true }), [
    ann,
    'GLOBAL: $1.00 cost per day',
  ]);
});

test('what is wrong in a file is said with its line before anything is changed', async (t) => {
  const { open, write } = setting(t);
  const rows: [string, RegExp][] = [
    ['global:\n  daily_cost: 5\n  hourly_requests: 1.5\n', /line 3, global\.hourly_requests: .*whole number/],
    ['global:\n  daily_cost: five\n', /line 2, global\.daily_cost: .*decimal/],
    ['global:\n  daily_tokens: 5\n  daily_total_tokens: 6\n', /line 3, .* is the same limit as line 2/],
    ['zone: Mars/Base\nglobal:\n  daily_cost: 5\n', /line 3, global\.daily_cost: .*Mars/],
    [
      'limits:\n  - {scope: GLOBAL, username: ann, type: cost, max: 1, interval: day}\n',
      /line 2, limits\[1\]: /,
    ],
    ['limits:\n  - {scope: TEAM, type: cost, max: 1, interval: day}\n', /line 2, .*scope "TEAM" is none of/],
    ['limits:\n  - {type: cost, max: 1, interval: dayly}\n', /line 2, .*interval-unit "dayly"/],
    ['limits:\n  - {type: cost, max: 1}\n', /line 2, .*interval-unit is missing/],
    ['limits:\n  - {type: cost, max: 1, interval: day, thresholds: [0]}\n', /line 2, .*threshold 0/],
    ['limits:\n  - {type: concurrent_requests, max: 1, interval: day}\n', /line 2, .*has no interval/],
    ['user:\n  ann: {daily_cost: 5}\n', /line 1, user is not known/],
  ];
  for (const [text, message] of rows) {
    const file = write('limits.yaml', text);
    await assert.rejects(open({ limits: file }), { code: 'config_invalid', message }, text);
  }
  await assert.rejects(open({ limits: 'nowhere.yaml' }), { code: 'file_not_found' });
  await using books = await open({ limits: {} });
  assert.deepEqual([(await books.limits.list()).length, (await books.verify()).lines], [0, 0]);
});
