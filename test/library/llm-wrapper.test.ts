import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OpenBooksOptions } from '../../src/books/open-books.ts';
import { openBooks } from '../../src/books/open-books.ts';
import { ReservationExceededError } from '../../src/errors/named.ts';
import { type LlmOptions, type LlmTool, LlmWrapper } from '../../src/llm/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/fake-provider.ts';
import {
  chatNanocents,
  chatStream,
  geminiNanocents,
  geminiStream,
  messageNanocents,
  messageStream,
  spokenText,
} from '../transcripts.ts';

let provider: FakeProvider;
before(async () => {
  provider = await startFakeProvider();
});
after(() => provider.close());

async function open(options: LlmOptions = {}, more: OpenBooksOptions = {}) {
  const clock = fakeClock('2026-11-22T12:00:00Z');
  const books = await openBooks({ store: 'memory', clock, environment: {}, background: false, ...more });
  const llm = new LlmWrapper(books, {
    providers: [
      { name: 'openai', api: 'openai', baseUrl: `${provider.url}/v1`, key: 'sk-own' },
      { name: 'anthropic', api: 'anthropic', baseUrl: `${provider.url}/v1`, key: 'sk-own' },
      {
        name: 'google',
        api: 'google',
        baseUrl: `${provider.url}/v1beta`,
        key: 'own',
        models: ['gemini-2.5-flash'],
      },
    ],
    attribution: { username: 'ann' },
    ...options,
  });
  return { books, llm };
}

/** A chat stream that says a text, and costs what its counts say. */
function said(text: string, usage: { prompt: number; completion: number }): string {
  const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-mini' };
  const chunks = [
    { ...base, choices: [{ index: 0, delta: { content: text }, finish_reason: 'stop' }] },
    { ...base, choices: [], usage: { prompt_tokens: usage.prompt, completion_tokens: usage.completion } },
  ];
  return `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`;
}

test('a prompt reserves 50 cents, streams, and settles what it cost; usage and charge are the entry', async () => {
  const { books, llm } = await open();
  const model = await llm.getAsyncModel('gpt-4o-mini', { purpose: 'poems' });
  provider.answerWith({ body: chatStream, chunkBytes: 30, betweenMs: 2 });
  const response = await model.prompt('Write a poem', { system: 'Be brief.', maxTokens: 300 });
  const [hold] = await books.reads.openReservations(1);
  assert.equal(hold?.admitted.cost, 50_000_000_000n);
  const pieces: string[] = [];
  for await (const piece of response) pieces.push(piece);
  assert(pieces.length > 1);
  assert.equal(pieces.join(''), spokenText);
  assert.equal(await response.text(), spokenText);
  assert.equal(await response.charge(), chatNanocents);
  const entry = await response.usage();
  const { username, purpose, model: served, basis } = entry;
  assert.deepEqual(
    { username, purpose, served, basis },
    { username: 'ann', purpose: 'poems', served: 'gpt-4o-mini-2024-07-18', basis: 'provider' },
  );
  assert.deepEqual(await books.reads.openReservations(1), []);
  assert.equal((await books.verify()).balanced, true);
  const request = JSON.parse(provider.requests.at(-1)!.body);
  assert.deepEqual(request.messages, [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Write a poem' },
  ]);
  assert.equal(provider.requests.at(-1)?.headers.authorization, 'Bearer sk-own');
});

test('Anthropic and Gemini', async () => {
  const { llm } = await open();
  provider.answerWith({ body: messageStream });
  const claude = await llm.getAsyncModel('claude-haiku-4-5');
  assert.equal(await (await claude.prompt('Hello')).charge(), messageNanocents);
  assert.equal(provider.requests.at(-1)?.url, '/v1/messages');
  provider.answerWith({ body: geminiStream });
  const gemini = await llm.getAsyncModel('gemini-2.5-flash');
  const response = await gemini.prompt('Hello', { maxTokens: 100 });
  assert.equal(await response.text(), spokenText);
  assert.equal(await response.charge(), geminiNanocents);
});

