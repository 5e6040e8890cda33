import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { type OpenBooksOptions, openBooks } from '../../src/books/open-books.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/fake-provider.ts';
import { chatJson, chatNanocents, chatStream, chatToolStream, spokenText } from '../transcripts.ts';

let provider: FakeProvider;
let folder: string;
before(async () => {
  provider = await startFakeProvider();
  folder = await mkdtemp(join(tmpdir(), 'nanocent-logs-'));
});
after(async () => {
  await provider.close();
  await rm(folder, { recursive: true });
});

const all = { from: null, to: null, limit: 100 };

async function open(options: OpenBooksOptions) {
  const clock = fakeClock('2026-11-22T12:00:00Z');
  const books = await openBooks({ store: 'memory', clock, environment: {}, background: false, ...options });
  const client = new OpenAI({
    apiKey: 'own',
    baseURL: `${provider.url}/v1`,
    fetch: books.fetch({ user: 'ann', purpose: 'chat' }),
    maxRetries: 0,
  });
  const ask = (text: string) =>
    client.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: text }] });
  return { books, client, ask, clock };
}

test('nothing is kept unless it is asked for', async () => {
  const { books, ask } = await open({});
  provider.answerWith({ body: chatJson });
  await ask('Hello');
  assert.deepEqual(await books.prompts.rows(all), []);
  assert.deepEqual(await books.audit.entries(), []);
  await books.close();
});

test('a prompt, its answer and its tools, plain and as a stream; money is the same as without', async () => {
  const { books, client, ask } = await open({ promptLog: true });
  provider.answerWith({ body: chatJson });
  await ask('Hello');
  provider.answerWith({ body: chatToolStream, chunkBytes: 9 });
  await client.chat.completions
    .stream({
      model: 'gpt-4o-mini',
      messages: [
        { role: 'user', content: 'old' },
        { role: 'assistant', content: null, tool_calls: [] },
        { role: 'tool', tool_call_id: 'call_0', content: 'rain' },
      ],
    })
    .finalChatCompletion();
  const [second, first] = await books.prompts.rows(all);
  const entries = await books.tail();
  assert.deepEqual(
    entries.map(({ nanocents }) => nanocents),
    [chatNanocents, chatNanocents],
  );
  assert.equal(first?.prompt, 'Hello');
  assert.equal(first?.response, spokenText);
  assert.deepEqual(
    { ...first, id: 0, callId: 0, at: 0, prompt: 0, response: 0 },
    {
      ...{
        id: 0,
        callId: 0,
        at: 0,
        prompt: 0,
        response: 0,
        model: 'gpt-4o-mini',
        purpose: 'chat',
        username: 'ann',
      },
      ...{
        key: null,
        project: null,
        toolCalls: null,
        toolResults: null,
        inputTokens: 1000,
        outputTokens: 200,
      },
      sealed: false,
    },
  );
  assert.equal(first?.callId, entries[1]?.callId);
  assert.deepEqual(JSON.parse(second?.toolCalls ?? ''), [
    { tool_call_id: 'call_1', name: 'weather', arguments: '{"city":"Ulm"}' },
    { tool_call_id: 'call_2', name: 'time', arguments: '{}' },
  ]);
  assert.deepEqual(JSON.parse(second?.toolResults ?? ''), [
    { tool_call_id: 'call_0', name: null, output: 'rain' },
  ]);
  await books.close();
});

test('only what is listed, redacted, and not where redaction says so or breaks', async () => {
  const troubles: string[] = [];
  const { books, ask } = await open({
    promptLog: {
      purposes: ['chat'],
      redact: (said) => {
        if (said.prompt === 'break') throw new Error('redaction broke');
        return said.prompt === 'secret'
          ? null
          : { ...said, prompt: said.prompt?.replace(/\d/g, '#') ?? null };
      },
    },
    onTrouble: (what) => troubles.push(what),
  });
  provider.answerWith({ body: chatJson });
  for (const text of ['card 1234', 'secret', 'break']) await ask(text);
  const other = books.fetch({ user: 'bob', purpose: 'search' });
  await other(`${provider.url}/v1/chat/completions`, {
    method: 'POST',
    body: '{"model":"gpt-4o-mini","messages":[]}',
  });
  assert.deepEqual(
    (await books.prompts.rows(all)).map(({ prompt }) => prompt),
    ['card ####'],
  );
  assert.deepEqual(troubles, ['log_failed']);
  assert.equal((await books.tail()).length, 4);
  await books.close();
});

test('one client decides for its own calls, whatever the settings', async () => {
  const { books, ask } = await open({});
  provider.answerWith({ body: chatJson });
  const call = async (from: typeof books, keepPrompt: boolean) => {
    const metered = from.fetch({ keepPrompt });
    const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'this one' }] });
    await metered(`${provider.url}/v1/chat/completions`, { method: 'POST', body });
  };
  await ask('not kept');
  await call(books, true);
  assert.deepEqual(
    (await books.prompts.rows(all)).map(({ prompt }) => prompt),
    ['this one'],
  );
  const keeping = await open({ promptLog: true });
  await call(keeping.books, false);
  assert.deepEqual(await keeping.books.prompts.rows(all), []);
  await books.close();
  await keeping.books.close();
});

