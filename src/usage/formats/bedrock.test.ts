import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeEvent } from '../../testing/encode-eventstream.ts';
import { bedrockModel } from '../bedrock-model.ts';
import { readResponse } from '../read-response.ts';
import { openReader } from '../reader.ts';
import type { Reading } from '../reading.ts';

const converse = { provider: 'aws-bedrock', api: 'converse' };
const invoke = { provider: 'aws-bedrock', api: 'invoke' };
const none = { cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWrite: 0, reasoning: null, units: {} };

function converseBody(usage: object, extra: object = {}): string {
  const content = [{ text: 'Paris' }, { toolUse: { name: 'f' } }];
  return JSON.stringify({ output: { message: { content } }, stopReason: 'end_turn', usage, ...extra });
}

/** A binary stream whose payloads carry their events in base64, as InvokeModelWithResponseStream sends them. */
function chunks(...events: readonly object[]): Buffer {
  return Buffer.concat(
    events.map((event) => {
      const bytes = Buffer.from(JSON.stringify(event)).toString('base64');
      return encodeEvent('chunk', JSON.stringify({ bytes, p: 'abcdef' }));
    }),
  );
}

/** As a watcher of a live response reads it: it may hold nothing yet. */
function openedReading(bytes: Uint8Array, source: { provider: string; api: string }): Reading {
  const reader = openReader({ ...source, framing: 'eventstream' });
  reader.chunk(bytes);
  return reader.finish();
}

test('each trap of Converse', () => {
  const cases: readonly (readonly [string, object, object])[] = [
    [
      'input leaves the cache out; writes are split by time to live; old names repeat the new',
      {
        inputTokens: 7,
        outputTokens: 11,
        totalTokens: 1318,
        cacheReadInputTokens: 900,
        cacheReadInputTokenCount: 900,
        cacheWriteInputTokens: 400,
        cacheWriteInputTokenCount: 400,
        cacheDetails: [
          { ttl: '1h', inputTokens: 300 },
          { ttl: '5m', inputTokens: 60 },
        ],
        serverToolUsage: {},
      },
      { ...none, input: 7, cacheRead: 900, cacheWrite5m: 60, cacheWrite1h: 300, cacheWrite: 40, output: 11 },
    ],
    [
      'without details the time to live is not known',
      { inputTokens: 7, outputTokens: 11, totalTokens: 18, cacheWriteInputTokens: 40 },
      { ...none, input: 7, cacheWrite: 40, output: 11 },
    ],
    [
      'old names alone, and no total',
      { inputTokens: 7, outputTokens: 11, cacheReadInputTokenCount: 5 },
      { ...none, input: 7, cacheRead: 5, output: 11 },
    ],
  ];
  for (const [name, usage, expected] of cases) {
    const reading = readResponse(converseBody(usage), converse);
    assert.deepEqual(reading.usage, expected, name);
    assert.deepEqual([reading.basis, reading.model, reading.toolCalls], ['provider', null, 1], name);
  }
});

test('a total that no reading of the parts gives, or more writes by time to live than writes, is not believed', () => {
  for (const usage of [
    { inputTokens: 7, outputTokens: 11, totalTokens: 19 },
    {
      inputTokens: 7,
      outputTokens: 11,
      cacheWriteInputTokens: 4,
      cacheDetails: [{ ttl: '5m', inputTokens: 5 }],
    },
  ]) {
    const reading = readResponse(converseBody(usage), converse);
    assert.deepEqual([reading.usage.input, reading.basis], [null, 'partial']);
  }
});

