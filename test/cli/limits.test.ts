import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ledgerFile, nanocent, on } from './command-line.ts';

test('limits of both first programs of this kind, several at once and one by options', async (t) => {
  const run = on(ledgerFile(t));
  assert.equal(await run('limits', 'show'), await run('limits', 'list'), 'the same help where there is none');
  assert.equal(
    await run(
      ...['limits', 'set', '--global', 'daily_tokens=150000', '--model', 'gpt-4', 'hourly_requests=75'],
      ...['--user', 'jane_doe', 'daily_requests=300', 'monthly_cost=20'],
    ),
    'limit 1: GLOBAL: 150000 total_tokens per day\n' +
      'limit 2: MODEL (model gpt-4): 75 requests per hour\n' +
      'limit 3: USER (username jane_doe): 300 requests per day\n' +
      'limit 4: USER (username jane_doe): $20.00 cost per month\n',
  );
  const again = JSON.parse(await run('limits', 'set', '--global', 'daily_tokens=200000', '--json'));
  assert.deepEqual(
    [again.schema, again.limits[0].id, again.limits[0].max],
    ['nanocent.limits/1', 1, '200000'],
  );
  const mixed = await run(
    'limits',
    'set',
    '--user',
    'ann',
    '--model',
    'gpt-4',
    'concurrent_requests=2',
    '--soft',
  );
  assert.equal(mixed, 'limit 5: USER (model gpt-4, username ann): 2 concurrent_requests, soft\n');
  const told = await run(
    ...[
      'limits',
      'set',
      '--limit-type',
      'cost',
      '--max-value',
      '3',
      '--interval-unit',
      'DAILY',
      '--user',
      'bob',
    ],
  );
  assert.equal(told, 'limit 6: USER (username bob): $3.00 cost per day\n');
});

test('nothing is set where one of several is wrong', async (t) => {
  const file = ledgerFile(t);
  const rows: [string[], RegExp][] = [
    [['daily_tokens=3'], /nothing says whom/],
    [['--global', '--user', 'ann', 'daily_cost=3'], /would narrow it/],
    [['--user', 'ann', '--user', 'bob', 'daily_cost=3'], /stands twice/],
    [['--global', 'daily_cost=1', '--user', 'ann', 'dayly_cost=3'], /did you mean daily_cost\?/],
    [['--user', 'ann', 'daily_cost'], /is no limit/],
    [['--user', 'ann', 'daily_cost=3', 'daily_cost=4'], /limit 2 is the same as one before it/],
    [['--user', 'ann', 'daily_cost=three'], /decimal number/],
    [['--global', 'daily_cost=1', '--user', 'ann', 'daily_requests=1.5'], /whole number/],
    [['--user', 'ann', 'daily_cost=3', '--user', 'bob'], /nothing is set for the last/],
    [['--user', 'ann', 'daily_cost=3', '--limit-type', 'cost'], /says again/],
    [['--user', 'ann', '--user', 'bob', '--limit-type', 'cost'], /given twice/],
    [['--limit-type', 'cost', '--max-value', '1'], /--scope is missing/],
  ];
  for (const [args, message] of rows) {
    const said = await nanocent(['--db-file', file, 'limits', 'set', ...args]);
    assert.equal(said.code, 2, args.join(' '));
    assert.match(said.err, message);
  }
  assert.match(await on(file)('limits', 'list'), /^no limits yet/);
});

test('limits show: what is used, held and left, and when that is used up', async (t) => {
  const run = on(ledgerFile(t));
  const days = Array.from({ length: 6 }, (_, day) =>
    new Date(Date.now() - (day + 1) * 86_400_000).toISOString(),
  );
  for (const at of days) {
    await run('track', '--model', 'm', '--username', 'ann', '--cost', '1', '--timestamp', at);
  }
  await run('limits', 'set', '--user', 'ann', 'lifetime_cost=8', 'monthly_rolling_requests=400');
  await run(
    'limits',
    'set',
    '--user',
    'bob',
    'monthly_cost=5',
    '--soft',
    '--threshold',
    '50',
    '--threshold',
    '80',
  );
  await run('reserve', '--usd', '0.50', '--model', 'm', '--username', 'ann');
  const document = JSON.parse(await run('limits', 'show', '--json', '--id', '1'));
  const [limit] = document.limits;
  const [counter] = limit.counters;
  assert.deepEqual(
    [document.schema, limit.id, counter.used, counter.held],
    ['nanocent.limits/1', 1, '6.00', '0.50'],
  );
  assert.deepEqual([counter.remaining, counter.forecast.known, counter.forecast.days], ['1.50', true, 5]);
  const daysLeft = (Date.parse(counter.forecast.at) - Date.now()) / 86_400_000;
  assert.ok(daysLeft > 1.49 && daysLeft <= 1.5, `${daysLeft}`);
  const text = await run('limits', 'show');
  assert.match(text, /username ann +cost in all +\$8\.00 +\$6\.00 +75% +\$0\.50 +\$1\.50 +– +in 3\d h/);
  assert.match(text, /username bob +cost\/month, soft/);
  assert.match(text, /limit 3 speaks at 50%, 80%/);
  assert.doesNotMatch(await run('limits', 'show', '--user', 'bob'), /username ann/);
  assert.equal(await run('limits', 'show', '--user', 'cat'), 'no limit covers that\n');
});

