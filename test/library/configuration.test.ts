import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { describeLimit } from '../../src/cli/limit-words.ts';
import { servedProviders } from '../../src/cli/serve-providers.ts';
import { configNames } from '../../src/config/find-config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { defineConfig, LlmWrapper, type NanocentConfig, openBooks } from '../../src/index.ts';
import { startFakeProvider } from '../../src/testing/fake-provider.ts';
import { nanocent } from '../cli/command-line.ts';
import { checkout, command } from '../house/machine.ts';

/** A folder with these files, gone after the test. */
function folderWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-configuration-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

function open(config: string | NanocentConfig, environment: Record<string, string> = {}) {
  return openBooks({ store: 'memory', config, environment, background: false });
}

const yaml = 'limits: { users: { ann: { daily_cost: 0.5 } } }\nzone: Europe/Berlin\n';
const json = '{ "limits": { "users": { "ann": { "daily_cost": "0.50" } } }, "zone": "Europe/Berlin" }';
const typed = `import { defineConfig, type NanocentConfig } from 'nanocent';
const zone: string = 'Europe/Berlin';
export default defineConfig({ zone, limits: { users: { ann: { daily_cost: 0.5 } } } } satisfies NanocentConfig);`;

for (const [name, text] of [
  ['nanocent.config.ts', typed],
  ['nanocent.config.mts', typed],
  ['nanocent.config.js', `export default async () => (${json});`],
  ['nanocent.config.mjs', `export default ${json};`],
  ['nanocent.config.yaml', yaml],
  ['nanocent.config.yml', yaml],
  ['nanocent.config.json', json],
] as const) {
  test(`${name} is found in its folder, named, and acts, where nanocent is not installed`, async (t) => {
    const folder = folderWith(t, { [name]: text });
    const found = await loadConfig({ environment: {}, folder });
    assert.equal(found?.file, join(folder, name));
    await using books = await open(join(folder, name));
    assert.equal(books.context.zone, 'Europe/Berlin');
    assert.deepEqual((await books.limits.list()).map(describeLimit), [
      'USER (username ann): $0.50 cost per day',
    ]);
    assert.equal(books.settings.file, join(folder, name));
  });
}

test('which file: the named one, then NANOCENT_CONFIG, then the one of the folder; two there are an error', async (t) => {
  const folder = folderWith(t, {
    'nanocent.config.yaml': 'zone: UTC',
    'one.yaml': 'zone: Asia/Tokyo',
    'two.json': '{}',
  });
  const fileOf = async (config: string | undefined, environment: Record<string, string>) =>
    (await loadConfig({ config, environment, folder }))?.file;
  assert.equal(await fileOf('one.yaml', { NANOCENT_CONFIG: 'two.json' }), join(folder, 'one.yaml'));
  assert.equal(await fileOf(undefined, { NANOCENT_CONFIG: 'two.json' }), join(folder, 'two.json'));
  assert.equal(await fileOf(undefined, { NANOCENT_CONFIG: '' }), join(folder, 'nanocent.config.yaml'));
  assert.equal(
    await loadConfig({ config: false, environment: { NANOCENT_CONFIG: 'two.json' }, folder }),
    null,
  );
  writeFileSync(join(folder, 'nanocent.config.ts'), '');
  await assert.rejects(fileOf(undefined, {}), {
    code: 'config_invalid',
    message: /both nanocent\.config\.ts and nanocent\.config\.yaml/,
  });
  assert.equal(configNames.length, 7);
});

test('a command uses the file of its working folder and says so; --quiet does not', (t) => {
  const folder = folderWith(t, {
    'nanocent.config.ts': `export default { store: 'ledger/team.sqlite', unpriced: 'allow', providers: { openai: { key: { env: 'NOT_SET' } } } };`,
    'ledger/.keep': '',
  });
  const run = (...args: string[]) =>
    command(process.execPath, [`--conditions=nanocent-source`, join(checkout, 'src/cli/main.ts'), ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, XDG_DATA_HOME: '/dev/null/none' },
    });
  const tracked = run('track', '--model', 'gpt-4o', '--prompt-tokens', '1000');
  assert.equal(tracked.status, 0, tracked.stderr);
  assert.match(tracked.stderr, /^configuration nanocent\.config\.ts$/m);
  assert.match(tracked.stderr, /^ledger ledger\/team\.sqlite \(new\)$/m);
  assert.equal(run('price', '--model', 'gpt-4o', '--input', '1', '--output', '0', '-q').stderr, '');
  const checked = run('config', 'check');
  assert.equal(checked.status, 2);
  assert.match(
    checked.stderr,
    /providers\.openai\.key: the environment has no NOT_SET\n {2}fix: set NOT_SET/,
  );
});

