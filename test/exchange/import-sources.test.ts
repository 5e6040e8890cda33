import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ledgerFile, nanocent, on } from '../cli/command-line.ts';
import { spendLog, writeAccounting, writeLines, writeLlm } from './records.ts';

// Every source in every shape, from its file to the rows of the ledger.

function place(t: TestContext) {
  const ledger = ledgerFile(t);
  const folder = dirname(ledger);
  const environment = { XDG_DATA_HOME: join(folder, 'data'), HOME: folder };
  return {
    ledger,
    folder,
    import: async (...args: string[]) => {
      const said = await nanocent(['--db-file', ledger, '--json', '--quiet', 'import', ...args], {
        environment,
      });
      assert.equal(said.code, 0, said.err);
      const document = JSON.parse(said.out);
      assert.equal(document.schema, 'nanocent.import/1');
      return document;
    },
    entries: async () => JSON.parse(await on(ledger)('tail', '-n', '1000', '--json')).entries.reverse(),
  };
}

test('llm: both schemas, priced at the instant of each call, details in every provider’s words', async (t) => {
  const at = place(t);
  const file = join(at.folder, 'logs.db');
  writeLlm(file, 'responses', [
    { id: '01a', at: '2026-03-01T09:00:00.250000' },
    {
      id: '01b',
      at: '2026-03-01T09:00:01',
      details: {
        prompt_tokens_details: { cached_tokens: 400 },
        completion_tokens_details: { reasoning_tokens: 30 },
      },
    },
    {
      id: '01c',
      at: '2026-03-01T09:00:02',
      model: 'claude',
      resolved: 'claude-sonnet-4-5-20250929',
      input: 10,
      details: {
        cache_read_input_tokens: 2_000,
        cache_creation_input_tokens: 300,
        cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
        server_tool_use: { web_search_requests: 2 },
      },
    },
    {
      id: '01d',
      at: '2026-03-01T09:00:03',
      model: 'gemini-2.5-flash',
      output: 50,
      details: { thoughtsTokenCount: 70, totalTokenCount: 1_120, cachedContentTokenCount: 250 },
    },
    { id: '01e', at: '2026-03-01T09:00:04', input: null, output: null },
    {
      id: '01f',
      at: '2026-03-01T09:00:05',
      input: null,
      output: null,
      response: { usage: { prompt_tokens: 7, completion_tokens: 3 } },
    },
    { id: '01g', at: 'yesterday' },
  ]);
  writeLlm(file, 'turns', [{ id: '02a', at: '2026-03-01T09:00:06', input: 20, output: 2 }]);
  const summary = await at.import('llm', file);
  assert.equal(summary.read, 7);
  assert.equal(summary.booked, 7);
  assert.equal(summary.malformed, 1);
  assert.match(summary.problems[0].where, /responses 01g$/);
  const entries = await at.entries();
  const rows = entries.map((entry: Record<string, never>) => [
    entry.model,
    entry.promptTokens,
    entry.completionTokens,
    entry.cachedTokens,
    entry.reasoningTokens,
    entry.usd,
  ]);
  assert.deepEqual(rows, [
    ['gpt-4o-mini', 1_000, 500, 0, null, '0.00045'],
    ['gpt-4o-mini', 1_000, 500, 400, 30, '0.00042'],
    ['claude-sonnet-4-5-20250929', 2_310, 500, 2_000, null, '0.029705'],
    ['gemini-2.5-flash', 1_000, 120, 250, 70, '0.0005325'],
    ['gpt-4o-mini', null, null, null, null, null],
    ['gpt-4o-mini', 7, 3, 0, null, '0.00000285'],
    ['gpt-4o-mini', 20, 2, 0, null, '0.0000042'],
  ]);
  assert.equal(entries[2].requestedModel, 'claude');
  assert.deepEqual(entries[2].usage.units, { webSearch: 2 });
  assert.equal(entries[2].usage.cacheWrite1h, 200);
  assert.equal(entries[0].at, '2026-03-01T09:00:00.250Z');
  assert.equal(entries[0].basis, 'imported');
  assert.equal(entries[0].caller, 'llm');
  assert.equal(entries[0].session, 'c1');
  assert.equal(entries[0].executionSeconds, 0.9);
  assert.match(entries[4].remark, /^usage unknown.*which has no counts$/);
});

