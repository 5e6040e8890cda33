import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import OpenAI from 'openai';
import { chatJson, chatNanocents, chatStream, messageStream } from '../transcripts.ts';
import { type Harness, post, providersAt, until, withHarness } from './harness.ts';

const question = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'Hello' }] };
const held = 50_000_000_000n;

/** A client that takes the first chunk of a stream and leaves. */
async function takeOneAndLeave({ gateway }: Harness): Promise<void> {
  const client = new OpenAI({ apiKey: 'sk-own', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const stream = await client.chat.completions.create({ ...question, stream: true });
  for await (const _ of stream) break;
}

test('a client that leaves mid-stream is charged what the provider says: the rest is read for it', () =>
  withHarness({}, async (harness) => {
    harness.provider.answerWith({ body: chatStream, chunkBytes: 200, betweenMs: 10 });
    await takeOneAndLeave(harness);
    const [entry] = await harness.entries(1);
    assert.equal(entry?.nanocents, chatNanocents);
    assert.equal(entry?.basis, 'provider');
    assert.equal(harness.provider.leftEarly, 0);
  }));

test('where no answer may be read to its end, the provider is stopped and what was produced is charged', () =>
  withHarness({ bounds: { drainsMax: 0 } }, async (harness) => {
    harness.provider.answerWith({ body: chatStream, chunkBytes: 200, betweenMs: 50 });
    await takeOneAndLeave(harness);
    const [entry] = await harness.entries(1);
    assert.equal(entry?.basis, 'estimated');
    assert.ok(entry!.nanocents! > 0n && entry!.nanocents! < chatNanocents);
    assert.match(entry!.remark!, /^no final counts: output estimated from \d+ bytes in \d+ events/);
    await until(() => harness.provider.leftEarly === 1, 'the provider was not stopped');
  }));

test('reading on has a bound in time', () =>
  withHarness({ bounds: { drainMs: 100 } }, async (harness) => {
    harness.provider.answerWith({
      body: messageStream.slice(0, 900),
      chunkBytes: 400,
      betweenMs: 10,
      hangs: true,
    });
    const abort = new AbortController();
    const response = await fetch(`${harness.gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'sk-own' },
      body: JSON.stringify({ ...question, model: 'claude-haiku-4-5', max_tokens: 50, stream: true }),
      signal: abort.signal,
    });
    await response.body!.getReader().read();
    abort.abort();
    const [entry] = await harness.entries(1);
    assert.equal(entry?.basis, 'partial');
    assert.equal(entry?.usage.cacheRead, 8000);
    await until(() => harness.provider.leftEarly === 1, 'the provider was not stopped');
  }));

test('a client that leaves before the answer begins is charged all the same', () =>
  withHarness({}, async (harness) => {
    harness.provider.answerWith({ body: chatJson, firstMs: 100 });
    const abort = new AbortController();
    const asked = fetch(`${harness.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-own' },
      body: JSON.stringify(question),
      signal: abort.signal,
    });
    await until(() => harness.provider.requests.length === 1, 'not asked');
    abort.abort();
    await assert.rejects(asked);
    const [entry] = await harness.entries(1);
    assert.equal(entry?.nanocents, chatNanocents);
  }));

test('a provider that breaks off mid-stream: the client sees the cut, the books what was produced', () =>
  withHarness({}, async (harness) => {
    const cutAfterBytes = Buffer.byteLength(
      chatStream.slice(0, chatStream.indexOf('"finish_reason":"stop"')),
    );
    harness.provider.answerWith({ body: chatStream, cutAfterBytes });
    const client = new OpenAI({ apiKey: 'sk-own', baseURL: `${harness.gateway.url}/v1`, maxRetries: 0 });
    const texts: string[] = [];
    await assert.rejects(async () => {
      for await (const chunk of await client.chat.completions.create({ ...question, stream: true })) {
        texts.push(chunk.choices[0]?.delta.content ?? '');
      }
    });
    assert.equal(texts.join(''), 'Grüße, 🌍!');
    const [entry] = await harness.entries(1);
    assert.equal(entry?.basis, 'estimated');
    // 14 bytes in 3 events are 4 tokens; the body's bytes by 4 are its input.
    assert.equal(entry?.usage.output, 4);
    const bytes = Buffer.byteLength(JSON.stringify({ ...question, stream: true }));
    const input = BigInt(Math.ceil(bytes / 4));
    assert.equal(entry?.nanocents, input * 15_000n + 4n * 60_000n);
  }));

test('a whole answer that breaks off is charged as held: its output cannot be known', () =>
  withHarness({}, async (harness) => {
    harness.provider.answerWith({ body: chatJson, cutAfterBytes: 120 });
    const { status, text } = await post(`${harness.gateway.url}/v1/chat/completions`, question);
    assert.equal(status, 502);
    assert.equal(JSON.parse(text).error.code, 'provider_unreachable');
    const [entry] = await harness.entries(1);
    assert.deepEqual([entry?.basis, entry?.nanocents], ['reserved', held]);
  }));

test('a connection that breaks before any answer is charged as held: it may have been billed', () =>
  withHarness({}, async (harness) => {
    harness.provider.answerWith({ body: '', cutAfterBytes: -1 });
    const { status } = await post(`${harness.gateway.url}/v1/chat/completions`, question);
    assert.equal(status, 502);
    const [entry] = await harness.entries(1);
    assert.deepEqual([entry?.basis, entry?.nanocents, entry?.costSource], ['reserved', held, 'priced']);
  }));

test('a provider that cannot be reached at all costs nothing', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as { port: number };
  closed.close();
  await withHarness({ providers: () => providersAt(`http://127.0.0.1:${port}`) }, async (harness) => {
    const { status, text } = await post(`${harness.gateway.url}/v1/chat/completions`, question);
    assert.equal(status, 502);
    assert.match(JSON.parse(text).error.message, /could not be reached.*ECONNREFUSED/);
    await harness.settled();
    assert.equal((await harness.books.tail(10)).length, 0);
  });
});

test('an answer without usage is charged by what it says', () =>
  withHarness({}, async (harness) => {
    const { usage: _, ...silent } = JSON.parse(chatJson);
    harness.provider.answerWith({ body: JSON.stringify(silent) });
    await post(`${harness.gateway.url}/v1/chat/completions`, question);
    const [entry] = await harness.entries(1);
    assert.equal(entry?.basis, 'estimated');
    assert.equal(entry?.usage.output, 4);
    assert.ok(entry!.nanocents! > 0n);
  }));

test('usage of zero is the provider’s word, and stays zero', () =>
  withHarness({}, async (harness) => {
    const none = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    harness.provider.answerWith({ body: JSON.stringify({ ...JSON.parse(chatJson), usage: none }) });
    await post(`${harness.gateway.url}/v1/chat/completions`, question);
    const [entry] = await harness.entries(1);
    assert.deepEqual([entry?.basis, entry?.nanocents], ['provider', 0n]);
  }));

test('an answer larger than the gateway keeps passes on, byte for byte, without its cost in the headers', () =>
  withHarness({ bounds: { answerBytesMax: 100 } }, async (harness) => {
    harness.provider.answerWith({ body: chatJson, chunkBytes: 64 });
    const { headers, text } = await post(`${harness.gateway.url}/v1/chat/completions`, question);
    assert.equal(text, chatJson);
    assert.equal(headers.get('x-nanocent-cost-usd'), null);
    const [entry] = await harness.entries(1);
    assert.equal(entry?.nanocents, chatNanocents);
  }));

test('a slow reader slows the provider down: the answer is not piled up here', () =>
  withHarness({}, async (harness) => {
    const line = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: 'y'.repeat(65_000) } }] })}\n\n`;
    harness.provider.answerWith({ body: line.repeat(600) + chatStream });
    const response = await fetch(`${harness.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-own' },
      body: JSON.stringify({ ...question, stream: true }),
    });
    const before = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => setTimeout(resolve, 300));
    // The fake provider holds the whole 39 MB; between it and the reader only buffers of sockets may fill up.
    const grown = process.memoryUsage().arrayBuffers - before;
    assert.ok(grown < 20_000_000, `${grown} bytes are waiting`);
    assert.equal(harness.gateway.active, 1);
    await response.text();
    const [entry] = await harness.entries(1);
    assert.equal(entry?.nanocents, chatNanocents);
  }));
