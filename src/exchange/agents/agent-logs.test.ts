import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bundledCatalog } from '../../prices/index.ts';
import { seededRandom } from '../../testing/seeded.ts';
import type { AgentMessage } from './agent-message.ts';
import { agentReport } from './agent-report.ts';
import { discoverLogs } from './discover-logs.ts';
import {
  claudeLine,
  codexCount,
  codexLine,
  codexUsage,
  openLogFolder,
  userLine,
} from './fixtures/log-lines.ts';
import { type NaiveTotals, naiveTotals } from './fixtures/naive-totals.ts';
import { readAgentLogs } from './read-logs.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const minute = 60_000;

function openHome(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'nanocent-agents-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  return { home, write: openLogFolder(home) };
}

async function read(home: string, cacheFile?: string) {
  const logs = await readAgentLogs(
    discoverLogs({ environment: {}, home }),
    cacheFile === undefined ? {} : { cacheFile },
  );
  return { logs, messages: [...logs.messages()] };
}

/** What tells calls apart, in one line each. */
function told({ model, usage, sessionId, requestId, confidence }: AgentMessage): string {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output } = usage;
  return `${model} ${input}+${cacheRead}+${cacheWrite5m}+${cacheWrite1h} ${output} ${sessionId} ${requestId} ${confidence}`;
}

const projects = '.claude/projects/-home-me-shop';

test('a streamed response is one call with its last counts, at its first instant', async (t) => {
  const { home, write } = openHome(t);
  const of = (output: number, ended: boolean, after: number) =>
    claudeLine({
      session: 's1',
      at: noon + after,
      counts: { input: 4, read: 900, short: 30, output },
      ended,
    });
  write(`${projects}/s1.jsonl`, [
    userLine('s1', noon),
    of(1, false, 0),
    of(1, false, 900),
    of(77, true, 2_000),
  ]);
  const { logs, messages } = await read(home);
  assert.deepEqual(messages.map(told), ['claude-sonnet-4-5-20250929 4+900+30+0 77 s1 req_1 exact']);
  assert.deepEqual(messages[0], {
    agent: 'claude-code',
    at: noon,
    model: 'claude-sonnet-4-5-20250929',
    provider: 'anthropic',
    sessionId: 's1',
    project: '/home/me/shop',
    usage: {
      input: 4,
      cacheRead: 900,
      cacheWrite5m: 30,
      cacheWrite1h: 0,
      cacheWrite: 0,
      output: 77,
      reasoning: null,
      units: {},
    },
    terms: {},
    requestId: 'req_1',
    messageId: 'msg_1',
    item: 0,
    confidence: 'exact',
    modelAssumed: false,
    sourceFile: join(home, projects, 's1.jsonl'),
  });
  assert.equal(logs.skipped.repeated, 2);
});

test('the most tokens stand wherever they come, and the last of the same size', async (t) => {
  const { home, write } = openHome(t);
  const of = (id: string, output: number, more = {}) =>
    claudeLine({ session: 's1', id, at: noon, counts: { input: 5, output, more } });
  write(`${projects}/s1.jsonl`, [
    of('a', 9),
    of('b', 1),
    of('a', 60),
    of('a', 60, { service_tier: 'batch' }),
    of('a', 3),
  ]);
  const { messages } = await read(home);
  assert.deepEqual(
    messages.map(({ messageId, usage }) => [messageId, usage.output]),
    [
      ['a', 60],
      ['b', 1],
    ],
  );
});

