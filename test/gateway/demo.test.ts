import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { openBooks } from '../../src/books/open-books.ts';
import { startDemoProvider, startGateway } from '../../src/gateway/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';

test('the demo answers in both shapes, whole and streamed, and each call is priced like the model it names', async () => {
  const books = await openBooks({ store: 'memory', clock: fakeClock('2026-11-22T12:00:00Z') });
  const demo = await startDemoProvider();
  const gateway = await startGateway({ context: books.context, providers: demo.providers, port: 0 });
  try {
    const openai = new OpenAI({ apiKey: 'none', baseURL: `${gateway.url}/demo/v1`, maxRetries: 0 });
    const anthropic = new Anthropic({ apiKey: 'none', baseURL: `${gateway.url}/demo`, maxRetries: 0 });
    // 8 characters are 2 tokens; 3 words are asked for.
    const messages = [{ role: 'user' as const, content: '12345678' }];
    const chat = { model: 'gpt-4o-mini', max_tokens: 3, messages };
    const message = { ...chat, model: 'claude-haiku-4-5' };

    const whole = await openai.chat.completions.create(chat);
    assert.equal(whole.choices[0]?.message.content, 'This answer comes ');
    const parts = [];
    for await (const chunk of await openai.chat.completions.create({ ...chat, stream: true })) {
      parts.push(chunk.choices[0]!.delta.content ?? '');
    }
    assert.equal(parts.join(''), 'This answer comes ');
    const said = await anthropic.messages.create(message);
    assert.deepEqual(said.content, [{ type: 'text', text: 'This answer comes ' }]);
    const streamed = await anthropic.messages.stream(message).finalText();
    assert.equal(streamed, 'This answer comes ');

    const gpt = 2n * 15_000n + 3n * 60_000n;
    const haiku = 2n * 100_000n + 3n * 500_000n;
    const rows = [...(await books.tail(10))]
      .reverse()
      .map(({ provider, basis, nanocents, key }) => [provider, basis, nanocents, key]);
    assert.deepEqual(
      rows,
      [gpt, gpt, haiku, haiku].map((amount) => ['demo', 'provider', amount, 'local']),
    );
    const wrong = await fetch(`${gateway.url}/demo/v1/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"text-embedding-3-small","input":"x"}',
    });
    assert.equal(wrong.status, 404);
  } finally {
    await gateway.close();
    await demo.close();
    await books.close();
  }
});
