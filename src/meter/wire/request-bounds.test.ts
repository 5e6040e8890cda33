import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestBounds } from './request-bounds.ts';

const text = [{ role: 'user', content: 'Hello' }];
const rows: readonly (readonly [string, object, number | null, number | null, number?])[] = [
  ['text only, nothing bounded', { messages: text }, 100, null],
  ['max_tokens', { messages: text, max_tokens: 50 }, 100, 50],
  ['max_completion_tokens before max_tokens', { max_completion_tokens: 7, max_tokens: 50 }, 100, 7],
  ['max_output_tokens', { input: 'Hello', max_output_tokens: 9 }, 100, 9],
  ['three choices', { messages: text, max_tokens: 50, n: 3 }, 100, 50, 3],
  ['choices that are no count', { messages: text, max_tokens: 50, n: 0 }, 100, null],
  ['a bound that is no count', { messages: text, max_tokens: 1.5 }, 100, null],
  ['a bound in words', { messages: text, max_tokens: '50' }, 100, null],
  ['an image', { messages: [{ content: [{ type: 'image_url', image_url: { url: 'x' } }] }] }, null, null],
  [
    'a document in a tool result',
    { messages: [{ content: [{ type: 'tool_result', content: [{ type: 'document' }] }] }] },
    null,
    null,
  ],
  ['an earlier response', { input: 'x', previous_response_id: 'resp_1' }, null, null],
  ['a tool of ours brings a prompt', { messages: text, tools: [{ type: 'function' }] }, 1_100, null],
  ['an empty list of tools', { messages: text, tools: [] }, 100, null],
  ['predicted output', { messages: text, max_tokens: 50, prediction: { content: 'x' } }, 100, null],
  ['a search beside the tools', { messages: text, web_search_options: {} }, null, null],
  ['a context that the provider edits', { messages: text, context_management: {} }, null, null],
  ['a tool of Anthropic’s shape', { messages: text, tools: [{ name: 'f', input_schema: {} }] }, 1_100, null],
  ['a tool of the provider', { messages: text, tools: [{ type: 'web_search_20250305' }] }, null, null],
];
for (const [what, body, input, output, choices = 1] of rows) {
  test(`${what}: input ${input}, output ${output}`, () => {
    assert.deepEqual(requestBounds(body as Record<string, unknown>, 'chat.completions', 100), {
      inputTokensMax: input,
      outputTokensMax: output,
      choices,
    });
  });
}

test('embeddings put nothing out', () => {
  assert.equal(requestBounds({ input: 'x' }, 'embeddings', 10).outputTokensMax, 0);
});

test('a dearer tier asked for by name counts, a cheaper or automatic one does not', () => {
  assert.equal(requestBounds({ service_tier: 'priority' }, 'responses', 10).tier, 'priority');
  assert.equal(requestBounds({ speed: 'fast' }, 'messages', 10).tier, 'fast');
  for (const tier of ['auto', 'flex', 'default', 7]) {
    assert.equal('tier' in requestBounds({ service_tier: tier }, 'responses', 10), false);
  }
});

test('Gemini: what is thought is bounded only where nothing is thought', () => {
  const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }];
  const bound = (generationConfig: object, more: object = {}) =>
    requestBounds({ contents, generationConfig, ...more }, 'generateContent', 100);
  assert.equal(bound({ maxOutputTokens: 500 }).outputTokensMax, null);
  assert.equal(bound({ thinkingConfig: { thinkingBudget: 0 } }).outputTokensMax, null);
  const plain = { maxOutputTokens: 500, thinkingConfig: { thinkingBudget: 0 }, candidateCount: 2 };
  assert.deepEqual(bound(plain), { inputTokensMax: 100, outputTokensMax: 500, choices: 2 });
  assert.equal(bound(plain, { tools: [{ googleSearch: {} }] }).inputTokensMax, null);
  assert.equal(bound(plain, { cachedContent: 'cachedContents/1' }).inputTokensMax, null);
  const image = [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: '' } }] }];
  assert.equal(bound(plain, { contents: image }).inputTokensMax, null);
});
