import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anthropicPayloads, anthropicStream, named } from '../fixtures/streams.ts';
import { readResponse } from '../read-response.ts';

const message = (usage: object, more: object = {}) =>
  readResponse(
    JSON.stringify({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-a',
      content: [],
      usage,
      ...more,
    }),
  );

const start = (usage: object) =>
  JSON.stringify({ type: 'message_start', message: { id: 'm', model: 'claude-a', usage } });
const delta = (usage: object) =>
  JSON.stringify({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage });
const stream = (first: object, last: object) => readResponse(named([start(first), delta(last)]));

test('the delta replaces the start; growth of the cache goes into the time to live in use', () => {
  const reading = readResponse(anthropicStream);
  assert.deepEqual(reading.usage, {
    input: 4100,
    cacheRead: 11,
    cacheWrite5m: 0,
    cacheWrite1h: 3337,
    cacheWrite: 0,
    output: 95,
    reasoning: 40,
    units: { webSearch: 2 },
  });
  assert.deepEqual(
    [reading.basis, reading.model, reading.responseId, reading.toolCalls, reading.terms],
    ['provider', 'claude-z-2026', 'msg_7', 1, { region: 'us' }],
  );
  // 'Привет é' is 15 bytes, '{"a":' 5.
  assert.deepEqual(reading.produced, { events: 2, bytes: 20 });
});

test('input excludes the cache: nothing is subtracted', () => {
  const { usage } = message({
    input_tokens: 3,
    cache_creation_input_tokens: 418,
    cache_read_input_tokens: 1111,
    cache_creation: { ephemeral_5m_input_tokens: 400, ephemeral_1h_input_tokens: 18 },
    output_tokens: 33,
  });
  assert.deepEqual(
    [
      usage.input,
      usage.cacheRead,
      usage.cacheWrite5m,
      usage.cacheWrite1h,
      usage.cacheWrite,
      usage.output,
      usage.reasoning,
    ],
    [3, 1111, 400, 18, 0, 33, null],
  );
});

for (const [what, first, last, expected] of [
  ['none in use: unknown', [0, 0], 70, [0, 0, 70]],
  ['five minutes in use', [3068, 0], 3337, [3337, 0, 0]],
  ['one hour in use', [0, 20], 20, [0, 20, 0]],
  ['both in use: the growth is unknown', [10, 20], 37, [10, 20, 7]],
  ['both in use and less at the end: all unknown', [10, 20], 25, [0, 0, 25]],
  ['gone at the end', [10, 0], 0, [0, 0, 0]],
] as const) {
  test(`a delta without the split, ${what}`, () => {
    const split = { ephemeral_5m_input_tokens: first[0], ephemeral_1h_input_tokens: first[1] };
    const { usage, basis } = stream(
      {
        input_tokens: 5,
        output_tokens: 1,
        cache_creation_input_tokens: first[0] + first[1],
        cache_creation: split,
      },
      { output_tokens: 9, cache_creation_input_tokens: last },
    );
    assert.deepEqual([usage.cacheWrite5m, usage.cacheWrite1h, usage.cacheWrite], expected);
    assert.equal(basis, 'provider');
  });
}

test('a total without any split is a write of unknown time to live', () => {
  const { usage } = message({ input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 9 });
  assert.deepEqual([usage.cacheWrite5m, usage.cacheWrite1h, usage.cacheWrite], [0, 0, 9]);
});

test('a split above its own total is contradictory: unknown', () => {
  const reading = message({
    input_tokens: 1,
    output_tokens: 1,
    cache_creation_input_tokens: 9,
    cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 0 },
  });
  assert.deepEqual([reading.basis, reading.usage.input], ['partial', null]);
  assert.match(reading.problems.join(), /sums to 10, more than cache_creation_input_tokens of 9/);
});

test('nulls of the delta replace nothing', () => {
  const { usage } = stream(
    { input_tokens: 61, cache_read_input_tokens: 7, output_tokens: 1 },
    {
      input_tokens: null,
      cache_read_input_tokens: null,
      cache_creation_input_tokens: null,
      output_tokens: 8,
    },
  );
  assert.deepEqual([usage.input, usage.cacheRead, usage.output], [61, 7, 8]);
});

test('a delta that lowers the input is believed: it replaces', () => {
  assert.equal(
    stream({ input_tokens: 61, output_tokens: 1 }, { input_tokens: 43, output_tokens: 2 }).usage.input,
    43,
  );
});

