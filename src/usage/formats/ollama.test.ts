import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readResponse } from '../read-response.ts';

const none = { cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWrite: 0, reasoning: null, units: {} };

function lines(...events: readonly object[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

const said = { model: 'llama3:8b', message: { role: 'assistant', content: 'Hi' }, done: false };
const end = { model: 'llama3:8b', message: { content: '' }, done: true, done_reason: 'stop' };

test('a stream of lines counts in its last; cut before it, nothing is known', () => {
  const stream = lines(said, said, said, { ...end, prompt_eval_count: 26, eval_count: 3 });
  const reading = readResponse(stream);
  assert.deepEqual([reading.provider, reading.model, reading.basis], ['ollama', 'llama3:8b', 'provider']);
  assert.deepEqual(reading.usage, { ...none, input: 26, output: 3 });
  assert.deepEqual(reading.produced, { events: 3, bytes: 6 });
  const cut = readResponse(lines(said, said));
  assert.deepEqual([cut.usage.output, cut.basis, cut.produced.bytes], [null, 'partial', 4]);
});

test('a prompt still in memory has no count: the input is unknown, not zero', () => {
  const reading = readResponse(JSON.stringify({ ...end, response: 'x', eval_count: 3 }));
  assert.deepEqual([reading.usage.input, reading.usage.cacheRead, reading.usage.output], [null, null, 3]);
  assert.equal(reading.raw, '{"eval_count":3}');
  const zero = readResponse(JSON.stringify({ ...end, prompt_eval_count: 0, eval_count: 3 }));
  assert.equal(zero.usage.input, 0);
});

test('an embedding has input and no output; tool calls are counted', () => {
  const embedded = readResponse(JSON.stringify({ model: 'e', embeddings: [[0.1]], prompt_eval_count: 8 }));
  assert.deepEqual(embedded.usage, { ...none, input: 8, output: 0 });
  const called = lines(
    { ...said, message: { content: '', tool_calls: [{}, {}] } },
    { ...end, eval_count: 1 },
  );
  assert.equal(readResponse(called).toolCalls, 2);
});