test('the tier that served, and the model that a router chose', () => {
  const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
  const tiers: readonly (readonly [object, object])[] = [
    [{ serviceTier: { type: 'default' } }, {}],
    [{ serviceTier: { type: 'priority' } }, { tier: 'priority' }],
    [{ serviceTier: { type: 'flex' } }, { tier: 'flex' }],
    [{ performanceConfig: { latency: 'standard' } }, {}],
    [{ performanceConfig: { latency: 'optimized' } }, { tier: 'fast' }],
  ];
  for (const [extra, terms] of tiers) {
    assert.deepEqual(readResponse(converseBody(usage, extra), converse).terms, terms, JSON.stringify(extra));
  }
  const invokedModelId = 'arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-haiku-4-5-v1:0';
  const routed = readResponse(converseBody(usage, { trace: { promptRouter: { invokedModelId } } }), converse);
  assert.equal(routed.model, 'anthropic.claude-haiku-4-5-v1:0');
  assert.deepEqual(routed.terms, { region: 'us' });
});

const converseStream = Buffer.concat([
  encodeEvent('messageStart', '{"p":"abc","role":"assistant"}'),
  encodeEvent('contentBlockStart', '{"contentBlockIndex":1,"start":{"toolUse":{"name":"f"}}}'),
  encodeEvent('contentBlockDelta', '{"contentBlockIndex":0,"delta":{"text":"Grüße"},"p":"abcd"}'),
  encodeEvent('messageStop', '{"p":"abc","stopReason":"end_turn"}'),
  encodeEvent('metadata', '{"metrics":{"latencyMs":5},"usage":{"inputTokens":31,"outputTokens":64}}'),
]);

test('a binary Converse stream says its usage in its last event; cut anywhere before, nothing is known', () => {
  const whole = readResponse(converseStream);
  assert.deepEqual([whole.provider, whole.api, whole.basis], ['aws-bedrock', 'converse', 'provider']);
  assert.deepEqual(whole.usage, { ...none, input: 31, output: 64 });
  assert.deepEqual([whole.toolCalls, whole.raw], [1, '{"inputTokens":31,"outputTokens":64}']);
  assert.deepEqual(whole.produced, { events: 1, bytes: 7 });
  for (let cut = 0; cut < converseStream.length; cut++) {
    const reading = openedReading(converseStream.subarray(0, cut), converse);
    assert.deepEqual([reading.basis, reading.usage.input], ['partial', null], `cut at ${cut}`);
  }
});

test('a damaged binary stream is partial, though its usage was seen', () => {
  const broken = Buffer.from(converseStream);
  broken[20] = broken[20]! ^ 1;
  const reading = openedReading(Buffer.concat([converseStream, broken]), converse);
  assert.deepEqual([reading.usage.input, reading.basis], [31, 'partial']);
});

test('each family of InvokeModel has its own body', () => {
  const cases: readonly (readonly [string, object, object])[] = [
    [
      'Anthropic',
      {
        type: 'message',
        model: 'claude-x',
        usage: {
          input_tokens: 3,
          cache_read_input_tokens: 20,
          cache_creation_input_tokens: 9,
          cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 5 },
          output_tokens: 6,
        },
        content: [],
        stop_reason: 'end_turn',
      },
      { ...none, input: 3, cacheRead: 20, cacheWrite5m: 4, cacheWrite1h: 5, output: 6 },
    ],
    [
      'Nova',
      {
        output: { message: {} },
        stopReason: 'end_turn',
        usage: { inputTokens: 3, outputTokens: 6, totalTokens: 9 },
      },
      { ...none, input: 3, output: 6 },
    ],
    [
      'Llama',
      { generation: 'x', prompt_token_count: 3, generation_token_count: 6, stop_reason: 'stop' },
      { ...none, input: 3, output: 6 },
    ],
    [
      'Titan',
      {
        inputTextTokenCount: 3,
        results: [
          { tokenCount: 4, outputText: 'a' },
          { tokenCount: 2, outputText: 'b' },
        ],
      },
      { ...none, input: 3, output: 6 },
    ],
    ['Titan embeddings', { embedding: [0.1], inputTextTokenCount: 3 }, { ...none, input: 3, output: 0 }],
    [
      'Mistral, Qwen, DeepSeek and others in OpenAI’s shape',
      {
        choices: [{ message: {}, finish_reason: 'stop' }],
        usage: { prompt_tokens: 3, completion_tokens: 6, total_tokens: 9 },
      },
      { ...none, input: 3, output: 6 },
    ],
  ];
  for (const [family, body, expected] of cases) {
    const reading = readResponse(JSON.stringify(body), invoke);
    assert.deepEqual(reading.usage, expected, family);
    assert.deepEqual(
      [reading.provider, reading.api, reading.basis],
      ['aws-bedrock', 'invoke', 'provider'],
      family,
    );
  }
});

