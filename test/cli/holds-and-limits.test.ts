import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ledgerFile, nanocent, on } from './command-line.ts';

test('reserve, settle and void: ids for scripts, sentences for people', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  const id = (await run('reserve', '--usd', '1', '--model', 'gpt-4o')).trim();
  assert.equal(await run('settle', id, '--nanocents', '45000000'), 'settled: $0.00045 of $1.00 reserved\n');
  assert.equal(await run('settle', id, '--usd', '0.00045'), 'settled before: $0.00045 of $1.00 reserved\n');
  const other = await nanocent(['--db-file', file, 'settle', id, '--usd', '0.1']);
  assert.equal(other.code, 5);
  const second = JSON.parse(
    await run('reserve', '--nanocents', '50000000000', '--model', 'gpt-4o', '--json'),
  );
  assert.deepEqual([second.schema, second.state, second.usd], ['nanocent.reservation/1', 'open', '0.50']);
  assert.equal(await run('void', second.id), 'voided: $0.50 is free again\n');
  const over = (await run('reserve', '--usd', '0.10', '--model', 'gpt-4o')).trim();
  assert.match(
    await run('settle', over, '--usd', '0.75'),
    /\$0\.75 of \$0\.10 reserved, \$0\.65 more than was reserved/,
  );
  const missing = await nanocent(['--db-file', file, 'void', '01a20167-631a-7497-adfa-d130871b3199']);
  assert.equal(missing.code, 3);
  for (const wrong of [[], ['--usd', '1', '--nanocents', '1']]) {
    const said = await nanocent(['--db-file', file, 'reserve', '--model', 'gpt-4o', ...wrong]);
    assert.equal(said.code, 2);
  }
});

test('a limit refuses with exit 8, in words and as a document', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  const set = ['limits', 'set', '--scope', 'user', '--username', 'john_doe', '--limit-type', 'COST'];
  const text = await run(...set, '--max-value', '5.00', '--interval-unit', 'day', '--interval-value', '1');
  assert.equal(text, 'limit 1: USER (username john_doe): $5.00 cost per day\n');
  await run('reserve', '--usd', '4.50', '--model', 'gpt-4o', '--username', 'john_doe');
  const refused = await nanocent([
    '--db-file',
    file,
    'reserve',
    '--usd',
    '1',
    '--model',
    'm',
    '--username',
    'john_doe',
    '--json',
  ]);
  assert.equal(refused.code, 8);
  const [refusal] = JSON.parse(refused.out).refusals;
  assert.deepEqual(
    [refusal.limitId, refusal.max, refusal.used, refusal.held, refusal.requested],
    [1, '5.00', '0.00', '4.50', '1.00'],
  );
  assert.match(refused.err, /refused: USER \(username john_doe\) limit 1: \$5\.00 cost per day/);

  const check = await nanocent([
    '--db-file',
    file,
    'limits',
    'check',
    '--username',
    'john_doe',
    '--cost',
    '0.51',
    '--json',
  ]);
  assert.equal(check.code, 8);
  const document = JSON.parse(check.out);
  assert.deepEqual(
    [document.allowed, document.refusals.length, document.limits[0].remaining],
    [false, 1, '0.50'],
  );
  const fits = await nanocent([
    '--db-file',
    file,
    'limits',
    'check',
    '--username',
    'john_doe',
    '--cost',
    '0.50',
  ]);
  assert.equal(fits.code, 0);
  const other = JSON.parse(await run('limits', 'check', '--username', 'jane_doe', '--cost', '9', '--json'));
  assert.deepEqual([other.allowed, other.limits], [true, []]);
  const all = JSON.parse(await run('limits', 'check', '--json'));
  assert.deepEqual(
    all.limits.map((state: { held: string }) => state.held),
    ['4.50'],
  );

  assert.equal(JSON.parse(await run('limits', 'list', '--json')).limits.length, 1);
  assert.match(await run('limits', 'delete', '--id', '1'), /^ended limit 1/);
  assert.match(await run('limits', 'list'), /^no limits yet/);
  assert.equal((await nanocent(['--db-file', file, 'limits', 'delete', '--id', '1'])).code, 3);
});