test('what is wrong is named with file, line, key and the nearest known key, before anything is opened', async (t) => {
  const rows: [name: string, text: string, message: RegExp, fix?: RegExp][] = [
    [
      'a.yaml',
      'zone: UTC\nlimit:\n  global: {}\n',
      /a\.yaml, line 2, limit is not known/,
      /did you mean limits\?/,
    ],
    [
      'b.yaml',
      'providers:\n  openai:\n    keys: x\n',
      /line 3, providers\.openai\.keys is not known/,
      /mean key\?/,
    ],
    [
      'c.json',
      '{\n "reservations": {\n  "sizing": "wurst"\n } }',
      /line 3, reservations\.sizing is none of its values/,
      /worst, estimate or fixed/,
    ],
    [
      'd.yaml',
      'gateway: { bounds: { bodyByteMax: 5 } }',
      /gateway\.bounds\.bodyByteMax is not known/,
      /mean bodyBytesMax\?/,
    ],
    ['e.yaml', 'gateway: { port: 65536 }', /gateway\.port is 65536/, /whole number from 0 to 65535/],
    ['f.yaml', 'dashboard: {}', /line 1, dashboard is not read by this version/],
    ['g.yaml', 'providers: { "a b": {} }', /providers\.a b is no provider/],
    ['h.yaml', 'providers: { v1: {} }', /providers\.v1 is no provider/],
    [
      'i.yaml',
      'reservations: { default: { nanocents: 92233720368547758 } }',
      /has more digits than a number keeps/,
    ],
    [
      'j.yaml',
      'limits:\n  global:\n    dayly_cost: 5\n',
      /line 3, limits\.global\.dayly_cost|line 3, global\.dayly_cost/,
      /daily_cost/,
    ],
    ['k.yaml', 'promptLog: maybe', /promptLog is a text/, /true or false/],
    ['l.yaml', 'alerts: { url: "https://x.test" }', /alerts\.secret is missing/],
    [
      'm.yaml',
      'allowances:\n- provider: gemini\n  daily_reset_amounts: 5\n',
      /line 3, allowances\[0\]\.daily_reset_amounts/,
      /mean daily_reset_amount\?/,
    ],
    ['n.yaml', 'plugins: { datasette-llm-usages: {} }', /plugins\.datasette-llm-usages is not known/],
    [
      'o.yaml',
      'prices: {}\nplugins: { datasette-llm-usage: { models: [] } }',
      /prices stands beside plugins/,
    ],
    ['p.json', '{ "key": sk-secret }', /^[^\n]*p\.json is not JSON$/],
    ['q.ts', 'enum A { B }\nexport default {};', /q\.ts cannot be loaded/, /no enum/],
    [
      'r.ts',
      "import 'not-installed-anywhere';\nexport default {};",
      /r\.ts cannot be loaded: .*not-installed-anywhere/,
      /install/,
    ],
    ['s.ts', 'export const config = {};', /s\.ts exports nothing as its default/, /export default/],
    ['t.ts', 'export default { accountants: [7] };', /t\.ts, accountants\[0\] is 7/],
    ['u.ts', 'export default { promptLog: { redact: 5 } };', /promptLog\.redact is 5/, /a function/],
    ['v.yaml', 'store: { host: x }', /store is a table/],
    ['w.yaml', 'models: [gpt-4o]', /models is a list/],
    ['x.yaml', 'providers: { mine: { baseUrl: "https://x.test/v1" } }', /providers\.mine\.api is missing/],
    ['y.yaml', 'providers: { mine: { api: openai } }', /providers\.mine\.baseUrl is missing/],
    ['z.yaml', 'providers: { openai: { baseUrl: "https://u:p@x.test" } }', /openai\.baseUrl is not a plain/],
  ];
  const folder = folderWith(t, Object.fromEntries(rows.map(([name, text]) => [name, text])));
  for (const [name, , message, fix = /./] of rows) {
    const opening = (async () => {
      await using books = await open(join(folder, name));
      books.settings.providers();
    })();
    await assert.rejects(
      opening,
      { code: 'config_invalid', message, ...(fix.source === '.' ? {} : { fix }) },
      name,
    );
  }
});

