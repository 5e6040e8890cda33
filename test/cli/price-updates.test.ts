import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fetchPrices } from '../../src/cli/price-source.ts';
import { ledgerFile, nanocent } from './command-line.ts';

const mini = { vendor: 'openai', id: 'gpt-4o-mini', name: '', input: 0.2, output: 0.6, input_cached: 0.075 };

/** A user's data folder of its own, and a way to write price files. */
function user(t: TestContext) {
  const folder = dirname(ledgerFile(t));
  const environment = { XDG_DATA_HOME: folder };
  return {
    stored: () => readdirSync(join(folder, 'nanocent/prices')).sort(),
    folder: join(folder, 'nanocent/prices'),
    list: (...prices: object[]) => {
      const file = join(folder, 'list.json');
      writeFileSync(file, JSON.stringify({ prices }));
      return file;
    },
    run: (...args: string[]) => nanocent(args, { environment }),
    price: async (...args: string[]) => {
      const said = await nanocent(['price', '--model', 'gpt-4o-mini', '--json', ...args], { environment });
      assert.equal(said.code, 0, said.err);
      return JSON.parse(said.out);
    },
  };
}

test('an update is a dated layer: later commands use it, earlier calls keep their price', async (t) => {
  const { run, list, price, stored, folder } = user(t);
  assert.equal((await price('--input', '1000')).nanocents, '15000000');
  const said = await run('prices', 'update', list(mini));
  assert.equal(said.code, 0, said.err);
  assert.match(said.out, /gpt-4o-mini {2}input {4}0\.15 {3}0\.20/);
  assert.match(said.err, /stored in .*llm-prices\.json/);
  assert.equal(stored().length, 1);
  assert.equal(statSync(join(folder, stored()[0]!)).mode & 0o777, 0o600);
  const now = await price('--input', '1000');
  assert.equal(now.nanocents, '20000000');
  assert.match(now.priceId, /#llm-prices:/);
  assert.equal((await price('--input', '1000', '--at', '2026-01-01')).nanocents, '15000000');
  assert.equal((await price('--input', '1000', '--tier', 'batch')).nanocents, '7500000', 'not in the file');
  const shown = JSON.parse((await run('prices', 'show', 'gpt-4o-mini', '--json')).out);
  assert.deepEqual(
    shown.prices.map((one: { source: { name: string } }) => one.source.name),
    ['llm-prices', 'genai-prices'],
  );
  const again = await run('prices', 'update', list(mini));
  assert.match(again.err, /nothing to take over/);
  assert.equal(stored().length, 1);
});

test('a second update goes before the first, which stays', async (t) => {
  const { run, list, price, stored } = user(t);
  assert.equal((await run('prices', 'update', list(mini))).code, 0);
  assert.equal((await run('prices', 'update', list({ ...mini, input: 0.3 }))).code, 0);
  assert.equal((await price('--input', '1000')).nanocents, '30000000');
  assert.equal(stored().length, 2);
});

test('more than five times needs a yes: exit 2 with the list, and nothing stored', async (t) => {
  const { run, list, price, stored, folder } = user(t);
  const file = list({ ...mini, input: 0.76 });
  const said = await run('prices', 'update', file);
  assert.equal(said.code, 2);
  assert.match(said.err, /1 rate would move more than five times; nothing was stored/);
  assert.match(said.err, /openai\/gpt-4o-mini input: \$0\.15 to \$0\.76/);
  assert.throws(() => readdirSync(folder), /ENOENT/);
  const document = JSON.parse((await run('prices', 'update', file, '--json')).out);
  assert.deepEqual(
    [document.schema, document.stored, document.moves],
    [
      'nanocent.pricesUpdate/1',
      null,
      [
        {
          provider: 'openai',
          model: 'gpt-4o-mini',
          unit: 'input',
          beforeUsdPerMillion: '0.15',
          afterUsdPerMillion: '0.76',
        },
      ],
    ],
  );
  assert.equal((await run('prices', 'update', file, '--yes')).code, 0);
  assert.equal(stored().length, 1);
  assert.equal((await price('--input', '1000')).nanocents, '76000000');
});

test('LiteLLM’s file is found out by its shape; a file that is neither, or wrong, is refused whole', async (t) => {
  const { run, list, price, folder } = user(t);
  const file = list();
  writeFileSync(
    file,
    JSON.stringify({
      'gpt-4o-mini': { litellm_provider: 'openai', input_cost_per_token: 2e-7, output_cost_per_token: 6e-7 },
    }),
  );
  assert.equal((await run('prices', 'update', file)).code, 0);
  assert.equal((await price('--input', '1000')).nanocents, '20000000');
  const cases: [string, RegExp][] = [
    ['{}', /is no price file that is known here/],
    ['<html>', /is no price file that is known here/],
    ['{"prices":[]}', /has no list of prices/],
    [
      JSON.stringify({ prices: [{ ...mini, input: 200_000 }] }),
      /entry gpt-4o-mini, field input is not a believable/,
    ],
    [JSON.stringify({ prices: [{ ...mini, output: '-1' }] }), /entry gpt-4o-mini, field output is no price/],
    [JSON.stringify({ prices: [mini, { ...mini, input: 0.3 }] }), /has two prices for the same time/],
  ];
  for (const [text, message] of cases) {
    writeFileSync(file, text);
    const said = await run('prices', 'update', file, '--yes');
    assert.deepEqual([said.code, said.out], [2, ''], text);
    assert.match(said.err, message);
  }
  assert.equal(readdirSync(folder).length, 1, 'only the good one');
  assert.equal((await run('prices', 'update', join(folder, 'none.json'))).code, 3);
  assert.match((await run('prices', 'update', 'http://prices.example/x')).err, /is no https address/);
});

test('a stored update that was damaged is named, and nothing is priced without it', async (t) => {
  const { run, list, folder, stored } = user(t);
  mkdirSync(folder, { recursive: true });
  await run('prices', 'update', list(mini));
  writeFileSync(join(folder, stored()[0]!), '{');
  const said = await run('price', '--model', 'gpt-4o-mini', '--input', '1');
  assert.equal(said.code, 2);
  assert.match(said.err, /llm-prices\.json is no stored price update/);
  assert.match(said.err, /move the file away/i);
});

test('prices diff says why two lists differ, with ours decided where it is off the provider’s page', async (t) => {
  const { run, list } = user(t);
  const file = list(
    { vendor: 'openai', id: 'o3', input: 10, output: 40 },
    { vendor: 'openai', id: 'gpt-4o', input: 2.5, output: 10 },
    { vendor: 'anthropic', id: 'claude-sonnet-4-5', input: 0.0003, output: 15 },
    { vendor: 'mistral', id: 'no-such-model', input: 1, output: 1 },
  );
  const document = JSON.parse((await run('prices', 'diff', file, '--json')).out);
  assert.deepEqual(
    [document.compared, document.agreeing, document.onlyTheirs],
    [3, 1, ['mistral/no-such-model']],
  );
  assert.deepEqual(
    document.disagreements.map((one: Record<string, unknown>) => [
      one.model,
      one.unit,
      one.kind,
      one.decided,
    ]),
    [
      ['o3', 'input', 'stale', 'ours'],
      ['o3', 'output', 'stale', 'ours'],
      ['claude-sonnet-4-5', 'input', 'unit', 'open'],
    ],
  );
  const csv = (await run('prices', 'diff', file, '--csv', '--provider', 'anthropic')).out.split('\r\n');
  assert.match(csv[1]!, /^anthropic,claude-sonnet-4-5,0,input,3\.00,0\.0003,unit,/);
});

test('an address: https only, bounded, and never on to another host', async () => {
  const answers = (all: Record<string, Response>) => async (url: unknown) => {
    const answer = all[String(url)];
    if (answer === undefined) throw new TypeError('fetch failed');
    return answer;
  };
  const to = (location: string) => new Response(null, { status: 302, headers: { location } });
  const read = (all: Record<string, Response>) =>
    fetchPrices('https://prices.example/list', answers(all) as typeof fetch);
  const first = 'https://prices.example/list';
  assert.equal(await read({ [first]: new Response('{}') }), '{}');
  assert.equal(
    await read({ [first]: to('/v1'), 'https://prices.example/v1': new Response('{"a":1}') }),
    '{"a":1}',
  );
  await assert.rejects(
    read({ [first]: to('https://elsewhere.example/v1') }),
    /sends on to https:\/\/elsewhere\.example/,
  );
  await assert.rejects(
    read({ [first]: to('http://prices.example/v1') }),
    /sends on to http:\/\/prices\.example/,
  );
  await assert.rejects(read({ [first]: new Response('no', { status: 404 }) }), /answered with status 404/);
  await assert.rejects(read({}), /did not answer/);
  const large = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1_000_000)),
  });
  await assert.rejects(read({ [first]: new Response(large) }), /is larger than 32000000 bytes/);
  await assert.rejects(
    fetchPrices('https://user:word@prices.example/list'),
    /holds no password|no https address/,
  );
});
