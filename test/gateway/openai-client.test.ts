import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import OpenAI from 'openai';
import {
  chatJson,
  chatNanocents,
  chatStream,
  chatToolStream,
  embeddingJson,
  embeddingNanocents,
  responseJson,
  responseNanocents,
  responseStream,
  spokenText,
} from '../transcripts.ts';
import { type Harness, startHarness, until, withHarness } from './harness.ts';

let harness: Harness;
let client: OpenAI;
let booked = 0;

before(async () => {
  harness = await startHarness();
  client = new OpenAI({
    apiKey: 'sk-client-own',
    baseURL: `${harness.gateway.url}/v1`,
    defaultHeaders: { 'x-nanocent-user': 'ann', 'x-nanocent-tags': 'team=red' },
  });
});
beforeEach(async () => {
  booked = (await harness.books.tail(1000)).length;
});
after(() => harness.close());

const question = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'Hello' }] };

async function lastEntry() {
  return (await harness.entries(booked + 1)).at(-1)!;
}

test('a plain chat is booked to the nanocent, and its headers say so', async () => {
  harness.provider.answerWith({ body: chatJson });
  const { data, response } = await client.chat.completions.create(question).withResponse();
  assert.equal(data.choices[0]?.message.content, spokenText);
  const entry = await lastEntry();
  assert.equal(entry.nanocents, chatNanocents);
  assert.deepEqual(
    {
      model: entry.model,
      requestedModel: entry.requestedModel,
      provider: entry.provider,
      endpoint: entry.endpoint,
      username: entry.username,
      tags: entry.tags,
      basis: entry.basis,
      costSource: entry.costSource,
      responseId: entry.responseId,
      input: entry.usage.input,
      cacheRead: entry.usage.cacheRead,
      output: entry.usage.output,
      toolCalls: entry.toolCalls,
    },
    {
      model: 'gpt-4o-mini-2024-07-18',
      requestedModel: 'gpt-4o-mini',
      provider: 'openai',
      endpoint: '/v1/chat/completions',
      username: 'ann',
      tags: { team: 'red' },
      basis: 'provider',
      costSource: 'priced',
      responseId: 'chatcmpl-T1',
      input: 600,
      cacheRead: 400,
      output: 200,
      toolCalls: 0,
    },
  );
  assert.match(entry.key!, /^client:[0-9a-f]{12}$/);
  assert.equal(response.headers.get('x-nanocent-call-id'), entry.callId);
  assert.equal(response.headers.get('x-nanocent-cost-nanocents'), '24000000');
  assert.equal(response.headers.get('x-nanocent-cost-usd'), '0.00024');
  assert.equal(response.headers.get('x-nanocent-reserved-usd'), '0.50');
});

test('a stream is booked although its client did not ask for usage, and shows none', async () => {
  harness.provider.answerWith({ body: chatStream, chunkBytes: 7 });
  const chunks = [];
  for await (const chunk of await client.chat.completions.create({ ...question, stream: true }))
    chunks.push(chunk);
  assert.equal(chunks.map((chunk) => chunk.choices[0]!.delta.content ?? '').join(''), spokenText);
  assert.ok(chunks.every((chunk) => chunk.choices.length === 1));
  assert.equal((await lastEntry()).nanocents, chatNanocents);
  const sent = JSON.parse(harness.provider.requests.at(-1)!.body);
  assert.deepEqual(sent, { stream_options: { include_usage: true }, ...question, stream: true });
});

test('a stream whose client asked for usage passes whole', async () => {
  harness.provider.answerWith({ body: chatStream });
  const request = { ...question, stream: true as const, stream_options: { include_usage: true } };
  const chunks = [];
  for await (const chunk of await client.chat.completions.create(request)) chunks.push(chunk);
  assert.equal(chunks.at(-1)?.usage?.total_tokens, 1200);
  assert.equal((await lastEntry()).nanocents, chatNanocents);
  assert.deepEqual(JSON.parse(harness.provider.requests.at(-1)!.body), request);
});