test('every root acts; options go before the file', async (t) => {
  const folder = folderWith(t, { 'accountant.mjs': accountant });
  const file = join(folder, 'nanocent.config.yaml');
  writeFileSync(
    file,
    `zone: Asia/Tokyo
unpriced: allow
prices: { models: [{ model: house, rates: { input: "1" } }] }
limits: { global: { daily_cost: 3 } }
allowances: [{ provider: house, usd: 4 }]
reservations: { default: { usd: 0.25 }, purposes: { chat: { nanocents: 7 } } }
fallbackModels: { house: [gpt-4o-mini] }
accountants: [./accountant.mjs]
accountantTimeoutMs: 500
audit: { everyCall: true }
promptLog: { file: prompts.sqlite, retentionDays: 30 }
gateway: { port: 4242, bounds: { drainsMax: 3 } }
`,
  );
  {
    await using books = await open(file);
    const { context } = books;
    assert.deepEqual([context.zone, context.unpriced], ['Asia/Tokyo', 'allow']);
    const { entry } = await books.track({ model: 'house', promptTokens: 1_000_000, completionTokens: 0 });
    assert.equal(entry.nanocents, 100_000_000_000n);
    const limits = (await books.limits.list()).filter(({ kind }) => kind === 'limit');
    assert.deepEqual(limits.map(describeLimit), ['GLOBAL: $3.00 cost per day']);
    assert.deepEqual(
      (await books.allowances.list()).map(({ max, file: from }) => [max, from]),
      [[400_000_000_000n, file]],
    );
    assert.equal(books.fixedReservation({ model: 'm' }), 25_000_000_000n);
    assert.equal(books.fixedReservation({ model: 'm', purpose: 'chat' }), 7n);
    assert.deepEqual(context.fallbackModels, { house: ['gpt-4o-mini'] });
    const refused = await books.reserve({ model: 'house', nanocents: 1n });
    assert.equal(refused.outcome === 'refused' && refused.insufficient?.accountant, 'miser');
    assert.ok(existsSync(join(folder, 'prompts.sqlite')), 'beside the configuration');
    assert.deepEqual(books.settings.gateway, { port: 4242, bounds: { drainsMax: 3 } });
  }
  await using books = await openBooks({
    ...{ store: 'memory', config: file, environment: {}, background: false },
    ...{ zone: 'UTC', unpriced: 'refuse', limits: {}, allowances: [], accountants: [], fallbackModels: {} },
    ...{ reservations: {}, promptLog: false, audit: {}, prices: {} },
  });
  const { context } = books;
  assert.deepEqual([context.zone, context.unpriced, context.accountants], ['UTC', 'refuse', null]);
  assert.deepEqual([await books.limits.list(), await books.allowances.list()], [[], []]);
  assert.equal(books.fixedReservation({ model: 'm', purpose: 'chat' }), 50_000_000_000n);
  assert.deepEqual(context.fallbackModels, {});
  const { entry } = await books.track({ model: 'house', promptTokens: 1, completionTokens: 0 });
  assert.equal(entry.nanocents, null);
});

const accountant = `export default {
  name: 'miser',
  async reserve() {
    const { InsufficientBalanceError } = await import('nanocent');
    throw new InsufficientBalanceError({ account: 'miser', askedNanocents: 1n, availableNanocents: 0n });
  },
  async settle() {},
  async rollback() {},
};`;

test('a secret stands in the environment or a file, is read when it is needed, and is shown nowhere', async (t) => {
  const folder = folderWith(t, {
    'openai.key': 'sk-from-a-file\n',
    'nanocent.config.yaml': `store: postgres://books:sesame@db.test/books
providers:
  openai: { key: { file: openai.key } }
  anthropic: { key: { env: TEAM_KEY } }
  gemini: { key: sk-literal }
purposes: { chat: { keys: { openai: sk-of-chat } } }
alerts: { url: "https://x.test/hook", secret: whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ= }
`,
  });
  const file = join(folder, 'nanocent.config.yaml');
  await using books = await open(file, { TEAM_KEY: 'sk-team' });
  assert.deepEqual(
    books.settings.providers().map(({ name, api, key }) => [name, api, key]),
    [
      ['openai', 'openai', 'sk-from-a-file'],
      ['anthropic', 'anthropic', 'sk-team'],
      ['gemini', 'google', 'sk-literal'],
    ],
  );
  assert.deepEqual(books.settings.purposes(), { chat: { keys: { openai: 'sk-of-chat' } } });
  assert.deepEqual(
    books.settings.warnings.map((warning) => warning.split(' ')[0]),
    ['providers.gemini.key', 'purposes.chat.keys.openai', 'alerts.secret'],
  );
  await using keyless = await open(file);
  assert.throws(() => keyless.settings.providers(), {
    code: 'config_invalid',
    field: 'providers.anthropic.key',
    message: /the environment has no TEAM_KEY/,
  });
  for (const form of [[], ['--json']]) {
    const said = await nanocent(['config', 'show', '--config', file, ...form]);
    assert.equal(said.code, 0, said.err);
    assert.doesNotMatch(said.out + said.err, /sesame|sk-|whsec_/);
    assert.match(said.out, /postgres:\/\/books:\[secret\]@db\.test/);
    assert.match(said.out, /"env":\s?"TEAM_KEY"/);
  }
});