const metrics = {
  inputTokenCount: 3,
  outputTokenCount: 6,
  cacheReadInputTokenCount: 20,
  cacheWriteInputTokenCount: 9,
};

test('an InvokeModel stream wraps its payloads in base64, and its last one adds the metrics', () => {
  const usage = {
    input_tokens: 3,
    cache_read_input_tokens: 20,
    cache_creation_input_tokens: 9,
    output_tokens: 1,
  };
  const creation = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 9 };
  const anthropic = chunks(
    {
      type: 'message_start',
      message: { id: 'm', model: 'claude-x', usage: { ...usage, cache_creation: creation } },
    },
    { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Grüße' } },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 6 } },
    { type: 'message_stop', 'amazon-bedrock-invocationMetrics': metrics },
  );
  const reading = readResponse(anthropic, invoke);
  // Anthropic's own counts know the time to live, which the metrics do not.
  assert.deepEqual(reading.usage, { ...none, input: 3, cacheRead: 20, cacheWrite1h: 9, output: 6 });
  assert.deepEqual([reading.basis, reading.model, reading.produced.bytes], ['provider', 'claude-x', 7]);

  const llama = chunks(
    { generation: 'a', prompt_token_count: 3, generation_token_count: 1, stop_reason: null },
    { generation: 'b', prompt_token_count: null, generation_token_count: 6, stop_reason: 'stop' },
  );
  assert.deepEqual(readResponse(llama, invoke).usage, { ...none, input: 3, output: 6 });
});

test('the metrics stand in for a family that says nothing of its own', () => {
  const silent = chunks(
    { outputs: [{ text: 'a' }] },
    { outputs: [{ text: '' }], 'amazon-bedrock-invocationMetrics': metrics },
  );
  const reading = readResponse(silent, invoke);
  assert.deepEqual(reading.usage, { ...none, input: 3, cacheRead: 20, cacheWrite: 9, output: 6 });
  assert.equal(reading.basis, 'provider');
  assert.equal(readResponse(chunks({ outputs: [{ text: 'a' }] }), invoke).basis, 'partial');
});

test('the model stands only in the URL, and its profile says where it was served', () => {
  const cases: readonly (readonly [string, string | null, string | null])[] = [
    ['us.anthropic.claude-sonnet-4-5-20250929-v1%3A0', 'anthropic.claude-sonnet-4-5-20250929-v1:0', 'us'],
    ['eu.amazon.nova-lite-v1:0', 'amazon.nova-lite-v1:0', 'eu'],
    ['global.anthropic.claude-opus-5-v1:0', 'anthropic.claude-opus-5-v1:0', null],
    ['meta.llama3-70b-instruct-v1:0', 'meta.llama3-70b-instruct-v1:0', null],
    ['arn:aws:bedrock:eu-west-1:1:inference-profile/eu.amazon.nova-lite-v1:0', 'amazon.nova-lite-v1:0', 'eu'],
    ['arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0', 'amazon.nova-lite-v1:0', null],
    ['arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2c3', null, null],
    ['%E0%A4', null, null],
    ['', null, null],
  ];
  for (const [id, model, region] of cases) {
    assert.deepEqual(bedrockModel(id), model === null ? null : { model, region }, id);
  }
});
