import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { messageJson, messageNanocents, messageStream, spokenText } from '../transcripts.ts';
import { type Harness, startHarness, withHarness } from './harness.ts';

let harness: Harness;
let client: Anthropic;
let booked = 0;

before(async () => {
  harness = await startHarness();
  client = new Anthropic({
    apiKey: 'sk-ant-client-own',
    baseURL: harness.gateway.url,
    defaultHeaders: { 'x-nanocent-caller': 'app', 'x-nanocent-session': 's1' },
  });
});
beforeEach(async () => {
  booked = (await harness.books.tail(1000)).length;
});
after(() => harness.close());

const question = {
  model: 'claude-haiku-4-5',
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'Hello' }],
};

async function lastEntry() {
  return (await harness.entries(booked + 1)).at(-1)!;
}

test('a plain message is booked to the nanocent, cache writes and reads at their own rates', async () => {
  harness.provider.answerWith({ body: messageJson, headers: { 'request-id': 'req_9' } });
  const { data, response, request_id } = await client.messages.create(question).withResponse();
  assert.equal(data.content[0]?.type === 'text' && data.content[0].text, spokenText);
  assert.equal(request_id, 'req_9');
  const entry = await lastEntry();
  assert.equal(entry.nanocents, messageNanocents);
  assert.deepEqual(
    {
      model: entry.model,
      requestedModel: entry.requestedModel,
      provider: entry.provider,
      endpoint: entry.endpoint,
      caller: entry.caller,
      session: entry.session,
      basis: entry.basis,
      usage: [entry.usage.input, entry.usage.cacheWrite5m, entry.usage.cacheRead, entry.usage.output],
    },
    {
      model: 'claude-haiku-4-5-20251001',
      requestedModel: 'claude-haiku-4-5',
      provider: 'anthropic',
      endpoint: '/v1/messages',
      caller: 'app',
      session: 's1',
      basis: 'provider',
      usage: [100, 2000, 8000, 60],
    },
  );
  assert.equal(response.headers.get('x-nanocent-cost-usd'), '0.0037');
});

test('a stream with a tool call', async () => {
  harness.provider.answerWith({ body: messageStream, chunkBytes: 11 });
  const final = await client.messages.stream(question).finalMessage();
  assert.deepEqual(final.content[1]?.type === 'tool_use' && final.content[1].input, { city: 'Ulm' });
  const entry = await lastEntry();
  assert.equal(entry.nanocents, messageNanocents);
  assert.equal(entry.toolCalls, 1);
});

test('tokens are counted for free', async () => {
  harness.provider.answerWith({ body: '{"input_tokens":12}' });
  const { max_tokens: _, ...counted } = question;
  assert.equal((await client.messages.countTokens(counted)).input_tokens, 12);
  assert.equal(harness.provider.requests.at(-1)?.url, '/v1/messages/count_tokens');
  assert.equal((await harness.books.tail(1000)).length, booked);
});

test('models are listed for free, by the provider whose client asks', async () => {
  harness.provider.answerWith({ body: '{"data":[],"has_more":false,"first_id":null,"last_id":null}' });
  assert.deepEqual((await client.models.list({ limit: 5 })).data, []);
  const asked = harness.provider.requests.at(-1)!;
  assert.equal(asked.url, '/v1/models?limit=5');
  assert.equal(asked.headers.authorization, 'Bearer sk-ant-client-own');
});

const refusals = [
  { status: 400, error: Anthropic.BadRequestError },
  { status: 401, error: Anthropic.AuthenticationError },
  { status: 429, error: Anthropic.RateLimitError },
  { status: 529, error: Anthropic.InternalServerError },
];
for (const { status, error } of refusals) {
  test(`a ${status} of the provider reaches the client as ${error.name} and books nothing`, async () => {
    harness.provider.answerWith({ status, body: '{"type":"error","error":{"type":"x","message":"no"}}' });
    await assert.rejects(client.messages.create(question, { maxRetries: 0 }), (thrown) => {
      assert.ok(thrown instanceof error);
      return true;
    });
    await harness.settled();
    assert.equal((await harness.books.tail(1000)).length, booked);
  });
}

test('an error inside a stream that has begun is booked by what was produced before it', async () => {
  const cut = messageStream.slice(0, messageStream.indexOf('event: content_block_stop'));
  const error = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
  harness.provider.answerWith({ body: `${cut}event: error\ndata: ${error}\n\n` });
  await assert.rejects(client.messages.stream(question).finalMessage());
  const entry = await lastEntry();
  assert.equal(entry.basis, 'partial');
  // 15 bytes of text in two pieces: 4 tokens at 4 bytes each.
  assert.equal(entry.usage.output, 4);
  assert.equal(entry.nanocents, messageNanocents - 56n * 500_000n);
});

test('a limit that is spent raises RateLimitError once, and calls nobody', () =>
  withHarness({}, async (limited) => {
    await limited.books.limits.set({
      scope: 'CALLER',
      limitType: 'cost',
      max: '0.005',
      intervalUnit: 'day',
      caller: 'app',
    });
    limited.provider.answerWith({ body: messageJson });
    const own = new Anthropic({
      apiKey: 'sk-ant-client-own',
      baseURL: limited.gateway.url,
      defaultHeaders: { 'x-nanocent-caller': 'app' },
    });
    await own.messages.create(question);
    await limited.entries(1);
    await assert.rejects(own.messages.create({ ...question, max_tokens: 400 }), (thrown) => {
      assert.ok(thrown instanceof Anthropic.RateLimitError);
      assert.match(
        thrown.message,
        /CALLER \(caller app\) limit 1: \$0\.005 cost per day exceeded: \$0\.0037 spent/,
      );
      assert.equal((thrown.error as { type: string }).type, 'error');
      return true;
    });
    assert.equal(limited.provider.requests.length, 1);
  }));