test('limits reset asks, sets back, and leaves usage and proof as they were', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  await run('limits', 'set', '--model', 'gpt-4', 'daily_cost=5', '--user', 'john_doe', 'daily_requests=2');
  await run('track', '--model', 'gpt-4', '--username', 'john_doe', '--cost', '4.50');
  await run('reserve', '--usd', '0.25', '--model', 'gpt-4');

  const nobody = await nanocent(['--db-file', file, 'limits', 'reset', '--model', 'gpt-4']);
  assert.deepEqual([nobody.code, nobody.out], [2, '']);
  const no = await nanocent(['--db-file', file, 'limits', 'reset', '--model', 'gpt-4'], {
    columns: 80,
    answer: 'n',
  });
  assert.match(
    no.err,
    /Set back \$4\.50 per day of limit 1 \(model gpt-4\)\? Usage and its cost stay\. \[y\/N\]/,
  );
  assert.deepEqual([no.code, no.out], [0, '']);

  const yes = await nanocent(['--db-file', file, 'limits', 'reset', '--model', 'gpt-4'], {
    columns: 80,
    answer: 'y',
  });
  assert.equal(yes.out, 'limit 1 (model gpt-4): $4.50 per day set back, $0.25 held stays\n');
  const document = JSON.parse(await run('limits', 'reset', '--user', 'john_doe', '--yes', '--json'));
  assert.deepEqual(document.counters, [
    { limitId: 2, type: 'requests', subject: { username: 'john_doe' }, setBack: '1', held: '0' },
  ]);
  assert.equal(await run('limits', 'reset', '--id', '2', '--yes'), 'nothing is used: nothing to set back\n');

  const stats = JSON.parse(await run('stats', '--daily', '--json'));
  assert.deepEqual([stats.totals.calls, stats.totals.usd], [1, '4.50']);
  assert.match(await run('verify'), /agree|balanced|✔/i);
  assert.equal((await nanocent(['--db-file', file, 'limits', 'reset', '--yes'])).code, 2);
  assert.equal((await nanocent(['--db-file', file, 'limits', 'reset', '--id', '9', '--yes'])).code, 3);
});

test('limits raise: a way out of a refusal, for a while, with its reason', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  await run('limits', 'set', '--user', 'ann', 'daily_cost=5');
  await run('track', '--model', 'm', '--username', 'ann', '--cost', '4.50');
  const reserve = ['reserve', '--usd', '1', '--model', 'm', '--username', 'ann'];
  const refused = await nanocent(['--db-file', file, ...reserve]);
  assert.equal(refused.code, 8);
  assert.match(refused.err, /\$4\.50 spent, \$0\.00 held, \$1\.00 asked; resets /);
  assert.match(refused.err, /raise with: nanocent limits raise --id 1 --to 5\.50 --for 2h --reason "…"/);
  const raise = ['limits', 'raise', '--id', '1', '--to', '5.50', '--for', '2h', '--reason', 'release night'];
  assert.match(
    await run(...raise),
    /^limit 1: USER \(username ann\): \$5\.00 cost per day, raised to \$5\.50 until /,
  );
  const held = JSON.parse(await run(...reserve, '--json'));
  assert.deepEqual(
    held.remaining.map((state: { limitId: number; max: string; held: string; remaining: string }) => [
      state.limitId,
      state.max,
      state.held,
      state.remaining,
    ]),
    [[1, '5.50', '1.00', '0.00']],
  );
  assert.match(
    await run('limits', 'show'),
    /\$5\.50 .*\n\nlimit 1 is raised to \$5\.50 until .*: release night\n/,
  );
  assert.match(await run('limits', 'list'), /\$5\.00, now \$5\.50/);
  const [limit] = JSON.parse(await run('limits', 'list', '--json')).limits;
  assert.deepEqual(
    [limit.max, limit.raises[0].max, limit.raises[0].reason],
    ['5.00', '5.50', 'release night'],
  );
  const rows: [string[], RegExp][] = [
    [['--id', '1', '--to', '5', '--for', '2h', '--reason', 'x'], /allows 5 already/],
    [['--id', '1', '--to', '9', '--reason', 'x'], /how long/],
    [['--id', '1', '--to', '9', '--for', '2 hours', '--reason', 'x'], /no stretch of time/],
    [['--id', '1', '--to', '9', '--until', '2020-01-01', '--reason', 'x'], /over already/],
    [['--id', '1', '--to', '9', '--for', '1h'], /--reason is missing/],
    [['--id', '1', '--to', 'nine', '--for', '1h', '--reason', 'x'], /decimal/],
  ];
  for (const [args, message] of rows) {
    const said = await nanocent(['--db-file', file, 'limits', 'raise', ...args]);
    assert.equal(said.code, 2, said.err);
    assert.match(said.err, message);
  }
  const missing = ['limits', 'raise', '--id', '9', '--to', '9', '--for', '1h', '--reason', 'x'];
  assert.equal((await nanocent(['--db-file', file, ...missing])).code, 3);
  assert.match(await run('verify'), /agree|balanced|✔/i);
});
