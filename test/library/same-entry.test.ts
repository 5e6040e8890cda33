import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { streamText, wrapLanguageModel } from 'ai';
import OpenAI from 'openai';
import type { Books } from '../../src/books/books.ts';
import { openBooks } from '../../src/books/open-books.ts';
import { Secret, startGateway } from '../../src/gateway/index.ts';
import { LlmWrapper } from '../../src/llm/index.ts';
import { nanocentMiddleware } from '../../src/meter/ai-sdk/index.ts';
import type { Entry } from '../../src/store/entry.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/fake-provider.ts';
import { chatNanocents, chatStream, messageNanocents, messageStream } from '../transcripts.ts';

let provider: FakeProvider;
before(async () => {
  provider = await startFakeProvider();
});
after(() => provider.close());

const who = { username: 'ann', purpose: 'chat' };
const messages = [{ role: 'user' as const, content: 'Hello' }];

/** The four doors to one stream of a model; each is asked the same and plays the same answer. */
const doors: Readonly<Record<string, (books: Books, api: 'openai' | 'anthropic') => Promise<void>>> = {
  async 'metered fetch'(books, api) {
    await ask(api, { fetch: books.fetch(who) });
  },
  async gateway(books, api) {
    const key = new Secret('sk-own');
    const gateway = await startGateway({
      context: books.context,
      providers: [
        { name: 'openai', flavour: 'openai', baseUrl: `${provider.url}/v1`, key },
        { name: 'anthropic', flavour: 'anthropic', baseUrl: `${provider.url}/v1`, key },
      ],
      port: 0,
    });
    const defaultHeaders = { 'x-nanocent-user': who.username, 'x-nanocent-purpose': who.purpose };
    await ask(api, { defaultHeaders }, gateway.url);
    await gateway.close();
  },
  async LlmWrapper(books, api) {
    const llm = new LlmWrapper(books, {
      providers: [{ name: api, api, baseUrl: `${provider.url}/v1`, key: 'sk-own' }],
      attribution: { username: who.username },
    });
    const model = await llm.getAsyncModel(modelOf(api), { purpose: who.purpose });
    await (await model.prompt('Hello', { maxTokens: 300 })).text();
  },
  async 'AI SDK'(books, api) {
    const settings = { apiKey: 'sk-own', baseURL: `${provider.url}/v1` };
    const model =
      api === 'openai' ? createOpenAI(settings).chat(modelOf(api)) : createAnthropic(settings)(modelOf(api));
    const wrapped = wrapLanguageModel({ model, middleware: nanocentMiddleware(books, who) });
    await streamText({ model: wrapped, prompt: 'Hello', maxOutputTokens: 300 }).consumeStream();
  },
};

const modelOf = (api: string) => (api === 'openai' ? 'gpt-4o-mini' : 'claude-haiku-4-5');

async function ask(api: 'openai' | 'anthropic', more: object, url = provider.url): Promise<void> {
  const settings = { apiKey: 'sk-own', maxRetries: 0, ...more };
  const body = { model: modelOf(api), max_tokens: 300, messages, stream: true as const };
  const stream =
    api === 'openai'
      ? await new OpenAI({ ...settings, baseURL: `${url}/v1` }).chat.completions.create(body)
      : await new Anthropic({ ...settings, baseURL: url }).messages.create(body);
  for await (const _ of stream);
}

/** What a door may differ in: ids, durations, and the credential that the gateway books. */
function told(entry: Entry) {
  const { id, callId, reservationId, salt, executionMicroseconds, key, at, recordedAt, ...rest } = entry;
  return rest;
}

for (const [api, answer, nanocents] of [
  ['openai', chatStream, chatNanocents],
  ['anthropic', messageStream, messageNanocents],
] as const) {
  test(`${api}: every door books the same entry, to the nanocent`, async () => {
    const entries: Record<string, ReturnType<typeof told>> = {};
    for (const [name, call] of Object.entries(doors)) {
      const clock = fakeClock('2026-11-22T12:00:00Z');
      const books = await openBooks({ store: 'memory', clock, environment: {}, background: false });
      provider.answerWith({ body: answer, chunkBytes: 50 });
      await call(books, api);
      const [entry, ...others] = await books.tail();
      assert.deepEqual(others, [], name);
      assert.deepEqual(await books.reads.openReservations(1), [], name);
      entries[name] = told(entry!);
      await books.close();
    }
    const [first, ...rest] = Object.values(entries);
    assert.equal(first?.nanocents, nanocents);
    for (const entry of rest) assert.deepEqual(entry, first);
  });
}
