import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import {
  embed,
  generateObject,
  generateText,
  jsonSchema,
  stepCountIs,
  streamText,
  tool,
  wrapEmbeddingModel,
  wrapLanguageModel,
} from 'ai';
import { generateText as generateText6, streamText as streamText6, wrapLanguageModel as wrap6 } from 'ai-6';
import { createOpenAI as createOpenAI3 } from 'ai-sdk-openai-3';
import type { Books } from '../../src/books/books.ts';
import { openBooks } from '../../src/books/open-books.ts';
import { nanocentEmbeddingMiddleware, nanocentMiddleware } from '../../src/meter/ai-sdk/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/fake-provider.ts';
import {
  chatJson,
  chatNanocents,
  chatStream,
  chatUsage,
  embeddingJson,
  embeddingNanocents,
  geminiJson,
  geminiNanocents,
  geminiStream,
  messageJson,
  messageNanocents,
  messageStream,
  responseJson,
  responseNanocents,
  responseStream,
  spokenText,
} from '../transcripts.ts';

let books: Books;
let provider: FakeProvider;

before(async () => {
  provider = await startFakeProvider();
});
beforeEach(async () => {
  books = await openBooks({ store: 'memory', clock: fakeClock('2026-11-22T12:00:00Z'), environment: {} });
});
after(() => provider.close());

type Model = Parameters<typeof wrapLanguageModel>[0]['model'];
const wrapped = (model: Model) =>
  wrapLanguageModel({ model, middleware: nanocentMiddleware(books, { user: 'ann', purpose: 'chat' }) });

const models = {
  chat: () => createOpenAI({ apiKey: 'own', baseURL: `${provider.url}/v1` }).chat('gpt-4o-mini'),
  responses: () => createOpenAI({ apiKey: 'own', baseURL: `${provider.url}/v1` }).responses('gpt-4o-mini'),
  anthropic: () => createAnthropic({ apiKey: 'own', baseURL: `${provider.url}/v1` })('claude-haiku-4-5'),
  google: () => createGoogle({ apiKey: 'own', baseURL: `${provider.url}/v1beta` })('gemini-2.5-flash'),
};

/** The entries, oldest first, once nothing is held and the books balance. */
async function booked() {
  assert.deepEqual(await books.reads.openReservations(1), []);
  assert.equal((await books.verify()).balanced, true);
  return [...(await books.tail())].reverse();
}

const cases = [
  { name: 'chat', plain: chatJson, stream: chatStream, nanocents: chatNanocents, provider: 'openai' },
  {
    name: 'responses',
    plain: responseJson,
    stream: responseStream,
    nanocents: responseNanocents,
    provider: 'openai',
  },
  {
    name: 'anthropic',
    plain: messageJson,
    stream: messageStream,
    nanocents: messageNanocents,
    provider: 'anthropic',
  },
  { name: 'google', plain: geminiJson, stream: geminiStream, nanocents: geminiNanocents, provider: 'google' },
] as const;

for (const { name, plain, stream, nanocents, provider: providerName } of cases) {
  test(`${name}: what the provider counted is booked to the nanocent, plain and as a stream`, async () => {
    provider.answerWith({ body: plain });
    await generateText({ model: wrapped(models[name]()), prompt: 'Hello' });
    const [entry] = await booked();
    assert.equal(entry?.nanocents, nanocents);
    assert.deepEqual(
      { provider: entry.provider, username: entry.username, purpose: entry.purpose, basis: entry.basis },
      { provider: providerName, username: 'ann', purpose: 'chat', basis: 'provider' },
    );
    provider.answerWith({ body: stream, chunkBytes: 17 });
    const streamed = streamText({ model: wrapped(models[name]()), prompt: 'Hello' });
    const kinds = new Set<string>();
    for await (const part of streamed.fullStream) kinds.add(part.type);
    assert(!kinds.has('raw'), 'chunks that nobody asked for are taken out again');
    assert.equal((await booked())[1]?.nanocents, nanocents);
  });
}

test('who asks for the raw chunks gets them', async () => {
  provider.answerWith({ body: chatStream });
  const streamed = streamText({
    model: wrapped(models.chat()),
    prompt: 'Hello',
    include: { rawChunks: true },
  });
  let raw = 0;
  for await (const part of streamed.fullStream) if (part.type === 'raw') raw += 1;
  assert(raw > 0);
});

