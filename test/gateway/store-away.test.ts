import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { newFolder, openSwitched } from '../reservations/away.ts';
import { chatJson, chatNanocents } from '../transcripts.ts';
import { post, startHarness } from './harness.ts';

const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] };

test('the store is away at reserve: 503, and the provider sees no request', async (t) => {
  const on = await openSwitched(join(newFolder(t), 'a.sqlite'));
  const harness = await startHarness({ books: on.books });
  harness.provider.answerWith({ body: chatJson });
  on.away = true;
  const { status, text } = await post(`${harness.gateway.url}/v1/chat/completions`, chat);
  assert.equal(status, 503);
  assert.match(text, /store_unreachable/);
  assert.equal(harness.provider.requests.length, 0);
  on.away = false;
  assert.equal((await post(`${harness.gateway.url}/v1/chat/completions`, chat)).status, 200);
  await harness.close();
});

test('the store goes away during the call: the answer is whole, the amount is on disk before it ends, and booked later', async (t) => {
  const on = await openSwitched(join(newFolder(t), 'a.sqlite'));
  const harness = await startHarness({ books: on.books });
  harness.provider.answerWith(() => {
    on.away = true;
    return { body: chatJson };
  });
  const { status, text } = await post(`${harness.gateway.url}/v1/chat/completions`, chat);
  assert.deepEqual([status, text], [200, chatJson]);
  assert.equal(readdirSync(on.spool).length, 1);
  assert.ok(harness.events.some(({ event }) => event === 'settle_spooled'));
  on.away = false;
  await harness.close();
  await using books = await openBooks({ store: on.file, environment: {} });
  assert.equal((await books.tail())[0]?.nanocents, chatNanocents);
});