test('llm-accounting: costs as given, counts that contradict each other, times in the zone named', async (t) => {
  const at = place(t);
  const file = join(at.folder, 'accounting.sqlite');
  writeAccounting(file, [
    { id: 1, timestamp: '2026-03-01 09:00:00.500000', cost: 0.1 + 0.2, local: 900 },
    { id: 2, timestamp: '2026-07-01 09:00:00', cost: 0 },
    { id: 3, timestamp: '2026-07-01 09:00:01', cached: 5_000 },
    { id: 4, timestamp: '2026-07-01 09:00:02', prompt: null, completion: null },
  ]);
  const summary = await at.import('llm-accounting', file, '--zone', 'Europe/Berlin');
  assert.equal(summary.booked, 4);
  assert.equal(summary.usd, '0.325');
  const [winter, free, doubtful, uncounted] = await at.entries();
  assert.equal(winter.at, '2026-03-01T08:00:00.500Z');
  assert.equal(winter.nanocents, '30000000000');
  assert.equal(winter.costSource, 'given');
  assert.equal(winter.localPromptTokens, 900);
  assert.deepEqual(
    [winter.username, winter.caller, winter.project, winter.session],
    ['ann', 'app', 'books', 's1'],
  );
  assert.equal(winter.executionSeconds, 1.5);
  assert.equal(free.at, '2026-07-01T07:00:00.000Z');
  assert.equal(free.usd, '0.00');
  assert.match(doubtful.remark, /cachedTokens contradicted the other counts/);
  assert.deepEqual([uncounted.promptTokens, uncounted.usd], [null, '0.0125']);
});

test('--reprice takes the catalog instead of the cost that is given', async (t) => {
  const at = place(t);
  const file = join(at.folder, 'accounting.sqlite');
  writeAccounting(file, [{ id: 1, cost: 99 }]);
  const summary = await at.import('llm-accounting', file, '--reprice');
  assert.equal(summary.usd, '0.0075');
});

test('LiteLLM: lines, one array, an array in an object, and CSV say the same', async (t) => {
  const logs = [
    spendLog(),
    spendLog({
      request_id: 'msg_01AbCdEfGhIjKlMnOpQrStUv',
      model: 'claude-sonnet-4-5-20250929',
      custom_llm_provider: 'anthropic',
      prompt_tokens: 2_310,
      spend: 0.009705,
      startTime: '2026-03-01T10:00:01+01:00',
      metadata: {
        usage_object: { cache_read_input_tokens: 2_000, cache_creation_input_tokens: 300 },
      },
    }),
    spendLog({ request_id: 'short-1', spend: 0, startTime: '2026-03-01T09:00:02Z', endTime: null }),
    spendLog({ request_id: 'short-2', spend: 0, cache_hit: 'True', startTime: '2026-03-01T09:00:03Z' }),
  ];
  const text = (value: unknown) =>
    value === null || value === undefined
      ? ''
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  const columns = Object.keys(logs[0]!);
  const csv = [columns, ...logs.map((log) => columns.map((column) => text(log[column])))]
    .map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(','))
    .join('\r\n');
  const forms: [name: string, text: string][] = [
    ['lines.jsonl', logs.map((log) => JSON.stringify(log)).join('\n')],
    ['array.json', JSON.stringify(logs, null, 2)],
    ['page.json', JSON.stringify({ data: logs, total: 4 })],
    ['logs.csv', csv],
  ];
  const seen: unknown[] = [];
  for (const [name, written] of forms) {
    const at = place(t);
    writeFileSync(join(at.folder, name), written);
    const summary = await at.import('litellm', join(at.folder, name));
    assert.equal(summary.booked, 4, name);
    assert.equal(summary.malformed, 0, name);
    const entries = await at.entries();
    seen.push(entries.map(({ id, callId, ...rest }: Record<string, unknown>) => rest));
    const [given, claude, unknown, cached] = entries;
    assert.equal(given.usd, '0.00045');
    assert.deepEqual([given.model, given.requestedModel, given.provider], ['gpt-4o-mini', 'small', 'openai']);
    assert.deepEqual(given.tags, { end_user: 'customer-7', key_alias: 'search', request_tags: 'prod' });
    assert.equal(given.responseId, 'chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz001');
    assert.equal(given.executionSeconds, 1.5);
    assert.deepEqual([claude.usage.input, claude.usage.cacheRead, claude.usage.cacheWrite], [10, 2_000, 300]);
    assert.equal(claude.at, '2026-03-01T09:00:01.000Z');
    assert.deepEqual([unknown.costSource, unknown.usd], ['priced', '0.00045']);
    assert.deepEqual([cached.costSource, cached.usd], ['given', '0.00']);
    assert.equal(unknown.responseId, null);
  }
  for (const one of seen) assert.deepEqual(one, seen[0]);
});

test('LiteLLM: broken and overlong elements are counted and named, the others booked', async (t) => {
  const at = place(t);
  const file = join(at.folder, 'logs.jsonl');
  writeLines(file, [
    spendLog(),
    'nonsense',
    '[1]',
    spendLog({ request_id: 'x1', prompt_tokens: -1 }),
    spendLog({ request_id: 'x2', startTime: 'soon' }),
    spendLog({ request_id: 'x3', model: ' ' }),
    spendLog({ request_id: 'x4', startTime: '2199-01-01T00:00:00Z' }),
    spendLog({ request_id: 'x5', spend: 'free' }),
  ]);
  const summary = await at.import('litellm', file);
  assert.equal(summary.booked, 1);
  assert.equal(summary.malformed, 7);
  const lines = summary.problems.map((problem: { where: string }) => Number(problem.where.split(':').at(-1)));
  assert.deepEqual(lines.sort(), [2, 3, 4, 5, 6, 7, 8]);
});