const traps: readonly { what: string; lines: Record<string, string[]>; calls: string[] }[] = [
  {
    what: 'a resumed session repeats the lines of the one before under its own id: once, in the older',
    lines: {
      's1.jsonl': [claudeLine({ session: 's1', at: noon, counts: { input: 1, output: 10 } })],
      's2.jsonl': [
        claudeLine({ session: 's2', at: noon, counts: { input: 1, output: 10 } }),
        claudeLine({
          session: 's2',
          id: 'msg_2',
          request: 'req_2',
          at: noon + 5,
          counts: { input: 2, output: 20 },
        }),
      ],
    },
    calls: ['msg_1 s1 req_1 10', 'msg_2 s2 req_2 20'],
  },
  {
    what: 'a fork that holds only the first lines of a response does not make it smaller',
    lines: {
      's1.jsonl': [
        claudeLine({ session: 's1', at: noon, counts: { input: 1, output: 2 }, ended: false }),
        claudeLine({ session: 's1', at: noon + 9, counts: { input: 1, output: 50 } }),
      ],
      's2.jsonl': [claudeLine({ session: 's2', at: noon, counts: { input: 1, output: 2 }, ended: false })],
    },
    calls: ['msg_1 s1 req_1 50'],
  },
  {
    what: 'one message id in two sessions is one call, whatever its request is called',
    lines: {
      's1.jsonl': [claudeLine({ session: 's1', at: noon, counts: { input: 1, output: 10 } })],
      's2.jsonl': [
        claudeLine({ session: 's2', request: 'req_9', at: noon, counts: { input: 1, output: 10 } }),
      ],
    },
    calls: ['msg_1 s1 req_1 10'],
  },
  {
    what: 'one message id with two requests in one session is two calls',
    lines: {
      's1.jsonl': [
        claudeLine({ session: 's1', at: noon, counts: { input: 1, output: 10 } }),
        claudeLine({ session: 's1', request: 'req_2', at: noon + 1, counts: { input: 1, output: 11 } }),
      ],
    },
    calls: ['msg_1 s1 req_1 10', 'msg_1 s1 req_2 11'],
  },
  {
    what: 'a sidechain replays its parent under a new request: dropped, also where it comes first',
    lines: {
      's1/subagents/agent-7.jsonl': [
        claudeLine({
          session: 's1',
          request: 'req_8',
          at: noon + 2,
          counts: { input: 9, output: 90 },
          sidechain: true,
        }),
        claudeLine({
          session: 's1',
          id: 'msg_7',
          request: 'req_7',
          at: noon + 3,
          counts: { input: 1, output: 7 },
          sidechain: true,
        }),
      ],
      's1.jsonl': [claudeLine({ session: 's1', at: noon, counts: { input: 1, output: 10 } })],
    },
    calls: ['msg_1 s1 req_1 10', 'msg_7 s1 req_7 7'],
  },
  {
    what: 'placeholders of the agent and API errors are no calls',
    lines: {
      's1.jsonl': [
        claudeLine({
          session: 's1',
          id: 'a',
          model: '<synthetic>',
          at: noon,
          counts: { input: 0, output: 0 },
        }),
        claudeLine({
          session: 's1',
          id: 'b',
          at: noon,
          counts: { input: 3, output: 3 },
          line: { isApiErrorMessage: true },
        }),
        claudeLine({ session: 's1', id: 'c', at: noon, counts: { input: 3, output: 4 } }),
      ],
    },
    calls: ['c s1 req_1 4'],
  },
  {
    what: 'without an id of the message a line stands for itself',
    lines: {
      's1.jsonl': [
        claudeLine({ session: 's1', id: null, request: null, at: noon, counts: { input: 3, output: 4 } }),
        claudeLine({ session: 's1', id: null, request: null, at: noon + 1, counts: { input: 3, output: 4 } }),
      ],
    },
    calls: ['null s1 null 4', 'null s1 null 4'],
  },
];

for (const { what, lines, calls } of traps) {
  test(what, async (t) => {
    const { home, write } = openHome(t);
    for (const [name, own] of Object.entries(lines)) write(`${projects}/${name}`, own);
    const { messages } = await read(home);
    assert.deepEqual(
      messages.map(
        ({ messageId, sessionId, requestId, usage }) =>
          `${messageId} ${sessionId} ${requestId} ${usage.output}`,
      ),
      calls,
    );
  });
}

