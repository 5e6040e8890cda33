import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { Mistral } from '@mistralai/mistralai';
import { HTTPClient } from '@mistralai/mistralai/lib/http.js';
import { generateText, streamText } from 'ai';
import OpenAI from 'openai';
import type { Books } from '../../src/books/books.ts';
import { openBooks } from '../../src/books/open-books.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/fake-provider.ts';
import {
  chatJson,
  chatNanocents,
  chatStream,
  chatToolStream,
  embeddingJson,
  embeddingNanocents,
  geminiJson,
  geminiNanocents,
  geminiStream,
  messageJson,
  messageNanocents,
  messageStream,
  mistralJson,
  responseJson,
  responseNanocents,
  spokenText,
} from '../transcripts.ts';

let books: Books;
let provider: FakeProvider;
let openai: OpenAI;
let anthropic: Anthropic;

before(async () => {
  provider = await startFakeProvider();
});
beforeEach(async () => {
  books = await openBooks({ store: 'memory', clock: fakeClock('2026-11-22T12:00:00Z'), environment: {} });
  const shared = { apiKey: 'sk-own', fetch: books.fetch({ user: 'ann', purpose: 'chat' }) };
  openai = new OpenAI({ ...shared, baseURL: `${provider.url}/v1` });
  anthropic = new Anthropic({ ...shared, baseURL: provider.url });
});
after(() => provider.close());

/** The only entry, once nothing is held and the books balance. */
async function entryOf(of: Books = books) {
  const entries = await of.tail();
  assert.equal(entries.length, 1);
  assert.deepEqual(await of.reads.openReservations(1), []);
  assert.equal((await of.verify()).balanced, true);
  return entries[0]!;
}

const question = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'Hello' }] };
const prompt = { model: 'claude-haiku-4-5', max_tokens: 500, messages: question.messages };

test('a plain chat through the official client is booked before its answer is there', async () => {
  provider.answerWith({ body: chatJson });
  const { data, response } = await openai.chat.completions.create(question).withResponse();
  assert.equal(data.choices[0]?.message.content, spokenText);
  const entry = await entryOf();
  assert.equal(entry.nanocents, chatNanocents);
  const { provider: name, endpoint, username, purpose, basis, requestedModel } = entry;
  assert.deepEqual(
    { name, endpoint, username, purpose, basis, requestedModel },
    {
      name: 'openai',
      endpoint: '/v1/chat/completions',
      username: 'ann',
      purpose: 'chat',
      basis: 'provider',
      requestedModel: 'gpt-4o-mini',
    },
  );
  assert.equal(response.headers.get('x-nanocent-cost-nanocents'), String(chatNanocents));
  assert.equal(response.headers.get('x-nanocent-call-id'), entry.callId);
});

test('a chat stream is booked by the usage that the client never asked for and never sees', async () => {
  provider.answerWith({ body: chatStream, chunkBytes: 7 });
  const stream = await openai.chat.completions.create({ ...question, stream: true });
  let text = '';
  for await (const chunk of stream) {
    assert.equal(chunk.choices.length, 1);
    text += chunk.choices[0]?.delta.content ?? '';
  }
  assert.equal(text, spokenText);
  assert.equal((await entryOf()).nanocents, chatNanocents);
  assert.match(provider.requests.at(-1)!.body, /"include_usage":true/);
});

test('responses', async () => {
  provider.answerWith({ body: responseJson });
  await openai.responses.create({ model: 'gpt-4o-mini', input: 'Hello' });
  assert.equal((await entryOf()).nanocents, responseNanocents);
});

test('embeddings', async () => {
  provider.answerWith({ body: embeddingJson });
  await openai.embeddings.create({ model: 'text-embedding-3-small', input: 'Hello' });
  assert.equal((await entryOf()).nanocents, embeddingNanocents);
});

test('a tool call in a stream', async () => {
  provider.answerWith({ body: chatToolStream });
  const stream = openai.chat.completions.stream(question);
  await stream.finalChatCompletion();
  const entry = await entryOf();
  assert.equal(entry.toolCalls, 2);
  assert.equal(entry.nanocents, chatNanocents);
});

test('Anthropic, plain and as a stream', async () => {
  provider.answerWith({ body: messageJson });
  await anthropic.messages.create(prompt);
  assert.equal((await entryOf()).nanocents, messageNanocents);
  provider.answerWith({ body: messageStream, chunkBytes: 11 });
  await anthropic.messages.stream(prompt).finalMessage();
  const [second] = await books.tail();
  assert.equal(second?.nanocents, messageNanocents);
  assert.equal(second?.endpoint, '/v1/messages');
});

test('Gemini, plain and as a stream', async () => {
  const google = new GoogleGenAI({
    apiKey: 'own',
    httpOptions: { baseUrl: provider.url },
    httpClient: undefined,
    // The client takes no fetch of its own: it uses the global one.
  } as ConstructorParameters<typeof GoogleGenAI>[0]);
  const global = globalThis.fetch;
  globalThis.fetch = books.fetch({ user: 'ann', fetch: global });
  try {
    provider.answerWith({ body: geminiJson });
    const answer = await google.models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hello' });
    assert.equal(answer.text, spokenText);
    assert.equal((await entryOf()).nanocents, geminiNanocents);
    provider.answerWith({ body: geminiStream });
    let text = '';
    for await (const chunk of await google.models.generateContentStream({
      model: 'gemini-2.5-flash',
      contents: 'Hello',
    })) {
      text += chunk.text ?? '';
    }
    assert.equal(text, spokenText);
    assert.equal((await books.tail())[0]?.nanocents, geminiNanocents);
  } finally {
    globalThis.fetch = global;
  }
});

