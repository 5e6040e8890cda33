import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readResponse } from '../read-response.ts';
import type { Reading } from '../reading.ts';

const google = { provider: 'google', api: 'generateContent' };

function body(usageMetadata: object, extra: object = {}): string {
  const candidates = [{ content: { parts: [{ text: 'ok' }] }, finishReason: 'STOP' }];
  return JSON.stringify({
    candidates,
    usageMetadata,
    modelVersion: 'gemini-2.5-pro',
    responseId: 'r1',
    ...extra,
  });
}

function read(usageMetadata: object, extra: object = {}): Reading {
  return readResponse(body(usageMetadata, extra), google);
}

function sse(...payloads: readonly object[]): string {
  return payloads.map((payload) => `data: ${JSON.stringify(payload)}\r\n\r\n`).join('');
}

const none = { cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWrite: 0, units: {} };

test('each trap of generateContent', () => {
  const cases: readonly (readonly [string, object, object])[] = [
    [
      'thoughts stand outside the candidates',
      { promptTokenCount: 21, candidatesTokenCount: 40, thoughtsTokenCount: 60, totalTokenCount: 121 },
      { ...none, input: 21, output: 100, reasoning: 60 },
    ],
    [
      'older backends: thoughts inside the candidates, and the total shows it',
      { promptTokenCount: 21, candidatesTokenCount: 100, thoughtsTokenCount: 60, totalTokenCount: 121 },
      { ...none, input: 21, output: 100, reasoning: 60 },
    ],
    [
      'output in no field at all is still in the total',
      { promptTokenCount: 21, candidatesTokenCount: 4, totalTokenCount: 50 },
      { ...none, input: 21, output: 29, reasoning: 0 },
    ],
    [
      'the prompt includes cached content and excludes what tools put into it',
      {
        promptTokenCount: 500,
        cachedContentTokenCount: 400,
        toolUsePromptTokenCount: 77,
        candidatesTokenCount: 9,
        totalTokenCount: 586,
      },
      { ...none, input: 177, cacheRead: 400, output: 9, reasoning: 0, toolUseInput: 77 },
    ],
    [
      'counts are omitted when 0: a blocked prompt has no output',
      { promptTokenCount: 33, totalTokenCount: 33 },
      { ...none, input: 33, output: 0, reasoning: 0 },
    ],
    [
      'without a total, candidates and thoughts are the output',
      { promptTokenCount: 5, candidatesTokenCount: 6, thoughtsTokenCount: 7 },
      { ...none, input: 5, output: 13, reasoning: 7 },
    ],
    [
      'an image is output with a rate of its own',
      {
        promptTokenCount: 8,
        candidatesTokenCount: 1300,
        totalTokenCount: 1308,
        candidatesTokensDetails: [
          { modality: 'IMAGE', tokenCount: 1290 },
          { modality: 'TEXT', tokenCount: 10 },
        ],
      },
      { ...none, input: 8, output: 1300, reasoning: 0, outputImage: 1290 },
    ],
    [
      'audio is told apart, cached and not',
      {
        promptTokenCount: 300,
        cachedContentTokenCount: 100,
        candidatesTokenCount: 50,
        totalTokenCount: 350,
        promptTokensDetails: [
          { modality: 'AUDIO', tokenCount: 250 },
          { modality: 'TEXT', tokenCount: 50 },
        ],
        cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 90 }],
        candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 50 }],
      },
      {
        ...none,
        input: 200,
        cacheRead: 100,
        output: 50,
        reasoning: 0,
        inputAudio: 160,
        cacheReadAudio: 90,
        outputAudio: 50,
      },
    ],
    [
      'video and cached images are told apart',
      {
        promptTokenCount: 1000,
        cachedContentTokenCount: 300,
        candidatesTokenCount: 40,
        totalTokenCount: 1040,
        promptTokensDetails: [
          { modality: 'VIDEO', tokenCount: 600 },
          { modality: 'IMAGE', tokenCount: 350 },
          { modality: 'TEXT', tokenCount: 50 },
        ],
        cacheTokensDetails: [
          { modality: 'IMAGE', tokenCount: 258 },
          { modality: 'VIDEO', tokenCount: 42 },
        ],
        candidatesTokensDetails: [{ modality: 'VIDEO', tokenCount: 41 }],
      },
      {
        ...none,
        input: 700,
        cacheRead: 300,
        output: 40,
        reasoning: 0,
        inputImage: 92,
        inputVideo: 558,
        cacheReadImage: 258,
        outputVideo: 40,
      },
    ],
    [
      'a modality is never more than what holds it',
      {
        promptTokenCount: 10,
        candidatesTokenCount: 3,
        totalTokenCount: 13,
        promptTokensDetails: [{ modality: 'IMAGE', tokenCount: 99 }],
        candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 99 }],
      },
      { ...none, input: 10, output: 3, reasoning: 0, inputImage: 10, outputImage: 3 },
    ],
  ];
  for (const [name, usageMetadata, expected] of cases) {
    const reading = read(usageMetadata);
    assert.deepEqual(reading.usage, expected, name);
    assert.equal(reading.basis, 'provider', name);
  }
});