test('malformed lines are counted and stop nothing', async (t) => {
  const { home, write } = openHome(t);
  const whole = claudeLine({ session: 's1', at: noon, counts: { input: 1, output: 10 } });
  const noModel = JSON.stringify({ ...JSON.parse(whole), message: { usage: { output_tokens: 1 } } });
  const noTime = JSON.stringify({ ...JSON.parse(whole), timestamp: 'yesterday' });
  const broken = [whole.slice(0, -1), whole.slice(30), `${whole}}`, noModel, noTime, '{"output_tokens"'];
  write(`${projects}/s1.jsonl`, ['', '\u0000\u0001', ...broken, whole, 'null', '[]']);
  const { logs, messages } = await read(home);
  assert.equal(messages.length, 1);
  assert.equal(logs.skipped.malformed, broken.length);
});

test('any order of members, any spaces and any text are read as they are', async (t) => {
  const { home, write } = openHome(t);
  const tricky = '"},"stop_reason":"end_turn","usage":{"output_tokens":99}} \\" \\\\ 日本 "content":null';
  const line = JSON.parse(
    claudeLine({
      session: 's1',
      id: 'a',
      at: noon,
      cwd: '/home/me/Grüße "日本"',
      counts: { input: 3, output: 4 },
      text: tricky,
    }),
  );
  const nested = {
    type: 'tool_use',
    name: 'Write',
    input: { message: { content: 1, stop_reason: 'x', usage: { output_tokens: 7 } } },
  };
  const { content: _, ...withoutContent } = line.message;
  const { message: __, ...withoutMessage } = line;
  const orders = [
    JSON.stringify(line),
    JSON.stringify({ ...line, message: { ...withoutContent, id: 'b', content: [nested] } }),
    JSON.stringify({ ...line, message: { ...withoutContent, id: 'c' } }),
    JSON.stringify({
      ...line,
      message: { content: [nested, nested], ...withoutContent, id: 'd' },
    }),
    JSON.stringify({ ...line, message: { ...line.message, id: 'e', content: [nested] } }, null, 1).replaceAll(
      '\n',
      ' ',
    ),
    JSON.stringify({ message: { ...line.message, id: 'f' }, ...withoutMessage }),
  ];
  write(`${projects}/s1.jsonl`, orders);
  const { logs, messages } = await read(home);
  assert.deepEqual(
    messages.map(({ messageId, usage, project }) => `${messageId} ${usage.output} ${project}`).sort(),
    ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => `${id} 4 /home/me/Grüße "日本"`),
  );
  assert.equal(logs.skipped.malformed, 0);
});

test('other models inside a response are calls of their own; compaction is part of it; tiers and regions count', async (t) => {
  const { home, write } = openHome(t);
  const iterations = [
    { type: 'compaction', input_tokens: 100, output_tokens: 10 },
    { type: 'message', input_tokens: 5, output_tokens: 6 },
    { type: 'advisor_message', model: 'claude-opus-4-5-20251101', input_tokens: 40, output_tokens: 4 },
  ];
  const more = {
    iterations,
    speed: 'fast',
    inference_geo: 'us',
    server_tool_use: { web_search_requests: 2 },
  };
  write(`${projects}/s1.jsonl`, [
    claudeLine({ session: 's1', at: noon, counts: { input: 5, output: 6, more } }),
  ]);
  const { messages } = await read(home);
  assert.deepEqual(
    messages.map(({ model, item, usage, terms }) => [
      model,
      item,
      usage.input,
      usage.output,
      usage.units,
      terms,
    ]),
    [
      ['claude-sonnet-4-5-20250929', 0, 105, 16, { webSearch: 2 }, { tier: 'fast', region: 'us' }],
      ['claude-opus-4-5-20251101', 1, 40, 4, {}, { tier: 'fast', region: 'us' }],
    ],
  );
});