test('a file of its own, encrypted: the ledger has nothing of it, and without the key it stays shut', async () => {
  const store = join(folder, 'books.sqlite');
  const file = join(folder, 'prompts.sqlite');
  const encryptionKey = Buffer.alloc(32, 7).toString('base64');
  const { books, ask } = await open({ store, promptLog: { file, encryptionKey } });
  provider.answerWith({ body: chatJson });
  await ask('a very private question');
  assert.equal((await books.prompts.rows(all))[0]?.prompt, 'a very private question');
  await books.close();
  for (const written of [store, file]) {
    assert(!(await readFile(written, 'latin1')).includes('very private'), written);
  }
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const shut = await open({ store, promptLog: { file } });
  await assert.rejects(shut.books.prompts.rows(all), { code: 'prompt_sealed' });
  await shut.books.close();
  const wrongKey = Buffer.alloc(32, 8).toString('hex');
  const wrong = await open({ store, promptLog: { file, encryptionKey: wrongKey } });
  await assert.rejects(wrong.books.prompts.rows(all), { code: 'prompt_sealed' });
  await wrong.books.close();
  await assert.rejects(open({ promptLog: { encryptionKey: 'short' } }), { field: 'encryptionKey' });
});

test('retention by age and by size', async () => {
  const store = join(folder, 'retention.sqlite');
  const first = await open({ store, promptLog: true });
  provider.answerWith({ body: chatJson });
  await first.ask('old');
  first.clock.advance(3 * 86_400_000);
  await first.ask('new');
  await first.books.close();
  const second = await open({ store, promptLog: { retentionDays: 2 } });
  second.clock.advance(3 * 86_400_000 + 1000);
  await second.ask('newest');
  const kept = async () => (await second.books.prompts.rows(all)).map(({ prompt }) => prompt);
  assert.deepEqual(await kept(), ['newest', 'new']);
  await second.books.close();
  const bytes = Buffer.byteLength(`last${spokenText}`);
  const third = await open({ store, promptLog: { sizeBytesMax: bytes } });
  third.clock.advance(4 * 86_400_000);
  await third.ask('last');
  assert.deepEqual(
    (await third.books.prompts.rows(all)).map(({ prompt }) => prompt),
    ['last'],
  );
  await third.books.close();
});

test('a user is forgotten; purging usage leaves both logs, purging prompts leaves the money', async () => {
  const { books, ask } = await open({ promptLog: true, audit: { everyCall: true } });
  provider.answerWith({ body: chatStream });
  await ask('Hello').catch(() => {});
  provider.answerWith({ body: chatJson });
  await ask('Hello');
  const events = (await books.audit.entries()).map(({ type, username }) => ({ type, username }));
  assert.deepEqual(new Set(events.map(({ type }) => type)), new Set(['prompt', 'response']));
  assert.equal(events.length, 4);
  await books.purge(books.context.clock.now() + 1);
  assert.deepEqual(await books.tail(), []);
  assert.equal((await books.audit.entries()).length, 4);
  assert.equal((await books.prompts.rows(all)).length, 2);
  await assert.rejects(books.prompts.purge({}), { code: 'field_missing' });
  assert.equal(await books.prompts.purge({ username: 'ann' }), 2);
  assert.equal((await books.audit.entries()).length, 4);
  assert.equal((await books.verify()).balanced, true);
  await books.close();
});

test('events that a program tells: prompt, response and others, filtered and bounded', async () => {
  const { books, clock } = await open({});
  await books.audit.logPrompt({ app: 'shop', username: 'ann', model: 'gpt-4o', promptText: 'Hello' });
  clock.advance(1000);
  await books.audit.logResponse({
    app: 'shop',
    username: 'ann',
    responseText: 'Hi',
    remoteCompletionId: 'r1',
  });
  await books.audit.logEvent({ type: 'login', username: 'bob', at: 5 });
  assert.deepEqual(
    (await books.audit.entries()).map(({ type }) => type),
    ['response', 'prompt', 'login'],
  );
  assert.equal((await books.audit.entries({ username: 'ann', type: 'prompt' })).length, 1);
  await assert.rejects(books.audit.logEvent({ type: '' }), { field: 'type' });
  await assert.rejects(books.audit.logEvent({ type: 'x', username: 'a\u0000b' }), { field: 'username' });
  await assert.rejects(books.audit.logEvent({ type: 'x', at: Number.NaN }), { field: 'at' });
  await assert.rejects(books.audit.entries({ limit: 0 }), { field: 'limit' });
  await books.close();
});