test('the gateway serves configured providers before those of the environment, and says which it does not', async () => {
  const config = defineConfig({
    providers: {
      openai: { key: 'sk-ours', baseUrl: 'https://proxy.test/v1/' },
      local: { api: 'openai', baseUrl: 'http://127.0.0.1:1/v1', open: true },
      gemini: {},
    },
  });
  await using books = await open(config);
  const environment = { OPENAI_API_KEY: 'sk-theirs', ANTHROPIC_API_KEY: 'sk-ant' };
  const { providers, unserved } = servedProviders(books.settings, environment);
  assert.deepEqual(
    providers.map(({ name, flavour, baseUrl, key, open: free = false }) => [
      ...[name, flavour, baseUrl, key?.reveal() ?? null, free],
    ]),
    [
      ['openai', 'openai', 'https://proxy.test/v1', 'sk-ours', false],
      ['local', 'openai', 'http://127.0.0.1:1/v1', null, true],
      ['anthropic', 'anthropic', 'https://api.anthropic.com/v1', 'sk-ant', false],
    ],
  );
  assert.deepEqual(unserved, ['gemini (api google)']);
});

test('LlmWrapper asks the configured provider with the key of the purpose, by its rules', async () => {
  await using provider = await startFakeProvider();
  const body = `data: ${JSON.stringify({
    ...{ id: 'c', object: 'chat.completion.chunk', model: 'gpt-4o-mini' },
    choices: [{ index: 0, delta: { content: 'Ahoy' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 },
  })}\n\ndata: [DONE]\n\n`;
  provider.answerWith({ headers: { 'content-type': 'text/event-stream' }, body });
  await using books = await open({
    providers: { openai: { key: 'sk-general', baseUrl: `${provider.url}/v1` } },
    models: { default: 'gpt-4o', block: ['o1-pro'] },
    purposes: { chat: { default: 'gpt-4o-mini', keys: { openai: 'sk-of-chat' } } },
    promptLog: { purposes: ['chat'] },
    audit: { everyCall: true },
  });
  const llm = new LlmWrapper(books, { environment: {} });
  assert.equal((await llm.getAsyncModel()).id, 'gpt-4o');
  await assert.rejects(llm.getAsyncModel('o1-pro'), { code: 'model_not_allowed' });
  const model = await llm.getAsyncModel(undefined, { purpose: 'chat' });
  const response = await model.prompt('Hello');
  assert.equal(await response.text(), 'Ahoy');
  assert.equal(provider.requests[0]?.headers.authorization, 'Bearer sk-of-chat');
  const [entry] = await books.tail(1);
  assert.deepEqual([entry?.nanocents, entry?.purpose], [45_000_000n, 'chat']);
  await books.prompts.flush();
  assert.deepEqual(
    (await books.prompts.rows({ from: null, to: null, limit: 9 })).map((row) => row.response),
    ['Ahoy'],
  );
  assert.equal((await books.audit.entries()).length, 2, 'the prompt and the response');
});

test('a price source is a module in YAML and a function in TypeScript; own prices go before it', async (t) => {
  const root = join(import.meta.dirname, '../..');
  const args = ['--conditions=nanocent-source', 'examples/price-source.ts'];
  assert.equal(
    execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).replace(/#own:\w+/g, ''),
    'acme-large: 80000000000 nanocents, by acme/acme-large@1780272000000\n' +
      'gpt-4o: 200000000000 nanocents, by openai/gpt-4o@1767225600000\n',
  );
  const folder = folderWith(t, {
    'list.mjs': 'export default { models: [{ model: "second", rates: { input: "9", output: "9" } }] };',
    'bad.mjs': 'export default () => { throw new Error("no route to the house"); };',
    'mute.mjs': 'export default () => ({ unpriced: "allow" });',
  });
  const configured = (sources: readonly string[]) => {
    const file = join(folder, 'nanocent.config.json');
    const models = [{ provider: 'acme', model: 'acme-large', rates: { input: '0.5', output: '1' } }];
    writeFileSync(file, JSON.stringify({ prices: { models, sources } }));
    return open(file);
  };
  await using books = await configured([join(root, 'examples/price-source.ts'), './list.mjs']);
  const charged = async (provider: string, model: string) =>
    (await books.track({ provider, model, promptTokens: 1_000_000, completionTokens: 0 })).entry.nanocents;
  assert.equal(await charged('acme', 'acme-large'), 50_000_000_000n);
  assert.equal(await charged('openai', 'gpt-4o'), 200_000_000_000n);
  assert.equal(await charged('anyone', 'second'), 900_000_000_000n);
  for (const [source, message] of [
    ['./bad.mjs', /prices\.sources\[0\] gives no prices: no route to the house/],
    ['./none.mjs', /prices\.sources\[0\] gives no prices: .*none\.mjs/],
    ['./mute.mjs', /prices\.sources\[0\] says unpriced/],
  ] as const) {
    await assert.rejects(configured([source]), { code: 'config_invalid', message });
  }
});