test('counts that are none are unknown, and such a call is unpriced, never free', async (t) => {
  const { home, write } = openHome(t);
  const counts = { input: 5, output: 6, more: { output_tokens: -1 } };
  write(`${projects}/s1.jsonl`, [
    claudeLine({ session: 's1', at: noon, counts }),
    claudeLine({ session: 's1', id: 'b', at: noon, counts: { input: 1_000_000_001, output: 6 } }),
    claudeLine({ session: 's1', id: 'c', at: noon, model: 'glm-of-nobody', counts: { input: 1, output: 6 } }),
  ]);
  const { logs, messages } = await read(home);
  assert.deepEqual(
    messages.map(({ usage }) => usage.input),
    [null, null, 1],
  );
  const query = { view: 'total', by: 'model', since: null, until: null, zone: 'UTC', now: noon } as const;
  const report = await agentReport(logs, query, bundledCatalog());
  assert.deepEqual(
    [report.totals.sums.calls, report.totals.sums.unpricedCalls, report.totals.sums.nanocents],
    [3, 3, 0n],
  );
  assert.deepEqual(
    report.unpriced.map(({ model, calls, reason }) => `${calls} ${model}: ${reason}`),
    [
      '2 claude-sonnet-4-5-20250929: usage unknown: input',
      '1 glm-of-nobody: no price is known for glm-of-nobody',
    ],
  );
});

const day = '.codex/sessions/2026/11/20';
const meta = (id: string) =>
  codexLine(noon, 'session_meta', { id, cwd: '/home/me/shop', model_provider: 'openai' });
const turn = (model?: string) => codexLine(noon, 'turn_context', { cwd: '/home/me/shop', model });

test('Codex: the last call where it is given, else what the total grew by, from zero after a reset', async (t) => {
  const { home, write } = openHome(t);
  const first = codexUsage(1_000, 200, 50, 20);
  const second = codexUsage(1_500, 900, 80);
  const total = codexUsage(2_500, 1_100, 130, 20);
  write(`${day}/rollout-1.jsonl`, [
    meta('s1'),
    turn('gpt-5.1-codex'),
    codexCount(noon, null),
    codexCount(noon + 1, { total_token_usage: first, last_token_usage: first }),
    codexCount(noon + 2, { total_token_usage: first, last_token_usage: first }),
    codexCount(noon + 3, { total_token_usage: total, last_token_usage: second }),
    codexCount(noon + 4, { total_token_usage: codexUsage(3_000, 1_300, 150, 20) }),
    codexCount(noon + 5, { total_token_usage: codexUsage(70, 10, 9, 2) }),
    codexCount(noon + 6, { last_token_usage: codexUsage(5, 6, 1) }),
  ]);
  const { logs, messages } = await read(home);
  assert.deepEqual(
    messages.map(
      ({ usage, confidence }) =>
        `${usage.input}+${usage.cacheRead} ${usage.output} (${usage.reasoning}) ${confidence}`,
    ),
    [
      '800+200 50 (20) exact',
      '600+900 80 (0) exact',
      '300+200 20 (0) heuristic',
      '60+10 9 (2) heuristic',
      'null+null null (null) exact',
    ],
  );
  assert.equal(logs.skipped.repeated, 1);
});

