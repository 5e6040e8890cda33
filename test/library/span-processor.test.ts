import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { openBooks } from '../../src/books/open-books.ts';
import { nanocentSpanProcessor } from '../../src/books/span-processor.ts';

async function open(more: { readonly project?: string } = {}) {
  const books = await openBooks({ store: 'memory', environment: {}, background: false });
  const errors: unknown[] = [];
  const processor = nanocentSpanProcessor(books, { ...more, onError: (error) => errors.push(error) });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('test');
  const span = (attributes: Record<string, string | number>) => {
    const one = tracer.startSpan('chat', { kind: SpanKind.CLIENT, attributes });
    one.end();
    return one;
  };
  return { books, errors, processor, provider, span };
}

const chat = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o-mini',
};

test('a GenAI span is booked with its counts, its time and who it was for', async () => {
  const { books, provider, span } = await open({ project: 'web' });
  span({
    ...chat,
    'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
    'gen_ai.usage.input_tokens': 1000,
    'gen_ai.usage.cache_read.input_tokens': 400,
    'gen_ai.usage.output_tokens': 200,
    'gen_ai.usage.reasoning.output_tokens': 50,
    'gen_ai.conversation.id': 's1',
    'user.id': 'ann',
  });
  await provider.forceFlush();
  const [entry] = await books.tail();
  // 600 × 15,000 + 400 × 7,500 + 200 × 60,000 nanocents.
  assert.equal(entry?.nanocents, 24_000_000n);
  const { model, requestedModel, caller, username, session, project } = entry;
  assert.deepEqual(
    { model, requestedModel, caller, username, session, project, provider: entry.provider },
    {
      ...{ model: 'gpt-4o-mini-2024-07-18', requestedModel: 'gpt-4o-mini', caller: 'shop', username: 'ann' },
      ...{ session: 's1', project: 'web', provider: 'openai' },
    },
  );
  assert(Math.abs(entry.at - Date.now()) < 60_000);
  await provider.shutdown();
});

test('names of earlier conventions, and counts without the cache inside', async () => {
  const { books, provider, span } = await open();
  span({
    'gen_ai.system': 'anthropic',
    'gen_ai.request.model': 'claude-haiku-4-5',
    'gen_ai.usage.prompt_tokens': 100,
    'gen_ai.usage.cache_read_input_tokens': 8000,
    'gen_ai.usage.completion_tokens': 60,
  });
  await provider.forceFlush();
  const [entry] = await books.tail();
  assert.deepEqual(
    { input: entry?.usage.input, cacheRead: entry?.usage.cacheRead, output: entry?.usage.output },
    { input: 100, cacheRead: 8000, output: 60 },
  );
  // $1 per million input, $0.10 read, $5 output: 100 × 100,000 + 8,000 × 10,000 + 60 × 500,000 nanocents.
  assert.equal(entry?.nanocents, 120_000_000n);
  await provider.shutdown();
});

test('agents, tools and other spans are no calls; a call without counts is there, and unknown', async () => {
  const { books, provider, span } = await open();
  span({ 'http.method': 'GET' });
  span({ ...chat, 'gen_ai.operation.name': 'invoke_agent' });
  span({ ...chat, 'gen_ai.operation.name': 'execute_tool' });
  span(chat);
  await provider.forceFlush();
  const entries = await books.tail();
  assert.equal(entries.length, 1);
  assert.equal(entries[0]?.nanocents, null);
  assert.equal(entries[0]?.usage.output, null);
  await provider.shutdown();
});

test('a span that is handed over twice is booked once, and one that cannot be booked is told', async () => {
  const { books, errors, processor, provider, span } = await open();
  const one = span({ ...chat, 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 1 });
  processor.onEnd(one as unknown as Parameters<typeof processor.onEnd>[0]);
  span({ ...chat, 'gen_ai.request.model': 'x'.repeat(300), 'gen_ai.usage.input_tokens': 10 });
  await provider.forceFlush();
  assert.equal((await books.tail()).length, 1);
  assert.equal(errors.length, 1);
  await provider.shutdown();
  await books.close();
});