test('Mistral, whose client hands over a Request', async () => {
  const mistral = new Mistral({
    apiKey: 'own',
    serverURL: provider.url,
    httpClient: new HTTPClient({ fetcher: books.fetch({ user: 'ann', provider: 'mistral' }) }),
  });
  provider.answerWith({ body: mistralJson });
  await mistral.chat.complete({ model: 'mistral-large-latest', messages: question.messages });
  // $2 per million input, $6 output: 1000 × 200,000 + 200 × 600,000 nanocents.
  const entry = await entryOf();
  assert.equal(entry.nanocents, 320_000_000n);
  assert.equal(entry.provider, 'mistral');
});

test('a provider of the AI SDK, plain and as a stream', async () => {
  const { chat } = createOpenAI({
    apiKey: 'own',
    baseURL: `${provider.url}/v1`,
    fetch: books.fetch({ user: 'ann' }),
  });
  provider.answerWith({ body: chatJson });
  const { text } = await generateText({ model: chat('gpt-4o-mini'), prompt: 'Hello' });
  assert.equal(text, spokenText);
  assert.equal((await entryOf()).nanocents, chatNanocents);
  provider.answerWith({ body: chatStream });
  const streamed = streamText({ model: chat('gpt-4o-mini'), prompt: 'Hello' });
  assert.equal(await streamed.text, spokenText);
  assert.equal((await books.tail())[0]?.nanocents, chatNanocents);
});

test('a limit refuses before anything is sent, and each client raises its own error without trying again', async () => {
  await books.limits.set({
    scope: 'USER',
    username: 'ann',
    limitType: 'requests',
    max: '0',
    intervalUnit: 'day',
  });
  const before = provider.requests.length;
  await assert.rejects(openai.chat.completions.create(question), (error) => {
    assert(error instanceof OpenAI.APIError);
    assert.equal(error.status, 402);
    assert.match(error.message, /USER|ann/);
    return true;
  });
  await assert.rejects(anthropic.messages.create(prompt), (error) => {
    assert(error instanceof Anthropic.APIError);
    assert.match(error.message, /ann/);
    return true;
  });
  assert.equal(provider.requests.length, before);
  assert.deepEqual(await books.tail(), []);
});

test('what is left of the tightest cost limit stands in the headers of the answer', async () => {
  const left = async () => {
    provider.answerWith({ body: chatJson });
    const { response } = await openai.chat.completions.create(question).withResponse();
    return response.headers.get('x-nanocent-remaining-usd');
  };
  assert.equal(await left(), null);
  const fields = { limitType: 'cost', intervalUnit: 'day' };
  await books.limits.set({ ...fields, scope: 'GLOBAL', max: '100' });
  await books.limits.set({ ...fields, scope: 'USER', username: 'ann', max: '1', fromNow: true });
  await books.limits.set({ ...fields, scope: 'USER', username: 'bob', max: '0.01' });
  // $1 less the 24,000,000 nanocents of this call.
  assert.equal(await left(), '0.99976');
  assert.equal(await left(), '0.99952');
});

test('a stream that its reader leaves is booked by what was produced, never as nothing', async () => {
  provider.answerWith({ body: chatStream, chunkBytes: 40, betweenMs: 20 });
  const stream = await openai.chat.completions.create({ ...question, stream: true });
  for await (const _ of stream) break;
  while ((await books.reads.openReservations(1)).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
  const entry = await entryOf();
  assert.notEqual(entry.basis, 'provider');
  assert(entry.nanocents !== null && entry.nanocents > 0n);
});

test('each retry of the client is a call of its own', async () => {
  provider.answerWith([{ status: 500, body: '{"error":{"message":"again"}}' }, { body: chatJson }]);
  await openai.chat.completions.create(question);
  assert.equal((await entryOf()).nanocents, chatNanocents);
});

test('a provider that cannot be reached frees the hold', async () => {
  const closed = await startFakeProvider();
  await closed.close();
  const nowhere = new OpenAI({
    apiKey: 'own',
    baseURL: `${closed.url}/v1`,
    fetch: books.fetch({ user: 'ann' }),
    maxRetries: 0,
  });
  await assert.rejects(nowhere.chat.completions.create(question), OpenAI.APIConnectionError);
  assert.deepEqual(await books.tail(), []);
  assert.deepEqual(await books.reads.openReservations(1), []);
});

test('a call that was aborted before it left holds nothing', async () => {
  const metered = books.fetch({ user: 'ann' });
  const body = JSON.stringify(question);
  const signal = AbortSignal.abort();
  await assert.rejects(metered(`${provider.url}/v1/chat/completions`, { method: 'POST', body, signal }), {
    name: 'AbortError',
  });
  assert.deepEqual(await books.tail(), []);
  assert.deepEqual(await books.reads.openReservations(1), []);
});

test('what could be billed and cannot be metered is not sent; what is free passes as it is', async () => {
  const before = provider.requests.length;
  await assert.rejects(openai.images.generate({ prompt: 'a ship', model: 'gpt-image-1' }), { status: 404 });
  assert.equal(provider.requests.length, before);
  provider.answerWith({ body: '{"object":"list","data":[]}' });
  await openai.models.list();
  assert.equal(provider.requests.length, before + 1);
  assert.deepEqual(await books.tail(), []);
});

test('a body that is no call is told so, and nothing is sent', async () => {
  const metered = books.fetch();
  const before = provider.requests.length;
  for (const body of ['', 'no json', '[]', '{"messages":[]}', '{"model":"a","model":"b"}']) {
    const answer = await metered(`${provider.url}/v1/chat/completions`, { method: 'POST', body });
    assert.equal(answer.status, 400, body);
  }
  assert.equal(provider.requests.length, before);
});