test('Codex: forks and archives once, an unnamed model assumed, the tier as configured', async (t) => {
  const { home, write } = openHome(t);
  const used = (at: number, input: number) =>
    codexCount(at, {
      total_token_usage: codexUsage(input, 0, 10),
      last_token_usage: codexUsage(input, 0, 10),
    });
  write(`${day}/rollout-1.jsonl`, [meta('s1'), turn('gpt-5.1'), used(noon + 1, 100), used(noon + 2, 200)]);
  write(`${day}/rollout-2.jsonl`, [
    meta('s2'),
    meta('s1'),
    turn('gpt-5.1'),
    used(noon + 1, 100),
    used(noon + 9, 300),
  ]);
  write('.codex/archived_sessions/2026/11/20/rollout-1.jsonl', [
    meta('s1'),
    turn('gpt-5.1'),
    used(noon + 1, 100),
  ]);
  write('.codex/archived_sessions/2026/11/20/rollout-3.jsonl', [meta('s3'), used(noon + 4, 400)]);
  const { messages } = await read(home);
  assert.deepEqual(
    messages.map(
      ({ usage, sessionId, model, modelAssumed, confidence }) =>
        `${usage.input} ${sessionId} ${model} ${modelAssumed} ${confidence}`,
    ),
    [
      '100 s1 gpt-5.1 false heuristic',
      '200 s1 gpt-5.1 false exact',
      '400 s3 gpt-5 true heuristic',
      '300 s2 gpt-5.1 false exact',
    ],
  );
  write(
    '.codex/config.toml',
    '# service_tier = "flex"\nservice_tier = "fast"\n[profiles.a]\nservice_tier = "flex"\n',
  );
  const { messages: fast } = await read(home);
  assert.deepEqual(
    fast.map(({ terms, confidence }) => `${terms.tier} ${confidence}`),
    Array(4).fill('priority heuristic'),
  );
});

test('Codex: a saved `exec --json` counts a running total by turn, at the time of its file', async (t) => {
  const { home, write } = openHome(t);
  const done = (input: number, output: number) =>
    JSON.stringify({
      type: 'turn.completed',
      usage: { input_tokens: input, cached_input_tokens: 0, output_tokens: output },
    });
  const file = write(`${day}/exec.jsonl`, [
    JSON.stringify({ type: 'thread.started', thread_id: 't1' }),
    done(100, 5),
    done(100, 5),
    done(250, 9),
  ]);
  const { messages } = await read(home);
  assert.deepEqual(
    messages.map(
      ({ usage, at, sessionId, confidence }) =>
        `${usage.input} ${usage.output} ${at} ${sessionId} ${confidence}`,
    ),
    [`100 5 ${statSync(file).mtimeMs} t1 heuristic`, `150 4 ${statSync(file).mtimeMs} t1 heuristic`],
  );
});

test('Gemini CLI: tools are input, thinking is output, an updated message is once', async (t) => {
  const { home, write } = openHome(t);
  const message = (id: string, tokens: object) => ({
    id,
    timestamp: new Date(noon).toISOString(),
    type: 'gemini',
    content: 'x',
    model: 'gemini-2.5-pro',
    tokens,
  });
  const tokens = { input: 1_000, output: 40, cached: 300, thoughts: 60, tool: 20, total: 1_120 };
  const older = { input: 500, output: 100, cached: 0, thoughts: 60, tool: 0, total: 600 };
  const person = { id: 'p', timestamp: new Date(noon).toISOString(), type: 'user', content: 'y' };
  write('.gemini/tmp/shop/.project_root', '/home/me/shop\n');
  write(
    '.gemini/tmp/shop/chats/session-1.json',
    JSON.stringify({ sessionId: 'g1', messages: [person, message('a', tokens), message('b', older)] }),
  );
  write('.gemini/tmp/f00d/chats/session-2.jsonl', [
    JSON.stringify({ sessionId: 'g2', projectHash: 'f00d' }),
    JSON.stringify(message('c', { input: 10, output: 1, total: 11 })),
    JSON.stringify(message('c', { input: 10, output: 5, total: 15 })),
    JSON.stringify(message('d', { input: 10, output: 5, cached: 11 })),
    JSON.stringify(message('e', { input: 10, output: 5, total: 14 })),
    '{"tokens"',
  ]);
  write('.gemini/tmp/f00d/chats/session-3.json', '{"sessionId"');
  const { logs, messages } = await read(home);
  assert.deepEqual(
    messages.map(
      ({ messageId, usage, project, sessionId }) =>
        `${messageId} ${usage.input}+${usage.cacheRead} ${usage.output} (${usage.reasoning}) ${project} ${sessionId}`,
    ),
    [
      'a 720+300 100 (60) /home/me/shop g1',
      'b 500+0 100 (60) /home/me/shop g1',
      'c 10+0 5 (null) null g2',
      'd null+null null (null) null g2',
      'e null+null null (null) null g2',
    ],
  );
  assert.equal(logs.skipped.malformed, 2);
});