test('CSV: a mapping, quoted fields over lines, thousands, dollars, equal rows', async (t) => {
  const at = place(t);
  const file = join(at.folder, 'usage.csv');
  const rows = [
    'When;Model;"Tokens; in";Out;Price;Note',
    '2026-03-01 09:00:00;gpt-4o;1,000;500;$0.0125;"two',
    'lines; and a ""quote"""',
    '2026-03-01 09:00:01;gpt-4o;1000;500;;',
    '2026-03-01 09:00:01;gpt-4o;1000;500;;',
    '1772355602;gpt-4o;1000;500;"$1,234.5";',
  ];
  writeFileSync(file, `\ufeff${rows.join('\r\n')}`);
  const map = 'model=Model,timestamp=When,prompt_tokens="Tokens; in",completionTokens=out,cost=Price';
  const summary = await at.import('csv', file, '--map', map, '--zone', 'Europe/Berlin', '--username', 'ann');
  assert.equal(summary.booked, 4);
  const entries = await at.entries();
  assert.deepEqual(
    entries.map((entry: Record<string, unknown>) => [
      entry.at,
      entry.promptTokens,
      entry.usd,
      entry.username,
    ]),
    [
      ['2026-03-01T08:00:00.000Z', 1_000, '0.0125', 'ann'],
      ['2026-03-01T08:00:01.000Z', 1_000, '0.0075', 'ann'],
      ['2026-03-01T08:00:01.000Z', 1_000, '0.0075', 'ann'],
      ['2026-03-01T09:00:02.000Z', 1_000, '1234.50', 'ann'],
    ],
  );
});

test('what tail writes as CSV, import reads without a mapping', async (t) => {
  const from = place(t);
  const to = place(t);
  await on(from.ledger)(
    'track',
    '--model',
    'gpt-4o',
    '--prompt-tokens',
    '1000',
    '--completion-tokens',
    '500',
    '--cached-tokens',
    '200',
  );
  const file = join(to.folder, 'tail.csv');
  writeFileSync(file, await on(from.ledger)('tail', '--csv'));
  const summary = await to.import('csv', file);
  assert.equal(summary.booked, 1);
  const [[written], [read]] = [await from.entries(), await to.entries()];
  assert.equal(read.nanocents, written.nanocents);
  assert.deepEqual([read.promptTokens, read.cachedTokens, read.at], [1_000, 200, written.at]);
});

const refusals: [args: string[], code: number, err: RegExp][] = [
  [['import', 'claud'], 2, /no source claud[\s\S]*did you mean claude\?/],
  [['import', 'csv'], 2, /import csv needs a file/],
  [['import', 'claude', 'x'], 2, /takes no file/],
  [['import', 'llm', 'missing.db'], 3, /there is no file missing\.db/],
  [['import', 'csv', 'missing.csv'], 3, /there is no file missing\.csv/],
  [['import', 'litellm', 'x.jsonl', '--map', 'model=M'], 2, /--map is for CSV/],
  [['import', 'csv', 'ok.csv', '--map', 'modle=Model'], 2, /no field "modle"[\s\S]*did you mean model\?/],
  [
    ['import', 'csv', 'ok.csv', '--map', 'model=Modle,timestamp=When'],
    2,
    /no column "Modle"[\s\S]*did you mean "Model"\?/,
  ],
  [['import', 'csv', 'ok.csv', '--map', 'model=Model,model=When'], 2, /model is given twice/],
  [['import', 'csv', 'ok.csv', '--map', 'model'], 2, /not FIELD=COLUMN/],
  [['import', 'csv', 'ok.csv', '--map', 'model=Model'], 2, /no column is the timestamp/],
  [['import', 'csv', 'empty.csv'], 2, /no heading line/],
  [['import', 'llm', 'ok.csv'], 6, /cannot be read as a SQLite database/],
  [['import', 'llm', 'other.db'], 2, /neither the table responses nor turns/],
  [['import', 'llm-accounting', 'other.db'], 2, /no table accounting_entries/],
  [['import', 'csv', 'ok.csv', '--zone', 'Mars/Base'], 2, /Mars\/Base/],
];

test('what cannot be imported is refused by name, with a way out', async (t) => {
  const at = place(t);
  writeFileSync(join(at.folder, 'ok.csv'), 'When,Model\n2026-03-01,gpt-4o\n');
  writeFileSync(join(at.folder, 'empty.csv'), '');
  writeAccounting(join(at.folder, 'other.db'), []);
  const { DatabaseSync } = await import('node:sqlite');
  const other = new DatabaseSync(join(at.folder, 'other.db'));
  other.exec('DROP TABLE accounting_entries; CREATE TABLE something (a)');
  other.close();
  for (const [args, code, err] of refusals) {
    const whole = args.map((arg) =>
      /\.(csv|db|jsonl)$/.test(arg) && !arg.startsWith('missing') ? join(at.folder, arg) : arg,
    );
    const said = await nanocent(['--db-file', at.ledger, ...whole]);
    assert.equal(said.code, code, `${args.join(' ')}: ${said.err}`);
    assert.match(said.err, err, args.join(' '));
  }
});
