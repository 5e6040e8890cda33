import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { bundledCatalog } from '../../prices/index.ts';
import type { AgentMessage } from './agent-message.ts';
import { agentReport } from './agent-report.ts';
import { claudeLine, userLine } from './fixtures/log-lines.ts';
import { noon, openHome, read } from './fixtures/open-home.ts';

/** What tells calls apart, in one line each. */
function told({ model, usage, sessionId, requestId, confidence }: AgentMessage): string {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output } = usage;
  return `${model} ${input}+${cacheRead}+${cacheWrite5m}+${cacheWrite1h} ${output} ${sessionId} ${requestId} ${confidence}`;
}

const projects = '.claude/projects/-projects-shop';

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
    project: '/projects/shop',
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
      cwd: '/projects/Grüße "日本"',
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
    ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => `${id} 4 /projects/Grüße "日本"`),
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
