import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ledgerFile, nanocent, on } from './command-line.ts';

test('prepaid credit: added once, spent over two grants, refused when empty, refunded once', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  assert.match(await run('grants', 'list'), /no grants yet/);
  const order = ['grants', 'add', '--user', 'u42', '--usd', '20', '--reference', 'order-17'];
  assert.equal(await run(...order), 'grant 1: $20.00 for username u42\n');
  assert.equal(await run(...order), 'grant 1: $20.00 for username u42 (added before)\n');
  const other = await nanocent(['--db-file', file, ...order.with(5, '21')]);
  assert.equal(other.code, 5);
  await run('grants', 'add', '--user', 'u42', '--usd', '5', '--expires', '2999-01-01', '--priority', '-1');
  const id = (await run('reserve', '--usd', '6', '--model', 'gpt-4o', '--username', 'u42', '-q')).trim();
  const shown = await run('grants', 'list', '--user', 'u42');
  assert.match(shown, /\n 2 {2}username u42 {2}live +\$5\.00 +\$0\.00 +\$5\.00 +\$0\.00 +-1 +2999-01-01/);
  assert.match(shown, /\n 1 {2}username u42 {2}live +\$20\.00 +\$0\.00 +\$1\.00 +\$19\.00/);
  assert.match(shown, /\$19\.00 left of \$25\.00, \$6\.00 held for calls in flight\n$/);
  const refused = await nanocent([
    '--db-file',
    file,
    'reserve',
    '--usd',
    '25',
    '--model',
    'm',
    '--user',
    'u42',
    '--json',
  ]);
  assert.equal(refused.code, 8);
  assert.match(refused.err, /USER \(username u42\) prepaid credit 1: \$25\.00/);
  assert.equal(JSON.parse(refused.out).refusals[0].resetsAt, null);
  await run('settle', id, '--usd', '5.5');
  assert.equal(await run('grants', 'refund', '1'), 'refunded: $19.50 of grant 1: $20.00 for username u42\n');
  assert.match(await run('grants', 'refund', '1'), /^refunded before: \$19\.50 of grant 1/);
  const { schema, grants, balance } = JSON.parse(await run('grants', 'list', '--user', 'u42', '--json'));
  assert.equal(schema, 'nanocent.grants/1');
  assert.deepEqual(
    grants.map((grant: { id: number; state: string; spent: { usd: string } }) => [
      grant.id,
      grant.state,
      grant.spent.usd,
    ]),
    [
      [2, 'spent', '5.00'],
      [1, 'refunded', '0.50'],
    ],
  );
  assert.equal(balance.available.usd, '0.00');
  assert.match(await run('verify'), /./);
});

test('grants: what is not there, and what is missing', async (t) => {
  const file = ledgerFile(t);
  assert.match(await on(file)('grants', 'list', '--user', 'nobody'), /not limited by prepaid credit/);
  const wrong: readonly (readonly [readonly string[], number])[] = [
    [['add', '--usd', '1'], 2],
    [['add', '--user', 'a'], 2],
    [['add', '--user', 'a', '--project', 'b', '--usd', '1'], 2],
    [['add', '--user', 'a', '--usd', '0'], 2],
    [['add', '--user', 'a', '--usd', '1', '--expires', '2001-01-01'], 2],
    [['add', '--user', 'a', '--usd', '1', '--priority', 'high'], 2],
    [['refund', 'x'], 2],
    [['refund', '9'], 3],
  ];
  for (const [words, expected] of wrong) {
    const { code } = await nanocent(['--db-file', file, 'grants', ...words]);
    assert.equal(code, expected, words.join(' '));
  }
});

test('the list fits narrow terminals', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  await run(
    'grants',
    'add',
    '--user',
    'somebody_with_a_long_name',
    '--usd',
    '1234.56',
    '--reference',
    'order-17',
  );
  for (const columns of [40, 60, 80, 120]) {
    const { out } = await nanocent(['--db-file', file, 'grants', 'list', '--no-color'], { columns });
    for (const line of out.split('\n')) assert.ok(line.length <= columns, `${columns}: ${line}`);
    assert.match(out, /1,234\.56/);
  }
});