test('a response that nobody listens to is booked all the same', async () => {
  const { books, llm } = await open();
  provider.answerWith({ body: chatStream });
  const model = await llm.getAsyncModel('gpt-4o-mini');
  await model.prompt('Hello');
  while ((await books.reads.openReservations(1)).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal((await books.tail())[0]?.nanocents, chatNanocents);
});

test('several prompts under one reservation: one settle, with the sum; exactly one of usd and nanocents', async () => {
  const { books, llm } = await open();
  const model = await llm.getAsyncModel('gpt-4o-mini');
  // gpt-4o-mini: 100/50 tokens are 4,500,000 nanocents, 200/100 are 9,000,000.
  provider.answerWith([
    { body: said('one', { prompt: 100, completion: 50 }) },
    { body: said('two', { prompt: 200, completion: 100 }) },
  ]);
  const id = await model.reserve({ usd: 1 }, async (tx) => {
    await tx.prompt('first');
    assert.equal(tx.spent, 4_500_000n);
    const second = await tx.prompt('second');
    assert.equal(await second.text(), 'two');
    assert.equal(tx.spent, 13_500_000n);
    assert.equal(tx.remaining, 99_986_500_000n);
    return tx.id;
  });
  const reservation = await books.reads.reservation(id);
  assert.equal(reservation?.state, 'settled');
  assert.equal(reservation.posted.cost, 13_500_000n);
  await assert.rejects(model.reserve({}), /exactly one/);
  await assert.rejects(model.reserve({ usd: 1, nanocents: 1n }), /exactly one/);
  {
    await using tx = await model.reserve({ nanocents: 5_000_000n });
    provider.answerWith({ body: said('one', { prompt: 100, completion: 50 }) });
    await tx.prompt('again');
  }
  assert.deepEqual(await books.reads.openReservations(1), []);
});

test('more than was set aside: booked in full, then thrown with the paid response', async () => {
  const { books, llm } = await open();
  const model = await llm.getAsyncModel('gpt-4o-mini');
  const dear = { body: said('dear', { prompt: 1_000_000, completion: 1_000_000 }) };
  provider.answerWith(dear);
  await assert.rejects(
    model.reserve({ usd: '0.10' }, (tx) => tx.prompt('a very long story')),
    (error) => {
      assert(error instanceof ReservationExceededError);
      assert.match(error.message, /exceeds reservation/);
      assert.equal(error.actualNanocents, 75_000_000_000n);
      return true;
    },
  );
  assert.equal((await books.tail())[0]?.nanocents, 75_000_000_000n);
  provider.answerWith(dear);
  const response = await model.prompt('another', { usd: '0.10' });
  await assert.rejects(response.text(), (error) => {
    assert(error instanceof ReservationExceededError);
    assert.equal(error.response, response);
    return true;
  });
  assert.equal(await response.text(), 'dear');
  assert.equal((await books.tail()).length, 2);
  assert.equal((await books.verify()).balanced, true);
});

const weather: LlmTool = {
  name: 'weather',
  description: 'The weather in a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  run: (input) => `rain in ${(input as { city: string }).city}`,
};

test('a chain of tools is booked step by step under one reservation', async () => {
  const { books, llm } = await open();
  const model = await llm.getAsyncModel('gpt-4o-mini');
  const calling = {
    choices: [
      {
        index: 0,
        delta: {
          tool_calls: [
            {
              index: 0,
              id: 'c1',
              type: 'function',
              function: { name: 'weather', arguments: '{"city":"Ulm"}' },
            },
          ],
        },
      },
    ],
  };
  const usage = { prompt_tokens: 100, completion_tokens: 50 };
  const first = [calling, { choices: [], usage }]
    .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
    .join('');
  provider.answerWith([{ body: first }, { body: said('rain', { prompt: 200, completion: 100 }) }]);
  const response = await model.chain('Weather?', { tools: [weather], usd: 1 });
  assert.equal(await response.text(), 'rain');
  const { messages } = JSON.parse(provider.requests.at(-1)!.body);
  assert.deepEqual(messages.at(-1), { role: 'tool', tool_call_id: 'c1', content: 'rain in Ulm' });
  const entries = await books.tail();
  assert.deepEqual(
    entries.map(({ nanocents }) => nanocents),
    [9_000_000n, 4_500_000n],
  );
  assert.equal(new Set(entries.map(({ reservationId }) => reservationId)).size, 1);
  provider.answerWith({ body: first });
  await assert.rejects(model.chain('for ever', { tools: [weather], stepsMax: 3 }), {
    code: 'chain_too_long',
  });
  assert.equal((await books.tail()).length, 5);
  assert.deepEqual(await books.reads.openReservations(1), []);
});

test('a conversation remembers; its prompts have a reservation each, or share one', async () => {
  const { books, llm } = await open();
  const model = await llm.getAsyncModel('gpt-4o-mini');
  provider.answerWith([
    { body: said('Hi Ann', { prompt: 100, completion: 50 }) },
    { body: said('Ann', { prompt: 200, completion: 100 }) },
  ]);
  const conversation = model.conversation({ system: 'Be kind.' });
  await conversation.prompt('I am Ann');
  await conversation.prompt('Who am I?');
  const { messages } = JSON.parse(provider.requests.at(-1)!.body);
  assert.deepEqual(
    messages.map(({ content }: { content: string }) => content),
    ['Be kind.', 'I am Ann', 'Hi Ann', 'Who am I?'],
  );
  assert.equal(new Set((await books.tail()).map(({ reservationId }) => reservationId)).size, 2);
  provider.answerWith({ body: said('again', { prompt: 100, completion: 50 }) });
  await model.reserve({ usd: 1 }, async (tx) => {
    const shared = model.conversation({ tx });
    await shared.prompt('one');
    await shared.prompt('two');
    assert.equal(tx.spent, 9_000_000n);
  });
});

test('a limit refuses before anything is sent; the provider’s own refusal frees the reservation', async () => {
  const { books, llm } = await open();
  const model = await llm.getAsyncModel('gpt-4o-mini');
  provider.answerWith({ status: 401, body: '{"error":{"message":"bad key"}}' });
  await assert.rejects(model.prompt('Hello'), { code: 'provider_refused', message: /401.*bad key/ });
  assert.deepEqual(await books.reads.openReservations(1), []);
  const before = provider.requests.length;
  await books.limits.set({
    scope: 'USER',
    username: 'ann',
    limitType: 'cost',
    max: '0.10',
    intervalUnit: 'day',
  });
  await assert.rejects(model.prompt('Hello'), { code: 'limit_refused' });
  assert.equal(provider.requests.length, before);
  provider.answerWith({ body: said('cheap', { prompt: 100, completion: 50 }) });
  assert.equal(await (await model.prompt('Hello', { usd: '0.05' })).text(), 'cheap');
});

test('lists of general rules and of a purpose compose, defaults are by purpose, keys too', async () => {
  const { llm } = await open({
    models: { default: 'gpt-4o-mini', block: ['gpt-4o'] },
    purposes: {
      chat: { default: 'claude-haiku-4-5', allow: ['gpt-4o', 'gpt-4o-mini'] },
      search: { keys: { openai: 'sk-search' } },
    },
  });
  assert.equal((await llm.getAsyncModel()).id, 'gpt-4o-mini');
  const chat = await llm.getAsyncModel(undefined, { purpose: 'chat' });
  assert.equal(chat.id, 'claude-haiku-4-5');
  await assert.rejects(llm.getAsyncModel('gpt-4o', { purpose: 'chat' }), { code: 'model_not_allowed' });
  await assert.rejects(llm.getAsyncModel('gpt-4.1', { purpose: 'chat' }), { code: 'model_not_allowed' });
  const ids = (await llm.getAsyncModels({ purpose: 'chat' })).map(({ id }) => id);
  assert.deepEqual(new Set(ids), new Set(['gpt-4o-mini', 'claude-haiku-4-5']));
  await assert.rejects(llm.getAsyncModel('gpt-4o-mimi'), { code: 'model_unknown', fix: /gpt-4o-mini/ });
  provider.answerWith({ body: chatStream });
  const search = await llm.getAsyncModel('gpt-4o-mini', { purpose: 'search' });
  await (await search.prompt('Hello')).text();
  assert.equal(provider.requests.at(-1)?.headers.authorization, 'Bearer sk-search');
});

test('a model without a price is hidden where a cost limit holds, and only there', async () => {
  const local = {
    name: 'mine',
    api: 'openai',
    baseUrl: `${provider.url}/v1`,
    key: 'k',
    models: ['my-model'],
  } as const;
  const { books, llm } = await open({ providers: [local] });
  assert.deepEqual(
    (await llm.getAsyncModels()).map(({ id }) => id),
    ['my-model'],
  );
  await books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '5', intervalUnit: 'day' });
  assert.deepEqual(await llm.getAsyncModels(), []);
  await assert.rejects(llm.getAsyncModel('my-model'), { name: 'ModelPricingNotFoundError' });
});

