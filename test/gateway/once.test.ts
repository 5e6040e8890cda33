import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Books } from '../../src/books/books.ts';
import { openBooks } from '../../src/books/open-books.ts';
import type { LedgerService } from '../../src/core/ledger.ts';
import { NanocentError } from '../../src/errors/error.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { chatJson, chatNanocents, chatStream } from '../transcripts.ts';
import { type Harness, post, until, withHarness } from './harness.ts';

const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] };
const ask = (harness: Harness, key: string, body: object = chat, more: Record<string, string> = {}) =>
  post(`${harness.gateway.url}/v1/chat/completions`, body, { 'idempotency-key': key, ...more });

test('an idempotency key: in flight, done, used for something else', () =>
  withHarness({}, async (harness) => {
    harness.provider.answerWith({ body: chatJson, firstMs: 100 });
    const first = ask(harness, 'k1');
    await until(() => harness.provider.requests.length === 1, 'not asked');
    const meanwhile = await ask(harness, 'k1');
    assert.deepEqual([meanwhile.status, meanwhile.headers.get('retry-after')], [409, '2']);
    const { headers } = await first;
    const callId = headers.get('x-nanocent-call-id');

    const after = await ask(harness, 'k1');
    assert.deepEqual([after.status, after.headers.get('x-should-retry')], [409, 'false']);
    assert.deepEqual(JSON.parse(after.text).error.nanocent, {
      code: 'idempotency_conflict',
      callId,
      nanocents: String(chatNanocents),
      usd: '0.00024',
    });
    const other = await ask(harness, 'k1', { ...chat, model: 'gpt-4o' });
    assert.equal(other.status, 409);
    assert.match(other.text, /another body/);
    const elsewhere = await ask(harness, 'k1', chat, { 'x-nanocent-user': 'bo' });
    assert.equal(elsewhere.status, 409);
    // Another credential's key of the same name is another key.
    assert.equal((await ask(harness, 'k1', chat, { authorization: 'Bearer sk-other' })).status, 200);
    assert.equal(harness.provider.requests.length, 2);
    assert.equal((await harness.entries(2)).length, 2);
  }));

test('a key whose call was not billed may be used again', () =>
  withHarness({}, async (harness) => {
    harness.provider.answerWith([{ status: 500, body: '{"error":{"message":"no"}}' }, { body: chatJson }]);
    assert.equal((await ask(harness, 'k2')).status, 500);
    assert.equal((await ask(harness, 'k2')).status, 200);
    assert.equal((await harness.entries(1)).length, 1);
  }));

test('a call that was refused by its provider keeps its place in a limit of requests', () =>
  withHarness({}, async (harness) => {
    await harness.books.limits.set({ scope: 'GLOBAL', limitType: 'requests', max: '1', intervalUnit: 'day' });
    harness.provider.answerWith({ status: 400, body: '{"error":{"message":"no"}}' });
    const url = `${harness.gateway.url}/v1/chat/completions`;
    assert.equal((await post(url, chat)).status, 400);
    assert.equal((await post(url, chat)).status, 429);
  }));

test('200 calls at once against money for 7: exactly 7 reach the provider', () =>
  withHarness({}, async (harness) => {
    await harness.books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '3.50', intervalUnit: 'day' });
    let open = () => {};
    const after = new Promise<void>((resolve) => {
      open = resolve;
    });
    harness.provider.answerWith({ body: chatStream, after });
    const url = `${harness.gateway.url}/v1/chat/completions`;
    const answers = Promise.all(Array.from({ length: 200 }, () => post(url, { ...chat, stream: true })));
    const refusedCount = () => harness.events.filter(({ event }) => event === 'refused').length;
    await until(() => refusedCount() + harness.provider.requests.length === 200, 'not all were answered');
    open();
    const done = await answers;
    const count = (status: number) => done.filter((answer) => answer.status === status).length;
    assert.deepEqual([count(200), count(429), harness.provider.requests.length], [7, 193, 7]);
    const refused = done.find(({ status }) => status === 429)!;
    assert.equal(JSON.parse(refused.text).error.nanocent.reason, 'held');
    // The deadline of the first hold in the way.
    assert.equal(refused.headers.get('retry-after'), '120');
    assert.equal(refused.headers.get('x-should-retry'), null);
    const booked = await harness.entries(7);
    assert.equal(
      booked.reduce((sum, entry) => sum + entry.nanocents!, 0n),
      7n * chatNanocents,
    );
  }));

/** Books whose ledger fails writes as it is told. */
async function failingBooks(fails: (kind: string) => boolean): Promise<Books> {
  const books = await openBooks({ store: 'memory', clock: fakeClock('2026-11-22T12:00:00Z') });
  const { ledger } = books.context;
  const failing: LedgerService = {
    reads: ledger.reads,
    write: async (request) => {
      if (fails(request.kind)) throw new NanocentError('store_busy', 'the store is away');
      return ledger.write(request);
    },
    writeBundle: (request) => ledger.writeBundle(request),
    changeTask: (request) => ledger.changeTask(request),
    close: () => ledger.close(),
  };
  return new Books({ ...books.context, ledger: failing });
}

test('a store that is away at the reserve: 503, and nobody is called', async () => {
  const books = await failingBooks((kind) => kind === 'reserve');
  await withHarness({ books }, async (harness) => {
    const { status, headers, text } = await post(`${harness.gateway.url}/v1/chat/completions`, chat);
    assert.deepEqual([status, headers.get('retry-after')], [503, '1']);
    assert.equal(JSON.parse(text).error.code, 'store_busy');
    assert.equal(harness.provider.requests.length, 0);
  });
});

test('a store that comes back within the pauses takes the settle, once', async () => {
  let failures = 2;
  const books = await failingBooks((kind) => kind === 'settle' && failures-- > 0);
  await withHarness({ books }, async (harness) => {
    harness.provider.answerWith({ body: chatJson });
    const { headers } = await post(`${harness.gateway.url}/v1/chat/completions`, chat);
    assert.equal(headers.get('x-nanocent-cost-nanocents'), String(chatNanocents));
    assert.equal((await harness.entries(1)).length, 1);
  });
});

test('a store that stays away at the settle: the answer that was paid for is delivered, and the log says what is open', async () => {
  const books = await failingBooks((kind) => kind === 'settle');
  await withHarness({ books }, async (harness) => {
    harness.provider.answerWith({ body: chatJson });
    const { status, headers, text } = await post(`${harness.gateway.url}/v1/chat/completions`, chat);
    assert.deepEqual([status, text], [200, chatJson]);
    assert.equal(headers.get('x-nanocent-cost-usd'), null);
    const callId = headers.get('x-nanocent-call-id')!;
    assert.deepEqual(
      harness.events.find(({ event }) => event === 'settle_failed'),
      { event: 'settle_failed', callId, code: 'store_busy', message: 'the store is away' },
    );
    assert.equal((await harness.books.reads.reservation(callId))?.state, 'open');
  });
});
