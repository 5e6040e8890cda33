import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatOf } from './registry.ts';

const spellings: readonly (readonly [provider: string, api: string, found: string | null])[] = [
  ['openai', '/v1/chat/completions', 'openai chat.completions'],
  ['openai', 'chat', 'openai chat.completions'],
  ['a-proxy', 'v1/chat/completions', 'openai-compatible chat.completions'],
  ['a-proxy', 'openai-compatible', 'openai-compatible chat.completions'],
  ['a-proxy', 'v1/responses', 'openai responses'],
  ['a-proxy', 'messages', 'anthropic messages'],
  ['google', 'v1beta/models/gemini-2.5-pro:generateContent', 'google generateContent'],
  ['google', '/v1beta/models/gemini-2.5-pro:streamGenerateContent', 'google generateContent'],
  [
    'google-vertex',
    'v1/projects/p/locations/global/publishers/google/models/gemini-3-pro:streamGenerateContent',
    'google-vertex generateContent',
  ],
  ['google', 'v1beta/interactions', 'google interactions'],
  ['google', 'chat.completions', 'google chat.completions'],
  ['aws-bedrock', 'model/us.amazon.nova-micro-v1:0/converse-stream', 'aws-bedrock converse'],
  ['aws-bedrock', '/model/us.amazon.nova-micro-v1%3A0/converse', 'aws-bedrock converse'],
  ['aws-bedrock', 'model/meta.llama3-8b-v1:0/invoke-with-response-stream', 'aws-bedrock invoke'],
  ['bedrock', 'converse', 'aws-bedrock converse'],
  ['cohere', 'v2/chat', 'cohere chat'],
  ['cohere', 'v1/rerank', 'cohere rerank'],
  ['cohere', 'chat/completions', 'openai-compatible chat.completions'],
  ['ollama', 'api/chat', 'ollama api.chat'],
  ['ollama', 'v1/chat/completions', 'ollama chat.completions'],
  ['xai', 'responses', 'xai responses'],
  ['mistral', 'v1/audio/transcriptions', 'mistral audio.transcriptions'],
  ['openai', 'constructor', null],
  ['openai', '', null],
];

for (const [provider, api, found] of spellings) {
  test(`${provider} on ${api} is read as ${found}`, () => {
    const format = formatOf(provider, api);
    assert.equal(format === null ? null : `${format.provider} ${format.api}`, found);
  });
}