test('tool calls are counted', async () => {
  harness.provider.answerWith({ body: chatToolStream, chunkBytes: 100 });
  const stream = client.chat.completions.stream(question);
  const final = await stream.finalChatCompletion();
  assert.deepEqual(
    final.choices[0]?.message.tool_calls?.map((call) =>
      call.type === 'function' ? call.function.arguments : null,
    ),
    ['{"city":"Ulm"}', '{}'],
  );
  const entry = await lastEntry();
  assert.equal(entry.toolCalls, 2);
  assert.equal(entry.nanocents, chatNanocents);
});

for (const streamed of [false, true]) {
  test(`a response ${streamed ? 'in a stream' : 'at once'}`, async () => {
    harness.provider.answerWith({ body: streamed ? responseStream : responseJson });
    const request = { model: 'gpt-4o-mini', input: 'Hello', max_output_tokens: 20 };
    if (streamed) {
      const types = [];
      for await (const event of await client.responses.create({ ...request, stream: true }))
        types.push(event.type);
      assert.deepEqual(types, ['response.created', 'response.output_text.delta', 'response.completed']);
    } else {
      assert.equal((await client.responses.create(request)).output_text, 'Hello');
    }
    const entry = await lastEntry();
    assert.equal(entry.nanocents, responseNanocents);
    assert.equal(entry.usage.reasoning, 8);
    assert.equal(entry.endpoint, '/v1/responses');
  });
}

test('embeddings', async () => {
  harness.provider.answerWith({ body: embeddingJson });
  const answer = await client.embeddings.create({
    model: 'text-embedding-3-small',
    input: 'Hello',
    encoding_format: 'float',
  });
  assert.deepEqual(answer.data[0]?.embedding, [0.1, -0.2]);
  const entry = await lastEntry();
  assert.equal(entry.nanocents, embeddingNanocents);
  assert.equal(entry.usage.output, 0);
});

const refusals = [
  { status: 400, error: OpenAI.BadRequestError },
  { status: 401, error: OpenAI.AuthenticationError },
  { status: 404, error: OpenAI.NotFoundError },
  { status: 429, error: OpenAI.RateLimitError },
  { status: 500, error: OpenAI.InternalServerError },
];
for (const { status, error } of refusals) {
  test(`a ${status} of the provider reaches the client as ${error.name} and books nothing`, async () => {
    const body = JSON.stringify({ error: { message: 'no', type: 'x', param: null, code: null } });
    harness.provider.answerWith({ status, body, headers: { 'x-request-id': 'req_1' } });
    await assert.rejects(client.chat.completions.create(question, { maxRetries: 0 }), (thrown) => {
      assert.ok(thrown instanceof error);
      assert.equal(thrown.status, status);
      assert.equal(thrown.requestID, 'req_1');
      return true;
    });
    await harness.settled();
    assert.equal((await harness.books.tail(1000)).length, booked);
  });
}

test('a limit that is spent raises RateLimitError once, without a retry, and calls nobody', () =>
  withHarness({}, async (limited) => {
    limited.provider.answerWith({ body: chatJson });
    await limited.books.limits.set({
      scope: 'USER',
      limitType: 'requests',
      max: '1',
      intervalUnit: 'day',
      username: 'ann',
    });
    const own = new OpenAI({
      apiKey: 'sk-client-own',
      baseURL: `${limited.gateway.url}/v1`,
      defaultHeaders: { 'x-nanocent-user': 'ann' },
    });
    await own.chat.completions.create(question);
    await assert.rejects(own.chat.completions.create(question), (thrown) => {
      assert.ok(thrown instanceof OpenAI.RateLimitError);
      assert.match(thrown.message, /USER \(username ann\) limit 1: 1 requests per day/);
      assert.equal(thrown.code, 'limit_refused');
      assert.deepEqual((thrown.error as { nanocent: unknown }).nanocent, {
        code: 'limit_refused',
        limitId: 1,
        scope: 'USER',
        max: '1',
        used: '1',
        held: '0',
        requested: '1',
        reason: 'spent',
        resetsAt: '2026-11-23T00:00:00.000Z',
      });
      assert.equal(thrown.headers?.get('retry-after'), '43200');
      return true;
    });
    assert.equal(limited.provider.requests.length, 1);
    assert.equal(limited.events.filter(({ event }) => event === 'refused').length, 1);
  }));