test('OpenCode: reasoning inside or beside the output by its total; a fork is a copy; errors are no calls', async (t) => {
  const { home, write } = openHome(t);
  const message = (id: string, session: string, created: number, tokens: object, more = {}) =>
    write(
      `.local/share/opencode/storage/message/${session}/${id}.json`,
      JSON.stringify({
        id,
        role: 'assistant',
        sessionID: session,
        modelID: 'gpt-5',
        providerID: 'openai',
        path: { cwd: '/home/me/shop', root: '/' },
        cost: 0.1,
        tokens,
        time: { created, completed: created + 5 },
        ...more,
      }),
    );
  const cache = { read: 30, write: 0 };
  message('msg_a', 'ses_1', noon, { input: 10, output: 50, reasoning: 20, cache, total: 90 });
  message('msg_b', 'ses_1', noon + 1, { input: 10, output: 50, reasoning: 20, cache, total: 110 });
  message('msg_c', 'ses_1', noon + 2, { input: 10, output: 50, reasoning: 20, cache });
  message('msg_d', 'ses_1', noon + 3, { input: 10, output: 5, reasoning: 20, cache });
  message('msg_e', 'ses_2', noon, { input: 10, output: 50, reasoning: 20, cache, total: 90 });
  message(
    'msg_f',
    'ses_2',
    noon + 4,
    { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } },
    { error: { name: 'APIError' } },
  );
  message('msg_g', 'ses_2', noon + 5, { input: 1, output: 1 }, { time: { created: noon + 5 } });
  message('msg_h', 'ses_2', noon + 6, {}, { role: 'user' });
  const { logs, messages } = await read(home);
  assert.deepEqual(
    messages.map(
      ({ messageId, usage, sessionId, confidence }) =>
        `${messageId} ${usage.input}+${usage.cacheRead} ${usage.output} ${sessionId} ${confidence}`,
    ),
    [
      'msg_a 10+30 50 ses_1 heuristic',
      'msg_b 10+30 70 ses_1 exact',
      'msg_c 10+30 50 ses_1 heuristic',
      'msg_d 10+30 25 ses_1 heuristic',
      'msg_g 1+0 1 ses_2 partial',
    ],
  );
  assert.deepEqual([logs.skipped.copies, logs.skipped.apiErrors, logs.skipped.malformed], [1, 1, 0]);
});

test('the cache gives the same, is private, follows changes, and is ignored when it is damaged', async (t) => {
  const { home, write } = openHome(t);
  const cacheFile = join(home, '.cache', 'nanocent', 'agent-logs.bin');
  const filler = 'x'.repeat(600_000);
  const files = [1, 2, 3].map((session) =>
    write(`${projects}/s${session}.jsonl`, [
      claudeLine({
        session: `s${session}`,
        id: `m${session}`,
        at: noon + session,
        counts: { input: session, output: 10 },
        text: filler,
      }),
      claudeLine({ session: `s${session}`, id: 'm1', at: noon + 1, counts: { input: 1, output: 10 } }),
    ]),
  );
  const cold = await read(home, cacheFile);
  assert.equal(statSync(cacheFile).mode & 0o777, 0o600);
  const warm = await read(home, cacheFile);
  assert.deepEqual([warm.logs.bytesRead, warm.logs.bytesCached], [0, cold.logs.bytesRead]);
  assert.deepEqual([warm.messages, warm.logs.skipped], [cold.messages, cold.logs.skipped]);

  appendFileSync(
    files[1]!,
    `${claudeLine({ session: 's2', id: 'm9', at: noon + 9, counts: { input: 9, output: 9 } })}\n`,
  );
  rmSync(files[2]!);
  const changed = await read(home, cacheFile);
  assert.deepEqual(
    changed.messages.map(({ messageId }) => messageId),
    ['m1', 'm2', 'm9'],
  );
  assert.equal(changed.logs.bytesRead, statSync(files[1]!).size);
  assert.deepEqual(changed.messages, (await read(home)).messages);

  const { mtime } = statSync(cacheFile);
  for (const damage of ['', 'nanocent agent logs\n', 'x'.repeat(4_000)]) {
    writeFileSync(cacheFile, damage);
    utimesSync(cacheFile, mtime, mtime);
    assert.deepEqual((await read(home, cacheFile)).messages, changed.messages);
  }
});