test('a run caps everything done inside, whichever door it goes through', async () => {
  const { books, llm } = await open();
  const model = await llm.getAsyncModel('gpt-4o-mini');
  const metered = books.fetch();
  const body = JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 300, messages: [] });
  const url = `${provider.url}/v1/chat/completions`;
  provider.answerWith({ body: said('one', { prompt: 100, completion: 50 }) });
  await books.run({ usd: '0.60' }, async (run) => {
    await (await model.prompt('one')).text();
    assert.equal((await run.balance()).spent, 4_500_000n);
    assert.equal((await metered(url, { method: 'POST', body })).status, 200);
    await books.track({ model: 'tool', nanocents: 59_990_000_000n });
    const sent = provider.requests.length;
    await assert.rejects(model.prompt('two'), { code: 'limit_refused', message: /RUN/ });
    assert.notEqual((await metered(url, { method: 'POST', body })).status, 200);
    assert.equal(provider.requests.length, sent);
  });
  await (await model.prompt('after')).text();
});

test('a purpose has its own reservation', async () => {
  const { books, llm } = await open({}, { reservations: { purposes: { enrichments: { usd: 5 } } } });
  provider.answerWith({ body: chatStream, betweenMs: 20, chunkBytes: 200 });
  const model = await llm.getAsyncModel('gpt-4o-mini', { purpose: 'enrichments' });
  const response = await model.prompt('Hello');
  assert.equal((await books.reads.openReservations(1))[0]?.admitted.cost, 500_000_000_000n);
  await response.text();
});

test('a provider that cannot be called is told by name, without its key', async () => {
  const { books } = await open();
  const bad = { name: 'mine', api: 'openai', baseUrl: 'nowhere', key: 'sk-secret' } as const;
  assert.throws(
    () => new LlmWrapper(books, { providers: [bad] }),
    (error: Error) => /mine/.test(error.message) && !/sk-secret/.test(error.message),
  );
});
