import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerText, answerCharactersMax } from './answer-text.ts';
import { saidToModel } from './request-text.ts';

function heard(body: string, chunkBytes = body.length) {
  const answer = new AnswerText();
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += chunkBytes) answer.chunk(bytes.subarray(at, at + chunkBytes));
  return answer.end();
}

const sse = (events: readonly object[]) =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
const weather = { tool_call_id: 't1', name: 'weather', arguments: '{"city":"Ulm"}' };
const spoken = { text: 'Grüße 🌍', toolCalls: [weather], cut: false };

const toolCall = { id: 't1', type: 'function', function: { name: 'weather', arguments: '{"city":"Ulm"}' } };
const answers: Readonly<Record<string, string>> = {
  'chat, whole': JSON.stringify({
    choices: [{ index: 0, message: { content: 'Grüße 🌍', tool_calls: [toolCall] } }],
  }),
  'chat, stream': `${sse([
    { choices: [{ index: 0, delta: { role: 'assistant', content: 'Grüße' } }] },
    { choices: [{ index: 0, delta: { content: ' 🌍' } }] },
    {
      choices: [
        {
          index: 0,
          delta: { tool_calls: [{ index: 0, ...toolCall, function: { name: 'weather', arguments: '' } }] },
        },
      ],
    },
    { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] } }] },
    { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: '"Ulm"}' } }] } }] },
    { choices: [], usage: {} },
  ])}data: [DONE]\n\n`,
  'responses, whole': JSON.stringify({
    object: 'response',
    output: [
      { type: 'reasoning', summary: [] },
      { type: 'message', content: [{ type: 'output_text', text: 'Grüße 🌍' }] },
      { type: 'function_call', call_id: 't1', name: 'weather', arguments: '{"city":"Ulm"}' },
    ],
  }),
  'responses, stream': sse([
    { type: 'response.output_text.delta', delta: 'Grüße' },
    { type: 'response.output_text.delta', delta: ' 🌍' },
    {
      type: 'response.output_item.done',
      item: { type: 'message', content: [{ type: 'output_text', text: 'Grüße 🌍' }] },
    },
    {
      type: 'response.output_item.done',
      item: { type: 'function_call', call_id: 't1', name: 'weather', arguments: '{"city":"Ulm"}' },
    },
    { type: 'response.completed', response: { object: 'response', output: [] } },
  ]),
  'messages, whole': JSON.stringify({
    type: 'message',
    content: [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text: 'Grüße 🌍' },
      { type: 'tool_use', id: 't1', name: 'weather', input: { city: 'Ulm' } },
    ],
  }),
  'messages, stream': sse([
    { type: 'message_start', message: { type: 'message', content: [] } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüße 🌍' } },
    {
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'tool_use', id: 't1', name: 'weather', input: {} },
    },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"city":' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '"Ulm"}' } },
  ]),
  Gemini: JSON.stringify({
    candidates: [
      {
        content: {
          parts: [
            { text: 'hm', thought: true },
            { text: 'Grüße 🌍' },
            { functionCall: { id: 't1', name: 'weather', args: { city: 'Ulm' } } },
          ],
        },
      },
    ],
  }),
};

for (const [name, body] of Object.entries(answers)) {
  test(`${name}: what the model said, in any chunks`, () => {
    for (const chunkBytes of [body.length, 1, 7]) assert.deepEqual(heard(body, chunkBytes), spoken);
  });
}

test('an answer that says nothing, one that is no JSON, and one that is too long', () => {
  assert.deepEqual(heard('{}'), { text: null, toolCalls: [], cut: false });
  assert.deepEqual(heard('<html>'), { text: null, toolCalls: [], cut: true });
  const long = heard(
    JSON.stringify({ choices: [{ message: { content: 'x'.repeat(answerCharactersMax + 1) } }] }),
  );
  assert.equal(long.text?.length, answerCharactersMax);
  assert.equal(long.cut, true);
});

const asked: readonly {
  readonly name: string;
  readonly request: Record<string, unknown>;
  readonly prompt: string | null;
}[] = [
  { name: 'a text', request: { input: 'Hello' }, prompt: 'Hello' },
  { name: 'several texts', request: { input: ['a', 'b'] }, prompt: 'a\nb' },
  {
    name: 'the turn since the last answer, without instructions',
    request: {
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'old' },
        { role: 'assistant', content: 'older answer' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'new' },
            { type: 'image_url', image_url: {} },
          ],
        },
      ],
    },
    prompt: 'new',
  },
  { name: 'Gemini', request: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }, prompt: 'Hello' },
  { name: 'nothing', request: {}, prompt: null },
];
for (const { name, request, prompt } of asked) {
  test(`what was said to a model: ${name}`, () => {
    assert.deepEqual(saidToModel(request), { prompt, toolResults: [] });
  });
}

test('results of tools, with their ids, as each API writes them', () => {
  const result = { tool_call_id: 't1', name: null, output: 'rain' };
  const results = (request: Record<string, unknown>) => saidToModel(request).toolResults;
  assert.deepEqual(
    results({ messages: [{ role: 'assistant' }, { role: 'tool', tool_call_id: 't1', content: 'rain' }] }),
    [result],
  );
  assert.deepEqual(
    results({
      messages: [
        { role: 'assistant', content: [] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'rain' }] },
      ],
    }),
    [result],
  );
  assert.deepEqual(
    results({
      input: [
        { type: 'function_call', call_id: 't1' },
        { type: 'function_call_output', call_id: 't1', output: 'rain' },
      ],
    }),
    [result],
  );
  const response = { result: 'rain' };
  assert.deepEqual(
    results({
      contents: [
        { role: 'model' },
        { role: 'user', parts: [{ functionResponse: { name: 'weather', response } }] },
      ],
    }),
    [{ tool_call_id: null, name: 'weather', output: '{"result":"rain"}' }],
  );
  const part = {
    type: 'tool-result',
    toolCallId: 't1',
    toolName: 'weather',
    output: { type: 'text', value: 'rain' },
  };
  assert.deepEqual(results({ prompt: [{ role: 'assistant' }, { role: 'tool', content: [part] }] }), [
    { tool_call_id: 't1', name: 'weather', output: '{"type":"text","value":"rain"}' },
  ]);
});