test('each step of a chain of tools is a call of its own', async () => {
  const calling = {
    ...JSON.parse(chatJson),
    choices: [
      {
        index: 0,
        finish_reason: 'tool_calls',
        message: {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Ulm"}' } },
          ],
        },
      },
    ],
  };
  provider.answerWith([{ body: JSON.stringify(calling) }, { body: chatJson }]);
  const weather = tool({
    inputSchema: jsonSchema<{ city: string }>({ type: 'object', properties: { city: { type: 'string' } } }),
    execute: async ({ city }) => `rain in ${city}`,
  });
  const { text } = await generateText({
    model: wrapped(models.chat()),
    prompt: 'Weather?',
    tools: { weather },
    stopWhen: stepCountIs(3),
  });
  assert.equal(text, spokenText);
  assert.deepEqual(
    (await booked()).map(({ nanocents, toolCalls }) => ({ nanocents, toolCalls })),
    [
      { nanocents: chatNanocents, toolCalls: 1 },
      { nanocents: chatNanocents, toolCalls: 0 },
    ],
  );
});

test('an object', async () => {
  const answer = JSON.parse(chatJson);
  answer.choices[0].message.content = '{"city":"Ulm"}';
  provider.answerWith({ body: JSON.stringify(answer) });
  const schema = jsonSchema<{ city: string }>({ type: 'object', properties: { city: { type: 'string' } } });
  const { object } = await generateObject({ model: wrapped(models.chat()), prompt: 'City?', schema });
  assert.deepEqual(object, { city: 'Ulm' });
  assert.equal((await booked())[0]?.nanocents, chatNanocents);
});

test('an embedding', async () => {
  provider.answerWith({ body: embeddingJson });
  const model = wrapEmbeddingModel({
    model: createOpenAI({ apiKey: 'own', baseURL: `${provider.url}/v1` }).embedding('text-embedding-3-small'),
    middleware: nanocentEmbeddingMiddleware(books, { user: 'ann' }),
  });
  await embed({ model, value: 'Hello' });
  const [entry] = await booked();
  assert.equal(entry?.nanocents, embeddingNanocents);
  assert.equal(entry?.endpoint, '/v1/embeddings');
});

test('a refusal is thrown before anything is sent, and is not tried again', async () => {
  await books.limits.set({
    scope: 'USER',
    username: 'ann',
    limitType: 'requests',
    max: '0',
    intervalUnit: 'day',
  });
  const before = provider.requests.length;
  await assert.rejects(generateText({ model: wrapped(models.chat()), prompt: 'Hello' }), {
    code: 'limit_refused',
  });
  assert.equal(provider.requests.length, before);
  assert.deepEqual(await booked(), []);
});

test('a stream that is left is booked by what was produced', async () => {
  provider.answerWith({ body: chatStream, chunkBytes: 60, betweenMs: 30 });
  const controller = new AbortController();
  const streamed = streamText({
    model: wrapped(models.chat()),
    prompt: 'Hello',
    abortSignal: controller.signal,
    onError: () => {},
  });
  for await (const part of streamed.fullStream) if (part.type === 'text-delta') controller.abort();
  while ((await books.reads.openReservations(1)).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
  const [entry] = await booked();
  assert.notEqual(entry?.basis, 'provider');
  assert(entry?.nanocents);
});

test('an error of the provider is booked as its status says', async () => {
  provider.answerWith({ status: 400, body: '{"error":{"message":"no","type":"invalid_request_error"}}' });
  await assert.rejects(generateText({ model: wrapped(models.chat()), prompt: 'Hello' }));
  assert.deepEqual(await booked(), []);
});

test('a provider that hands over neither body nor raw chunks is booked by its usage', async () => {
  const bare: Model = {
    specificationVersion: 'v4',
    provider: 'openai.chat',
    modelId: 'gpt-4o-mini',
    supportedUrls: {},
    async doGenerate() {
      return {
        content: [{ type: 'text', text: spokenText }],
        finishReason: { unified: 'stop', raw: 'stop' },
        usage: {
          inputTokens: { total: 1000, noCache: 600, cacheRead: 400, cacheWrite: undefined },
          outputTokens: { total: 200, text: 200, reasoning: undefined },
        },
        warnings: [],
      };
    },
    doStream() {
      throw new Error('not asked for');
    },
  };
  assert.equal(chatUsage.prompt_tokens, 1000);
  await generateText({ model: wrapped(bare), prompt: 'Hello' });
  assert.equal((await booked())[0]?.nanocents, chatNanocents);
});

test('the major version before, plain and as a stream', async () => {
  const model = wrap6({
    model: createOpenAI3({ apiKey: 'own', baseURL: `${provider.url}/v1` }).chat('gpt-4o-mini'),
    middleware: nanocentMiddleware(books, { user: 'ann' }, 'v3'),
  });
  provider.answerWith({ body: chatJson });
  await generateText6({ model, prompt: 'Hello' });
  provider.answerWith({ body: chatStream });
  assert.equal(await streamText6({ model, prompt: 'Hello' }).text, spokenText);
  assert.deepEqual(
    (await booked()).map(({ nanocents }) => nanocents),
    [chatNanocents, chatNanocents],
  );
});
