import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readResponse } from '../read-response.ts';

const none = { cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWrite: 0, reasoning: null, units: {} };

test('what is billed is counted, not what the model saw', () => {
  const usage = {
    billed_units: { input_tokens: 12, output_tokens: 30 },
    tokens: { input_tokens: 502, output_tokens: 33 },
    cached_tokens: 480,
  };
  const message = { content: [{ type: 'text', text: 'x' }], tool_calls: [{}, {}] };
  const reading = readResponse(JSON.stringify({ id: 'a', finish_reason: 'COMPLETE', message, usage }));
  assert.deepEqual([reading.provider, reading.api, reading.model], ['cohere', 'chat', null]);
  assert.deepEqual(reading.usage, { ...none, input: 12, output: 30 });
  assert.deepEqual([reading.basis, reading.responseId, reading.toolCalls], ['provider', 'a', 2]);
});

test('the model’s tokens alone are not a bill', () => {
  const body = JSON.stringify({
    id: 'a',
    message: {},
    usage: { tokens: { input_tokens: 5, output_tokens: 3 } },
  });
  const reading = readResponse(body, { provider: 'cohere', api: 'v2/chat' });
  assert.deepEqual([reading.usage.input, reading.basis], [null, 'partial']);
});

test('a stream says it in its last event', () => {
  const usage = { billed_units: { input_tokens: 12, output_tokens: 30 } };
  const events = [
    { type: 'message-start', id: 'a', delta: { message: { role: 'assistant' } } },
    { type: 'content-delta', delta: { message: { content: { text: 'hello' } } } },
    { type: 'tool-call-start', delta: { message: { tool_calls: { id: 't' } } } },
    { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage } },
  ];
  const stream = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
  const reading = readResponse(stream);
  assert.deepEqual(reading.usage, { ...none, input: 12, output: 30 });
  assert.deepEqual([reading.responseId, reading.toolCalls, reading.produced.bytes], ['a', 1, 5]);
  assert.equal(reading.raw, JSON.stringify(usage));
  const cut = readResponse(stream.slice(0, stream.indexOf('"usage"')), { provider: 'cohere', api: 'chat' });
  assert.deepEqual([cut.basis, cut.usage.input], ['partial', null]);
});

test('the first API, embedding and reranking say it under meta', () => {
  const cases: readonly (readonly [string, object, object])[] = [
    ['chat', { input_tokens: 5, output_tokens: 3 }, { ...none, input: 5, output: 3 }],
    ['embed', { input_tokens: 5 }, { ...none, input: 5, output: 0 }],
    [
      'embed',
      { input_tokens: 5, image_tokens: 90, images: 1 },
      { ...none, input: 95, output: 0, inputImage: 90 },
    ],
    ['embed', { images: 2 }, { ...none, input: 0, output: 0, units: { embeddedImage: 2 } }],
    ['rerank', { search_units: 2 }, { ...none, input: 0, output: 0, units: { searchUnit: 2 } }],
  ];
  for (const [api, billed_units, expected] of cases) {
    const reading = readResponse(JSON.stringify({ id: 'a', meta: { billed_units } }), {
      provider: 'cohere',
      api,
    });
    assert.deepEqual(reading.usage, expected, `${api} ${JSON.stringify(billed_units)}`);
  }
});

test('a count that is none makes the bill unknown', () => {
  const body = JSON.stringify({ meta: { billed_units: { input_tokens: 1.5, output_tokens: 3 } } });
  assert.deepEqual([readResponse(body).usage.output, readResponse(body).basis], [null, 'partial']);
});