test('the totals are those of a naive program, for any mix of the traps', { timeout: 60_000 }, async (t) => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const { home, write } = openHome(t);
    writeRandomLogs(seed, write);
    const { logs } = await read(home);
    assert.deepEqual(await totalsOf(logs), await naiveTotals(home), `seed ${seed}`);
  }
});

async function totalsOf(logs: Awaited<ReturnType<typeof readAgentLogs>>): Promise<NaiveTotals> {
  const totals: NaiveTotals = {};
  for (const { model, project, usage } of logs.messages()) {
    const { input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite, output, reasoning } = usage;
    const key = `${model} ${project}`;
    totals[key] ??= { calls: 0, tokens: [0, 0, 0, 0, 0, 0, 0], nanocents: 0n };
    const total = totals[key];
    total.calls += 1;
    [input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite, output, reasoning].forEach((count, index) => {
      total.tokens[index]! += count ?? 0;
    });
  }
  const query = { view: 'total', by: 'model', since: null, until: null, zone: 'UTC', now: noon } as const;
  for (const view of ['total', 'daily', 'session', 'blocks'] as const) {
    const report = await agentReport(logs, { ...query, view }, bundledCatalog());
    assert.equal(report.totals.sums.calls, logs.count);
    for (const row of report.rows) {
      for (const part of view === 'total' ? [row] : row.parts) {
        assert.equal(part.projects.length, 1, 'one project a model, so that models tell the money');
        if (view === 'total') totals[`${part.key} ${part.projects[0]}`]!.nanocents = part.sums.nanocents;
      }
    }
    const sum = Object.values(totals).reduce((all, { nanocents }) => all + nanocents, 0n);
    assert.equal(report.totals.sums.nanocents, sum, view);
  }
  return totals;
}

const claudeModels = ['claude-sonnet-4-5-20250929', 'claude-opus-4-5-20251101', 'claude-haiku-4-5-20251001'];
const codexModels = ['gpt-5', 'gpt-5.1-codex', 'gpt-5-mini'];