test('the same message started twice by a retrying proxy is counted once, before its end or after', () => {
  const once = readResponse(anthropicStream).usage;
  assert.deepEqual(readResponse(named([anthropicPayloads[0]!, ...anthropicPayloads])).usage, once);
  assert.deepEqual(readResponse(named([...anthropicPayloads, anthropicPayloads[0]!])).usage, once);
});

test('compaction is left out at the top and added here', () => {
  const compaction = {
    type: 'compaction',
    input_tokens: 100,
    output_tokens: 83,
    cache_read_input_tokens: 55_000,
  };
  const { usage } = stream(
    { input_tokens: 100, cache_read_input_tokens: 55_000, output_tokens: 7 },
    {
      input_tokens: 181,
      cache_read_input_tokens: 0,
      output_tokens: 8,
      iterations: [compaction, { type: 'message', input_tokens: 181, output_tokens: 8 }],
    },
  );
  assert.deepEqual([usage.input, usage.cacheRead, usage.output], [281, 55_000, 91]);
});

test('iterations of only the last call, as a client sums them, do not lower the counts at the top', () => {
  const iterations = [{ type: 'message', input_tokens: 10, output_tokens: 2 }];
  assert.equal(message({ input_tokens: 500, output_tokens: 40, iterations }).usage.input, 500);
});

test('an advisor is an item at its own model and not in the counts at the top', () => {
  const reading = message({
    input_tokens: 24,
    output_tokens: 32,
    iterations: [
      { type: 'message', input_tokens: 24, output_tokens: 32 },
      { type: 'advisor_message', model: 'claude-b', input_tokens: 27, output_tokens: 8 },
    ],
  });
  assert.deepEqual([reading.usage.input, reading.usage.output], [24, 32]);
  assert.deepEqual(
    reading.items.map(({ model, reason, usage }) => [model, reason, usage.input, usage.output]),
    [['claude-b', 'advisor', 27, 8]],
  );
});

test('a declined model before a fallback is an item; the served model is that of the response', () => {
  const reading = message(
    {
      input_tokens: 412,
      output_tokens: 264,
      iterations: [
        { type: 'message', model: 'claude-first', input_tokens: 408, output_tokens: 0 },
        { type: 'message', model: 'claude-second', input_tokens: 200, output_tokens: 60 },
        { type: 'fallback_message', model: 'claude-second', input_tokens: 212, output_tokens: 204 },
      ],
    },
    { model: 'claude-second' },
  );
  assert.equal(reading.model, 'claude-second');
  assert.deepEqual([reading.usage.input, reading.usage.output], [412, 264]);
  assert.deepEqual(
    reading.items.map(({ model, reason, usage }) => [model, reason, usage.input, usage.output]),
    [['claude-first', 'fallback', 408, 0]],
  );
});

for (const [usage, terms] of [
  [{ service_tier: 'standard', speed: 'standard', inference_geo: 'global' }, {}],
  [{ service_tier: 'priority', inference_geo: 'not_available' }, { tier: 'priority' }],
  [{ service_tier: 'batch' }, { tier: 'batch' }],
  [
    { service_tier: 'standard', speed: 'fast', inference_geo: 'us' },
    { tier: 'fast', region: 'us' },
  ],
] as const) {
  test(`served terms of ${JSON.stringify(usage)}`, () => {
    assert.deepEqual(message({ input_tokens: 1, output_tokens: 1, ...usage }).terms, terms);
  });
}

test('thinking is inside output; more thinking than output is contradictory', () => {
  const usage = { input_tokens: 1, output_tokens: 10, output_tokens_details: { thinking_tokens: 10 } };
  assert.deepEqual([message(usage).usage.output, message(usage).usage.reasoning], [10, 10]);
  const more = message({ ...usage, output_tokens_details: { thinking_tokens: 11 } });
  assert.deepEqual([more.basis, more.usage.output], ['partial', null]);
});

test('cut after the start: the input is known, the output only so far, labelled partial', () => {
  const reading = readResponse(named(anthropicPayloads.slice(0, 5)));
  assert.deepEqual([reading.basis, reading.usage.input, reading.usage.output], ['partial', 50, 1]);
});

test('both usage objects of a stream are kept as sent', () => {
  const raw = JSON.parse(readResponse(anthropicStream).raw!) as Record<string, { output_tokens: number }>;
  assert.deepEqual([raw.message_start?.output_tokens, raw.message_delta?.output_tokens], [1, 95]);
});
