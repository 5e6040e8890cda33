import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { ledgerFile, nanocent } from './command-line.ts';

test('price computes without a ledger; unknown and ambiguous models are named', async () => {
  const price = async (...args: string[]) => nanocent(['price', '--json', ...args]);
  const mini = JSON.parse((await price('--model', 'gpt-4o-mini', '--input', '1000', '--output', '500')).out);
  assert.deepEqual(
    [mini.schema, mini.provider, mini.nanocents, mini.usd],
    ['nanocent.price/1', 'openai', '45000000', '0.00045'],
  );
  for (const [at, nanocents] of [
    ['2025-02-07', '28000000'],
    ['2025-02-08', '82000000'],
  ]) {
    const past = await price(
      '--model',
      'deepseek-chat',
      '--provider',
      'deepseek',
      '--input',
      '1000',
      '--output',
      '500',
      '--at',
      at!,
    );
    assert.equal(JSON.parse(past.out).nanocents, nanocents);
  }
  const unknown = await nanocent(['price', '--model', 'gpt-4o-minni', '--input', '1']);
  assert.equal(unknown.code, 3);
  assert.match(unknown.err, /no price is known for gpt-4o-minni .*\n {2}fix: did you mean gpt-4o-mini/);
  assert.equal((await nanocent(['price', '--model', 'gpt-4o'])).code, 2);
});

test('read says what a response consumed and cost', async () => {
  const body = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'gpt-4o-mini-2024-07-18',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 },
  };
  const said = await nanocent(['read', '-', '--json'], { input: JSON.stringify(body) });
  assert.equal(said.code, 0, said.err);
  const reading = JSON.parse(said.out);
  assert.deepEqual(
    [reading.schema, reading.provider, reading.api, reading.basis, reading.usage.input, reading.usage.output],
    ['nanocent.reading/1', 'openai', 'chat.completions', 'provider', 1000, 500],
  );
  assert.deepEqual([reading.charge.nanocents, reading.unpriced, reading.items], ['45000000', null, []]);
  assert.equal((await nanocent(['read', '-'], { input: 'hello' })).code, 2);
  assert.equal((await nanocent(['read', 'no-such-file.json'])).code, 3);
});

test('prices list and show: rates as decimal text, with source and date', async () => {
  const list = JSON.parse(
    (await nanocent(['prices', 'list', '--provider', 'OpenAI', '--model', 'gpt-4o-mini', '--json'])).out,
  );
  const mini = list.prices.find((price: { model: string }) => price.model === 'gpt-4o-mini');
  assert.deepEqual(
    [mini.provider, mini.tiers[0].usdPerMillion.input, mini.tiers[0].usdPerMillion.output],
    ['openai', '0.15', '0.60'],
  );
  assert.match(mini.source.url, /^https:/);
  assert.match(mini.source.checked, /^\d{4}-\d\d-\d\d$/);
  const csv = (await nanocent(['prices', 'list', '--provider', 'openai', '--csv'])).out.split('\r\n');
  assert.match(csv[0]!, /^provider,model,inputUsdPerMillion,/);
  assert.ok(csv.length > 50);
  const past = await nanocent(['prices', 'show', 'deepseek-chat', '--provider', 'deepseek', '--json']);
  assert.ok(JSON.parse(past.out).prices.length > 1, 'one row a date');
  assert.match((await nanocent(['prices', 'show', 'gpt-4o'])).out, /^gpt-4o at openai\n(.*\n)+.*2\.50/);
  const wrong = await nanocent(['prices', 'list', '--provider', 'opanai']);
  assert.deepEqual([wrong.code, wrong.err.includes('did you mean openai?')], [3, true]);
});

test('prices diff classifies where another list disagrees; a malformed one is refused', async (t) => {
  const file = ledgerFile(t);
  const rows = [
    { id: 'gpt-4o-mini', vendor: 'openai', name: 'x', input: 0.15, output: 0.6, input_cached: 0.075 },
    { id: 'gpt-4o', vendor: 'openai', name: 'x', input: 99, output: 10, input_cached: null },
  ];
  writeFileSync(file, JSON.stringify({ updated_at: '2026-11-01', prices: rows }));
  const diff = JSON.parse((await nanocent(['prices', 'diff', file, '--json'])).out);
  assert.deepEqual([diff.schema, diff.compared, diff.agreeing], ['nanocent.pricesDiff/1', 2, 1]);
  const [found] = diff.disagreements;
  assert.deepEqual([found.model, found.unit, found.ours, found.theirs], ['gpt-4o', 'input', '2.50', '99.00']);
  assert.match((await nanocent(['prices', 'diff', file])).out, /gpt-4o +input +2\.50 +99\.00 /);
  writeFileSync(file, '{ "prices": [');
  const malformed = await nanocent(['prices', 'diff', file]);
  assert.equal(malformed.code, 2);
  assert.match(malformed.err, /books\.sqlite.* is not JSON/);
});
