import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { describeLimit } from '../../src/cli/limit-words.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { openBooks } from '../../src/index.ts';

// The texts as the documents of the programs before print them.

/** Opens books in memory with this text as their configuration. */
async function opened(t: TestContext, name: string, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-seeds-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, name);
  writeFileSync(file, text);
  return openBooks({ store: 'memory', config: file, environment: {}, background: false });
}

test('datasette-llm-usage: allowances by provider, prices in credits by tier', async (t) => {
  await using books = await opened(
    t,
    'datasette.yaml',
    `plugins:
  datasette-llm-usage:
    allowances:
    - provider: gemini
      daily_reset_amount: 100000
    models:
    - provider: gemini
      model_id: gemini-1.5-flash
      tiers:
      - max_tokens: 128000
        input_cost: 7
        output_cost: 30
      - max_tokens: null
        input_cost: 15
        output_cost: 60
`,
  );
  // 100,000 credits of 1,000 nanocents: a tenth of a cent each day.
  const [allowance] = await books.allowances.list();
  assert.equal(allowance?.max, 100_000_000n);
  const call = { provider: 'gemini', model: 'gemini-1.5-flash' };
  const { entry } = await books.track({ ...call, promptTokens: 1, completionTokens: 19 });
  assert.equal(entry.nanocents, 577_000n, '577 credits, where the plug-in counted 576');
  const [state] = await books.allowances.state({ provider: allowance.selector.provider! });
  assert.deepEqual([state?.used, state?.remaining], [577_000n, 99_423_000n]);
  const charged = async (promptTokens: number) =>
    (await books.track({ ...call, promptTokens, completionTokens: 1 })).entry.nanocents;
  assert.equal(await charged(128_000), 896_030_000n, 'the lower tier up to its bound');
  assert.equal(await charged(128_001), 1_920_075_000n, 'the higher one for everything above it');
  const refused = await books.reserve({ ...call, nanocents: 1n });
  assert.equal(refused.outcome, 'refused');
});

test('datasette-llm-usage: its database is told not to be used', async (t) => {
  const text = 'plugins:\n  datasette-llm-usage:\n    database: your_database_name\n';
  await using books = await opened(t, 'datasette.yaml', text);
  assert.match(books.settings.warnings.join(), /datasette-llm-usage\.database is not used/);
});

test('datasette-llm and log_prompts: a key in the file, with a warning, and a prompt log', async (t) => {
  await using books = await opened(
    t,
    'datasette.json',
    `{
"plugins": {
"datasette-llm": {
"openai-api-key": "sk-..."
},
"datasette-llm-usage": {
"log_prompts": true
}
}
}`,
  );
  const answer = {
    ...{ id: 'c', object: 'chat.completion', model: 'gpt-4o-mini' },
    choices: [{ index: 0, message: { role: 'assistant', content: 'Ahoy' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 },
  };
  const metered = books.fetch({ fetch: async () => Response.json(answer) });
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] });
  await (await metered('https://api.openai.com/v1/chat/completions', { method: 'POST', body })).text();
  await books.prompts.flush();
  assert.deepEqual(
    (await books.prompts.rows({ from: null, to: null, limit: 9 })).map(({ model, response }) => [
      model,
      response,
    ]),
    [['gpt-4o-mini', 'Ahoy']],
  );
  assert.deepEqual(
    books.settings.providers().map(({ name, api, key }) => [name, api, key]),
    [['openai', 'openai', 'sk-...']],
  );
  assert.match(
    books.settings.warnings.join(),
    /^plugins\.datasette-llm\.openai-api-key stands in .*datasette\.json/,
  );
});

test('datasette-llm: default model, lists, and both by purpose', async (t) => {
  await using books = await opened(
    t,
    'datasette.yml',
    `plugins:
  datasette-llm:
    default_model: gpt-4o-mini
    models: [gpt-4o-mini, gpt-4o]
    blocked_models: [o1-preview]
    purposes:
      sql-assistant:
        model: gpt-4o
        models: [gpt-4o]
        blocked_models: [gpt-4o-mini]
`,
  );
  const { models } = books.settings;
  assert.deepEqual(models, {
    default: 'gpt-4o-mini',
    allow: ['gpt-4o-mini', 'gpt-4o'],
    block: ['o1-preview'],
  });
  assert.deepEqual(books.settings.purposes(), {
    'sql-assistant': { default: 'gpt-4o', allow: ['gpt-4o'], block: ['gpt-4o-mini'] },
  });
});

for (const [what, settings, expected] of [
  ['USD', 'auto_reservation_usd: 0.29', 29_000_000_000n],
  ['nanocents before USD', 'auto_reservation_usd: 9\n    auto_reservation_nanocents: 7', 7n],
  ['the default of groups, alone', 'default_reservation_usd: 0.10', 10_000_000_000n],
  ['both', 'auto_reservation_usd: 0.10\n    default_reservation_usd: 2', 10_000_000_000n],
  ['neither', 'models: {}', 50_000_000_000n],
] as const) {
  test(`datasette-llm-accountant: what is set aside for a prompt, ${what}`, async (t) => {
    const text = `plugins:
  datasette-llm-accountant:
    ${settings}
    purposes:
      chat:
        reservation_usd: 5
`;
    await using books = await opened(
      t,
      'datasette.yaml',
      what === 'neither' ? text : `${text}    models:\n      gpt-4o: { reservation_nanocents: 11 }\n`,
    );
    assert.equal(books.fixedReservation({ model: 'any' }), expected);
    assert.equal(books.fixedReservation({ model: 'gpt-4o', purpose: 'chat' }), 500_000_000_000n);
    if (what !== 'neither') assert.equal(books.fixedReservation({ model: 'gpt-4o' }), 11n);
    const told = books.settings.warnings.filter((warning) => warning.includes('default_reservation'));
    assert.equal(told.length, what === 'both' ? 1 : 0);
  });
}

test('limits.yaml of LLM Accounting: as a file of its own, or under the root limits', async (t) => {
  const text = `# Global daily token limit
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
  const expected = [
    'GLOBAL: 100000 total_tokens per day',
    'MODEL (model claude-2): 5 concurrent_requests',
    'MODEL (model gpt-4): 50 requests per hour',
    'MODEL (model gpt-4): 50000 total_tokens per day',
    'USER (username john_doe): 200 requests per day',
  ];
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-seeds-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'limits.yaml'), text);
  writeFileSync(join(folder, 'nanocent.config.yaml'), 'limits: limits.yaml\n');
  const named = await loadConfig({ environment: {}, folder });
  await using beside = await openBooks({
    store: 'memory',
    config: named!.file!,
    environment: {},
    background: false,
  });
  assert.deepEqual((await beside.limits.list()).map(describeLimit).sort(), expected);
  const nested = `limits:\n${text.replace(/^(?=.)/gm, '  ')}`;
  await using inside = await opened(t, 'nanocent.config.yaml', nested);
  assert.deepEqual((await inside.limits.list()).map(describeLimit).sort(), expected);
});