test('counts that contradict each other are unknown and the reading partial, never a guess', () => {
  const cases: readonly (readonly [string, object])[] = [
    ['cached above the prompt', { promptTokenCount: 5, cachedContentTokenCount: 6, totalTokenCount: 5 }],
    ['total below the prompt', { promptTokenCount: 5, totalTokenCount: 4 }],
    [
      'total below prompt and candidates',
      { promptTokenCount: 5, candidatesTokenCount: 5, totalTokenCount: 9 },
    ],
    ['total below prompt and thoughts', { promptTokenCount: 5, thoughtsTokenCount: 5, totalTokenCount: 9 }],
    ['negative', { promptTokenCount: -1, totalTokenCount: 4 }],
    ['fraction', { promptTokenCount: 1.5, totalTokenCount: 4 }],
  ];
  for (const [name, usageMetadata] of cases) {
    const reading = read(usageMetadata);
    assert.equal(reading.usage.input, null, name);
    assert.equal(reading.usage.output, null, name);
    assert.equal(reading.basis, 'partial', name);
    assert.ok(reading.problems.length > 0, name);
  }
});

test('the tier that served, from Vertex traffic types and the Gemini API service tier', () => {
  const counts = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
  const tiers: readonly (readonly [object, string | undefined])[] = [
    [{}, undefined],
    [{ trafficType: 'ON_DEMAND' }, undefined],
    [{ trafficType: 'TRAFFIC_TYPE_UNSPECIFIED' }, undefined],
    [{ trafficType: 'ON_DEMAND_FLEX' }, 'flex'],
    [{ trafficType: 'ON_DEMAND_PRIORITY' }, 'priority'],
    [{ trafficType: 'PROVISIONED_THROUGHPUT' }, 'provisioned'],
    [{ serviceTier: 'standard' }, undefined],
    [{ serviceTier: 'flex' }, 'flex'],
    [{ serviceTier: 'priority' }, 'priority'],
    [{ serviceTier: 'constructor' }, 'constructor'],
  ];
  for (const [said, tier] of tiers)
    assert.equal(read({ ...counts, ...said }).terms.tier, tier, JSON.stringify(said));
});

test('a stream repeats its counts, and the last event has them right, even when they went down before', () => {
  const event = (candidatesTokenCount: number, totalTokenCount: number, end: object = {}) => ({
    candidates: [{ content: { parts: [{ text: 'ab' }] }, ...end }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount, thoughtsTokenCount: 30, totalTokenCount },
    modelVersion: 'gemini-3-flash-preview',
  });
  const stream = sse(event(90, 130), event(20, 60), event(50, 90, { finishReason: 'STOP' }));
  const whole = readResponse(stream, google);
  assert.deepEqual(whole.usage, { ...none, input: 10, output: 80, reasoning: 30 });
  assert.equal(whole.basis, 'provider');
  const cut = readResponse(stream.slice(0, stream.indexOf('"finishReason"')), google);
  assert.deepEqual(cut.usage, { ...none, input: 10, output: 50, reasoning: 30 });
  assert.equal(cut.basis, 'partial');
});

test('Vertex opens a stream with a usage object that has no counts: nothing is known yet, which is not zero', () => {
  const opening = {
    candidates: [{ content: { parts: [{ text: 'Hi' }] } }],
    usageMetadata: { trafficType: 'ON_DEMAND_FLEX' },
  };
  const reading = readResponse(sse(opening), { provider: 'google-vertex', api: 'streamGenerateContent' });
  assert.equal(reading.usage.input, null);
  assert.equal(reading.usage.output, null);
  assert.equal(reading.basis, 'partial');
  assert.equal(reading.terms.tier, 'flex');
  assert.deepEqual(reading.produced, { events: 1, bytes: 2 });
});

