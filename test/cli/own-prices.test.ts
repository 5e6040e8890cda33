import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { ledgerFile, nanocent } from './command-line.ts';

const credits = {
  models: [
    {
      provider: 'gemini',
      model_id: 'gemini-1.5-flash',
      tiers: [
        { max_tokens: 128_000, input_cost: 7, output_cost: 30 },
        { max_tokens: null, input_cost: 15, output_cost: 60 },
      ],
    },
    { model: 'house-model', rates: { input: '1', output: '2' } },
  ],
  adjustments: [
    { provider: 'my-proxy', markup: '2.5%' },
    { provider: 'anthropic', discount: '10%' },
  ],
  basedOn: { 'my-proxy': 'openai' },
};

/** A ledger's name and a file of own prices beside it. */
function written(t: TestContext, value: unknown, name = 'prices.json'): { ledger: string; file: string } {
  const ledger = ledgerFile(t);
  const file = join(dirname(ledger), name);
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return { ledger, file };
}

async function priced(args: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  const said = await nanocent(['price', ...args, '--json'], { environment });
  assert.equal(said.code, 0, said.err);
  return JSON.parse(said.out).nanocents;
}

test('credits, markup and discount of a prices file hold on the command line, by option or environment', async (t) => {
  const { file } = written(t, credits);
  const flash = ['--model', 'gemini-1.5-flash', '--provider', 'google', '--output', '1000'];
  assert.equal(await priced([...flash, '--input', '128000', '--prices', file]), '926000000');
  assert.equal(await priced([...flash, '--input', '128001', '--prices', file]), '1980015000');
  assert.equal(await priced([...flash, '--input', '128000'], { NANOCENT_PRICES: file }), '926000000');
  const mini = ['--model', 'gpt-4o-mini', '--input', '1000', '--output', '500'];
  assert.equal(await priced([...mini, '--prices', file]), '45000000');
  assert.equal(await priced([...mini, '--provider', 'my-proxy', '--prices', file]), '46125000', '2.5 % more');
  const claude = ['--model', 'claude-sonnet-4-5', '--input', '1000'];
  assert.equal(await priced(claude), '300000000');
  assert.equal(await priced([...claude, '--prices', file]), '270000000', '10 % less');
});

test('the root prices of a configuration holds too, and gives way to a prices file', async (t) => {
  const { file } = written(t, { prices: credits }, 'nanocent.config.json');
  const house = ['--model', 'house-model', '--input', '1000'];
  assert.equal(await priced([...house, '--config', file]), '100000000');
  assert.equal(await priced(house, { NANOCENT_CONFIG: file }), '100000000');
  const other = written(t, { models: [{ model: 'house-model', rates: { input: '3' } }] });
  assert.equal(await priced([...house, '--config', file, '--prices', other.file]), '300000000');
});

test('track, read and explain price by the same own prices; whoever serves a model stays unknown', async (t) => {
  const { ledger, file } = written(t, credits);
  const on = ['--db-file', ledger, '--prices', file];
  const tracked = await nanocent([
    ...on,
    ...['track', '--model', 'house-model', '--prompt-tokens', '1000', '--completion-tokens', '500', '--json'],
  ]);
  const entry = JSON.parse(tracked.out);
  assert.deepEqual([entry.nanocents, entry.provider, entry.costSource], ['200000000', null, 'priced']);
  assert.match(entry.priceId, /^\*\/house-model@0#own:/);
  const explained = JSON.parse((await nanocent([...on, 'explain', 'last', '--json'])).out);
  assert.deepEqual(
    [explained.price.source.name, explained.price.source.url],
    ['own', file],
    'the charge names the file',
  );
  const body = JSON.stringify({
    object: 'chat.completion',
    model: 'house-model',
    choices: [],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  });
  const read = await nanocent([...on, 'read', '-', '--json'], { input: body });
  assert.equal(JSON.parse(read.out).charge.nanocents, '2000000');
});

test('what is wrong is named with file, entry and field, and nothing is booked', async (t) => {
  const { ledger, file } = written(t, { models: [{ model: 'm', rates: { input: 'cheap' } }] });
  const call = ['--db-file', ledger, 'track', '--model', 'gpt-4o', '--prompt-tokens', '1'];
  const said = await nanocent([...call, '--prices', file]);
  assert.equal(said.code, 2);
  assert.match(said.err, new RegExp(`${file}, entry models\\[0\\] \\(m\\)\\.rates, field input is no price`));
  const cases: [unknown, string, RegExp, number][] = [
    ['{', 'a.json', /is not JSON/, 2],
    [{ modles: [] }, 'b.json', /field modles is not known here/, 2],
  ];
  for (const [value, name, message, code] of cases) {
    const wrong = written(t, value, name);
    const refused = await nanocent([...call, '--prices', wrong.file]);
    assert.deepEqual([refused.code, refused.out], [code, '']);
    assert.match(refused.err, message);
  }
  const missing = await nanocent([...call, '--prices', join(dirname(ledger), 'none.json')]);
  assert.equal(missing.code, 3);
  const configured: [unknown, string, RegExp][] = [
    [{ select: {} }, 'c.json', /c\.json, line 1, select is not read by this version/],
    [{ price: {} }, 'd.json', /d\.json, line 1, price is not known\n {2}fix: did you mean prices\?/],
    [[], 'e.json', /is not a table of settings/],
    ['prices: 7', 'f.yaml', /line 1, prices is 7/],
    ['prices: {}', 'f.toml', /is no configuration/],
  ];
  for (const [value, name, message] of configured) {
    const wrong = written(t, value, name);
    const refused = await nanocent([...call, '--config', wrong.file]);
    assert.equal(refused.code, 2, name);
    assert.match(refused.err, message);
  }
  assert.ok(!existsSync(ledger), 'not even a ledger was made');
});

test('the library takes the object; a price for models without one replaces unpriced', async () => {
  await using books = await openBooks({
    store: 'memory',
    environment: {},
    prices: { ...credits, unpriced: { rates: { input: '10', output: '20' } } },
  });
  const flash = await books.track({
    model: 'gemini-1.5-flash',
    provider: 'google',
    promptTokens: 128_001,
    completionTokens: 1_000,
  });
  assert.equal(flash.entry.nanocents, 1_980_015_000n);
  const unheard = await books.track({ model: 'unheard-of', promptTokens: 1_000, completionTokens: 1_000 });
  assert.deepEqual([unheard.entry.nanocents, unheard.entry.provider], [3_000_000_000n, null]);
  assert.match(unheard.entry.priceId!, /^\*\/\*@0#own:/);
  await assert.rejects(
    openBooks({ store: 'memory', environment: {}, prices: { unpriced: 'free' } }),
    /entry prices, field unpriced is none of its values/,
  );
});
