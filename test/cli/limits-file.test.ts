import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nanocent } from './command-line.ts';

test('limits.yaml of the working folder: found, said, kept in step, and changed nowhere else', async (t) => {
  const before = process.cwd();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'nanocent-cli-')));
  process.chdir(folder);
  t.after(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  });
  const write = (text: string) => writeFileSync('limits.yaml', text);
  const run = (...args: string[]) => nanocent(['--db-file', 'books.sqlite', ...args]);

  write('global:\n  daily_cost: 5\nusers:\n  ann:\n    daily_requests: 2\n');
  const first = await run('limits', 'list');
  assert.deepEqual(first.err.split('\n'), [
    'ledger books.sqlite (new)',
    'limits from limits.yaml: 2, 2 new',
    '',
  ]);
  assert.match(first.out, /GLOBAL +everyone +cost +\$5\.00 +per day +hard/);
  assert.match((await run('limits', 'list')).err, /limits from limits\.yaml: 2\n/);

  for (const args of [
    ['delete', '--id', '1'],
    ['set', '--global', 'daily_cost=6'],
  ]) {
    const refused = await run('limits', ...args);
    assert.equal(refused.code, 4);
    assert.match(refused.err, new RegExp(`limit 1 comes from ${join(folder, 'limits.yaml')}`));
  }
  assert.match((await run('limits', 'show')).out, /2 limits of limits\.yaml: 1, 2/);

  write('users:\n  ann:\n    daily_requests: 3\n');
  assert.match((await run('limits', 'list')).err, /limits from limits\.yaml: 1, 1 changed, 1 ended/);

  write('users:\n  ann:\n    dayly_requests: 3\n');
  const wrong = await run('tail');
  assert.equal(wrong.code, 2);
  assert.match(
    wrong.err,
    /limits\.yaml, line 3, users\.ann\.dayly_requests: .*\n +fix: did you mean daily_requests\?/,
  );
});