test('Vertex is recognised by its traffic type; a list of events is a stream', () => {
  const usageMetadata = { promptTokenCount: 4, candidatesTokenCount: 2, totalTokenCount: 6 };
  const vertex = body({ ...usageMetadata, trafficType: 'ON_DEMAND' });
  assert.equal(readResponse(vertex).provider, 'google-vertex');
  assert.equal(readResponse(body(usageMetadata)).provider, 'google');
  const list = readResponse(
    `[${body({ promptTokenCount: 4, totalTokenCount: 4 })},\r\n${body(usageMetadata)}]`,
  );
  assert.deepEqual([list.usage.output, list.basis], [2, 'provider']);
});

test('a list of events that was cut is read as far as it came', () => {
  const event = body({ promptTokenCount: 4, candidatesTokenCount: 2, totalTokenCount: 6 });
  const list = `[${event},\r\n${event}]`;
  for (let cut = event.length + 1; cut < list.length; cut++) {
    const reading = readResponse(list.slice(0, cut), google);
    assert.deepEqual([reading.usage.output, reading.basis], [2, 'partial'], `cut at ${cut}`);
  }
});

test('search queries are billed each from Gemini 3 on, once a prompt before; function calls are counted', () => {
  const candidates = [
    {
      content: { parts: [{ functionCall: { name: 'a' } }, { functionCall: { name: 'b' } }, { text: 'x' }] },
      groundingMetadata: { webSearchQueries: ['one', 'two', '', 'one'] },
      finishReason: 'STOP',
    },
  ];
  const counts = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
  const third = read(counts, { candidates, modelVersion: 'gemini-3-pro' });
  assert.deepEqual(third.usage.units, { webSearch: 2 });
  assert.equal(third.toolCalls, 2);
  assert.deepEqual(read(counts, { candidates, modelVersion: 'gemini-2.5-flash' }).usage.units, {
    webSearch: 1,
  });
});

test('the interactions API: thoughts and tool use stand beside input and output', () => {
  const usage = {
    total_tokens: 400,
    total_input_tokens: 100,
    total_cached_tokens: 30,
    total_tool_use_tokens: 50,
    total_output_tokens: 90,
    total_thought_tokens: 160,
    output_tokens_by_modality: [{ modality: 'image', tokens: 80 }],
    grounding_tool_count: [{ type: 'google_search', count: 1, search_query_count: 3 }],
  };
  const expected = {
    ...none,
    input: 120,
    cacheRead: 30,
    output: 250,
    reasoning: 160,
    outputImage: 80,
    toolUseInput: 50,
    units: { webSearch: 3 },
  };
  const interaction = {
    id: 'v1_x',
    object: 'interaction',
    model: 'gemini-3.5-flash',
    service_tier: 'flex',
    status: 'completed',
    usage,
  };
  const whole = readResponse(
    JSON.stringify({ ...interaction, steps: [{ type: 'function_call', name: 'f' }] }),
  );
  assert.deepEqual([whole.provider, whole.api, whole.model], ['google', 'interactions', 'gemini-3.5-flash']);
  assert.deepEqual(whole.usage, expected);
  assert.deepEqual(
    [whole.terms.tier, whole.responseId, whole.toolCalls, whole.basis],
    ['flex', 'v1_x', 1, 'provider'],
  );

  const opening = {
    event_type: 'interaction.created',
    interaction: { id: 'v1_x', status: 'in_progress', model: 'gemini-3.5-flash' },
  };
  const step = { event_type: 'step.start', step: { type: 'function_call', name: 'f' } };
  const end = { event_type: 'interaction.completed', interaction };
  const streamed = readResponse(sse(opening, step, end));
  assert.deepEqual(streamed.usage, expected);
  assert.deepEqual([streamed.basis, streamed.toolCalls], ['provider', 1]);
  const cut = readResponse(sse(opening, step));
  assert.deepEqual([cut.basis, cut.usage.input, cut.model], ['partial', null, 'gemini-3.5-flash']);
});

test('the interactions API may leave thinking out of every field but the total', () => {
  const usage = { total_tokens: 197, total_input_tokens: 8, total_output_tokens: 12 };
  const reading = readResponse(JSON.stringify({ object: 'interaction', status: 'completed', usage }));
  assert.deepEqual(reading.usage, { ...none, input: 8, output: 189, reasoning: 0 });
});

test("through OpenAI's shape, thinking is in the total and nowhere else", () => {
  const chat = {
    object: 'chat.completion',
    model: 'gemini-2.5-pro',
    choices: [{ message: { content: 'x' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 40, completion_tokens: 10, total_tokens: 120 },
  };
  const reading = readResponse(JSON.stringify(chat));
  assert.equal(reading.provider, 'google');
  assert.deepEqual(reading.usage, { ...none, input: 40, output: 80, reasoning: 70 });
});