/** Sessions with streamed, interleaved, copied, replayed and broken lines. */
function writeRandomLogs(seed: number, write: ReturnType<typeof openLogFolder>): void {
  const { below, onceIn, pick } = seededRandom(seed);
  const written: { line: string; request: string }[] = [];
  let number = 0;
  for (let session = 0; session < 5; session += 1) {
    const id = `session-${session}`;
    const lines: string[] = [];
    // Resumed or forked: what others wrote, under this session's id, perhaps not to its end.
    for (const { line } of onceIn(2) ? written.slice(0, below(written.length + 1)) : []) {
      if (!onceIn(10)) lines.push(line.replaceAll(/"sessionId":"[^"]+"/g, `"sessionId":"${id}"`));
    }
    for (let message = 0; message < 8; message += 1) {
      number += 1;
      const model = pick(claudeModels);
      const at = noon + number * minute * below(90);
      const of = { session: id, id: `msg_${number}`, request: `req_${number}`, model, cwd: `/home/${model}` };
      const most = { input: below(300), read: below(400_000), short: below(9_000), long: below(3_000) };
      const streamed = 1 + below(4);
      for (let part = 1; part <= streamed; part += 1) {
        const counts = { ...most, output: part === streamed ? 20 + below(2_000) : below(20) };
        lines.push(
          claudeLine({
            ...of,
            at: at + part,
            counts,
            ended: part === streamed && !onceIn(4),
            sidechain: onceIn(9) && streamed === 1,
          }),
        );
        written.push({ line: lines.at(-1)!, request: of.request });
      }
      if (onceIn(4)) lines.splice(below(lines.length), 0, lines.at(-1)!);
      if (onceIn(5)) lines.push(userLine(id, at), lines.at(-1)!.slice(0, below(200)));
      if (onceIn(8))
        lines.push(
          claudeLine({
            ...of,
            id: `no_${number}`,
            model: '<synthetic>',
            at,
            counts: { input: 0, output: 0 },
          }),
        );
      if (onceIn(8))
        lines.push(
          claudeLine({
            ...of,
            id: `no_${number}`,
            at,
            counts: { input: 5, output: 5 },
            line: { isApiErrorMessage: true },
          }),
        );
    }
    write(`.claude/projects/p${session % 2}/${id}.jsonl`, lines);
    const replayed = written.filter(({ line }) => !line.includes('"isSidechain":true') && onceIn(6));
    const asSidechain = replayed.map(({ line, request }) =>
      line
        .replace('"isSidechain":false', '"isSidechain":true')
        .replace(`"requestId":"${request}"`, `"requestId":"side_${request}"`),
    );
    if (onceIn(2)) write(`.claude/projects/p${session % 2}/${id}/subagents/agent-1.jsonl`, asSidechain);
  }
  writeRandomCodex(seededRandom(seed + 1_000), write);
}

function writeRandomCodex(
  { below, onceIn, pick }: ReturnType<typeof seededRandom>,
  write: ReturnType<typeof openLogFolder>,
): void {
  let parent: string[] = [];
  for (let session = 0; session < 5; session += 1) {
    const model = pick(codexModels);
    const forked = session > 0 && onceIn(2);
    const lines = forked
      ? [...parent]
      : [
          codexLine(noon, 'session_meta', {
            id: `c${session}`,
            cwd: `/home/${model}`,
            model_provider: 'openai',
          }),
          ...(model === 'gpt-5' && onceIn(2)
            ? []
            : [codexLine(noon, 'turn_context', { model, cwd: `/home/${model}` })]),
        ];
    if (!forked) parent = [];
    let total = codexUsage(0, 0, 0);
    const own = session * 1_000 + below(100);
    for (let call = 0; call < 10; call += 1) {
      const input = below(30_000);
      const last = codexUsage(input, below(input + 1), 1 + below(900), 0);
      const isReset = onceIn(6) || call === 0;
      if (isReset) total = codexUsage(0, 0, 0);
      total = codexUsage(
        total.input_tokens + last.input_tokens,
        total.cached_input_tokens + last.cached_input_tokens,
        total.output_tokens + last.output_tokens,
      );
      // A reset that is not seen by a smaller total cannot be told from more of the same: there the last call says it.
      const info = { total_token_usage: total, ...(onceIn(3) && !isReset ? {} : { last_token_usage: last }) };
      const line = codexCount(noon + (own + call) * 1_000, info);
      lines.push(line);
      if (onceIn(4)) lines.push(line);
      if (onceIn(5)) lines.push(codexCount(noon, null), line.slice(0, 90));
    }
    if (!forked) parent = lines.slice(0, 2 + below(lines.length));
    write(`${day}/rollout-${session}.jsonl`, lines);
    if (onceIn(3)) write(`.codex/archived_sessions/2026/11/20/rollout-${session}.jsonl`, lines.slice(0, 4));
    if (onceIn(3)) write(`.codex/archived_sessions/2026/11/20/rollout-old-${session}.jsonl`, lines);
  }
}