test('a call that no wait will make fit is a 402', () =>
  withHarness({}, async (limited) => {
    await limited.books.limits.set({
      scope: 'GLOBAL',
      limitType: 'cost',
      max: '0.10',
      intervalUnit: 'month',
    });
    const own = new OpenAI({ apiKey: 'sk-client-own', baseURL: `${limited.gateway.url}/v1` });
    await assert.rejects(own.chat.completions.create(question), (thrown) => {
      assert.ok(thrown instanceof OpenAI.APIError);
      assert.equal(thrown.status, 402);
      assert.equal(thrown.type, 'insufficient_quota');
      return true;
    });
    assert.equal(limited.provider.requests.length, 0);
  }));

test('a request that bounds its output is held with what it can cost at most', async () => {
  harness.provider.answerWith({ body: chatJson });
  const request = { ...question, max_completion_tokens: 300 };
  const { response } = await client.chat.completions.create(request).withResponse();
  // Every byte of the body as an input token at $0.15 per million, 300 tokens of output at $0.60.
  const bytes = BigInt(Buffer.byteLength(harness.provider.requests.at(-1)!.body));
  const worst = bytes * 15_000n + 300n * 60_000n;
  const callId = response.headers.get('x-nanocent-call-id')!;
  assert.equal((await harness.books.reads.reservation(callId))?.admitted.cost, worst);
});

test('a model without a price is booked as unpriced, never as free', async () => {
  harness.provider.answerWith({ body: chatJson.replaceAll('gpt-4o-mini-2024-07-18', 'own-model-7') });
  const answer = await client.chat.completions.create({ ...question, model: 'own-model-7' }).withResponse();
  const entry = await lastEntry();
  assert.equal(entry.nanocents, null);
  assert.equal(entry.costSource, 'unpriced');
  assert.equal(entry.usage.output, 200);
  assert.match(entry.remark!, /no price is known for openai\/own-model-7/);
  assert.equal(answer.response.headers.get('x-nanocent-cost-usd'), null);
});

test('under a cost limit a model without a price is refused', () =>
  withHarness({}, async (limited) => {
    await limited.books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '100', intervalUnit: 'month' });
    const own = new OpenAI({ apiKey: 'sk-client-own', baseURL: `${limited.gateway.url}/v1` });
    await assert.rejects(own.chat.completions.create({ ...question, model: 'own-model-7' }), (thrown) => {
      assert.ok(thrown instanceof OpenAI.PermissionDeniedError);
      assert.equal(thrown.code, 'price_not_found');
      assert.match(thrown.message, /cost limit 1 may not be spent blindly/);
      return true;
    });
    assert.equal(limited.provider.requests.length, 0);
    await until(async () => (await limited.books.reads.openReservations(1)).length === 0, 'a hold is left');
  }));

test('an answer says what is left of the tightest cost limit', () =>
  withHarness({}, async (limited) => {
    await limited.books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '1', intervalUnit: 'month' });
    limited.provider.answerWith({ body: chatJson });
    const own = new OpenAI({ apiKey: 'sk-client-own', baseURL: `${limited.gateway.url}/v1` });
    const { response } = await own.chat.completions.create(question).withResponse();
    // $1 less the 24,000,000 nanocents of this call.
    assert.equal(response.headers.get('x-nanocent-remaining-usd'), '0.99976');
  }));
