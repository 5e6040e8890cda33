import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ledgerFile, nanocent, on } from './command-line.ts';

test('an allowance: set, used, spent, shown, in words and as documents', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  assert.match(await run('allowances', 'list'), /no allowances yet/);
  assert.equal(
    await run('allowances', 'set', '--provider', 'gemini', '--daily', '100000'),
    'allowance 1: provider gemini: $0.001 (100000 credits) each day (UTC)\n',
  );
  const track = ['track', '--model', 'gemini-2.5-flash', '--provider', 'gemini', '--prompt-tokens', '1000'];
  await run(...track, '--completion-tokens', '100', '-q');
  const reserve = ['--db-file', file, 'reserve', '--model', 'm', '--provider', 'gemini', '--nanocents'];
  const refused = await nanocent([...reserve, '45000001']);
  assert.equal(refused.code, 8);
  assert.match(refused.err, /PROVIDER \(provider gemini\) allowance 1: \$0\.001 cost per day exceeded/);
  assert.equal((await nanocent([...reserve, '45000000'])).code, 0);
  assert.equal((await nanocent([...reserve, '1'])).code, 8);

  const shown = await run('allowances', 'show', '--provider', 'gemini', '--model', 'gemini-2.5-flash');
  assert.match(shown, /left {3}\$0\.00 \(0 credits\)/);
  assert.match(shown, /used {3}\$0\.00055, and \$0\.00045 held for calls in flight/);
  assert.match(shown, /gemini-2\.5-flash: 0 input tokens, or 0 output tokens/);
  const { schema, allowances } = JSON.parse(await run('allowances', 'list', '--json'));
  assert.equal(schema, 'nanocent.allowances/1');
  const [{ id, provider, every, zone, remaining, used, held }] = allowances;
  assert.deepEqual([id, provider, every, zone], [1, 'gemini', 'day', 'UTC']);
  assert.deepEqual([remaining.credits, used.nanocents, held.usd], ['0', '55000000', '0.00045']);
  assert.match(await run('allowances', 'list', '--csv'), /^id,subject,every,amount,.*\r\n1,/);
});

test('tokens left of each model that is named; without a price unknown', async (t) => {
  const run = on(ledgerFile(t));
  await run('allowances', 'set', '--username', '*', '--daily', '0.30', '--usd');
  const shown = await run(
    ...['allowances', 'show', '--username', 'new', '--model', 'gemini-2.5-flash', '--model', 'nope'],
  );
  assert.match(shown, /^allowance 1: username new\n {2}gives {2}\$0\.30 each day/);
  assert.match(shown, /gemini-2\.5-flash: 1,000,000 input tokens, or 120,000 output tokens\n/);
  assert.match(shown, /nope: unknown, no price is known for nope\n/);
});

test('every 24 hours, once, and an end', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  assert.match(
    await run('allowances', 'set', '--project', 'trial', '--once', '5', '--usd'),
    /\$5\.00 .* once\n$/,
  );
  assert.match(
    await run('allowances', 'set', '--purpose', 'chat', '--daily', '1', '--every-24h'),
    /every 24 hours\n$/,
  );
  assert.match(await run('allowances', 'delete', '--id', '1'), /^ended allowance 1: project trial/);
  assert.equal((await nanocent(['--db-file', file, 'allowances', 'delete', '--id', '1'])).code, 3);
  assert.equal((await nanocent(['--db-file', file, 'allowances', 'show', '--id', '1'])).code, 3);
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /--daily is missing/],
    [['--daily', '1', '--once', '1'], /exclude each other/],
    [['--daily', '1', '--usd', '--credits'], /exclude each other/],
    [['--once', '1', '--every-24h'], /never filled up/],
    [['--daily', '1', '--every-24h', '--zone', 'UTC'], /has no zone/],
    [['--daily', 'much'], /not a plain decimal/],
    [['--daily', '1', '--zone', 'Mars/Base'], /Mars\/Base/],
  ];
  for (const [options, said] of wrong) {
    const { code, err } = await nanocent(['--db-file', file, 'allowances', 'set', ...options]);
    assert.equal(code, 2, options.join(' '));
    assert.match(err, said);
  }
});

test('the list fits narrow terminals', async (t) => {
  const file = ledgerFile(t);
  await on(file)('allowances', 'set', '--username', '*', '--daily', '0.30', '--usd');
  for (const columns of [40, 60, 80, 120]) {
    const { out } = await nanocent(['--db-file', file, 'allowances', 'list', '--no-color'], { columns });
    for (const line of out.split('\n')) assert.ok(line.length <= columns, `${columns}: ${line}`);
    assert.match(out, /\$0\.30/);
  }
});
