import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { ledgerFile, nanocent, on } from './command-line.ts';

async function events(file: string) {
  const { events: found } = JSON.parse(await on(file)('audit', 'list', '--json'));
  return found.map(({ type, username, promptText }: Record<string, string>) => ({
    type,
    username,
    promptText,
  }));
}

test('what the command line changes is in the audit log, with who did it', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  await run(
    'limits',
    'set',
    '--scope',
    'USER',
    '--user',
    'ann',
    '--limit-type',
    'cost',
    '--max-value',
    '5',
    '--interval-unit',
    'day',
  );
  await run('limits', 'raise', '--id', '1', '--to', '9', '--for', '2h', '--reason', 'month end');
  await run('limits', 'list');
  await run('grants', 'add', '--user', 'bob', '--usd', '20');
  const by = { type: 'command', username: userInfo().username };
  assert.deepEqual(await events(file), [
    { ...by, promptText: 'grants add --username bob --usd 20' },
    { ...by, promptText: 'limits raise --id 1 --to 9 --for 2h --reason "month end"' },
    {
      ...by,
      promptText:
        'limits set --scope USER --username ann --limit-type cost --max-value 5 --interval-unit day',
    },
  ]);
});

test('what was refused, wrong or declined is not, and neither is an address', async (t) => {
  const file = ledgerFile(t);
  await on(file)('track', '--model', 'm', '--cost', '1');
  const wrong = await nanocent(['--db-file', file, 'limits', 'delete', '--id', '7']);
  assert.notEqual(wrong.code, 0);
  const unasked = await nanocent(['--db-file', file, 'purge']);
  assert.equal(unasked.code, 2);
  assert.deepEqual(await events(file), []);
  await nanocent(['--db-url', `sqlite:${file}`, 'purge', '--yes']);
  assert.deepEqual(
    (await events(file)).map(({ promptText }: { promptText: string }) => promptText),
    ['purge --yes'],
  );
});
