import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { startGateway } from '../../src/gateway/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { chatJson, chatNanocents, chatStream } from '../transcripts.ts';
import { post, providersAt, until, withHarness } from './harness.ts';

const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] };

test('closing lets a stream in flight end, books it, and takes nothing new', () =>
  withHarness({}, async (harness) => {
    harness.provider.answerWith({ body: chatStream, chunkBytes: 300, betweenMs: 30 });
    const url = `${harness.gateway.url}/v1/chat/completions`;
    const running = post(url, { ...chat, stream: true });
    await until(() => harness.gateway.active === 1, 'not running');
    const closed = harness.gateway.close();
    await assert.rejects(post(url, chat));
    const { text } = await running;
    assert.match(text, /data: \[DONE\]\n\n$/);
    await closed;
    assert.equal(harness.gateway.active, 0);
    const [entry] = await harness.books.tail(1);
    assert.equal(entry?.nanocents, chatNanocents);
  }));

test('a second close cuts what still runs, and books what was produced', () =>
  withHarness({}, async (harness) => {
    harness.provider.answerWith({ body: chatStream.slice(0, 700), hangs: true });
    const running = post(`${harness.gateway.url}/v1/chat/completions`, { ...chat, stream: true });
    running.catch(() => {});
    await until(() => harness.gateway.active === 1, 'not running');
    const closed = harness.gateway.close();
    await until(() => harness.provider.requests.length === 1, 'not asked');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = harness.gateway.close();
    await assert.rejects(running);
    await Promise.all([closed, second]);
    const [entry] = await harness.books.tail(1);
    assert.equal(entry?.basis, 'estimated');
    assert.ok(entry!.nanocents! > 0n);
  }));

test('a hold that an earlier process left is closed before the first call', async () => {
  const clock = fakeClock('2026-11-22T12:00:00Z');
  const books = await openBooks({ store: 'memory', clock });
  const left = await books.reserve({ model: 'gpt-4o-mini', nanocents: 1000n, ttlMs: 1000 });
  assert.equal(left.outcome, 'reserved');
  clock.advance(1000);
  const providers = providersAt('http://127.0.0.1:9');
  const gateway = await startGateway({ context: books.context, providers, port: 0 });
  const [entry] = await books.tail(1);
  assert.deepEqual([entry?.kind, entry?.basis, entry?.nanocents], ['expiry', 'reserved', 1000n]);
  await gateway.close();
  await books.close();
});

test('a stream that outlives its hold is settled late, with the amount it really had', () =>
  withHarness({}, async (harness) => {
    harness.provider.answerWith({ body: chatJson, firstMs: 100 });
    const running = post(`${harness.gateway.url}/v1/chat/completions`, chat);
    await until(() => harness.provider.requests.length === 1, 'not asked');
    const [reservation] = await harness.books.reads.openReservations(1);
    // Nobody renewed it: as after a machine that slept.
    (harness.books.context.clock as ReturnType<typeof fakeClock>).advance(700_000);
    assert.equal(await harness.books.expireDue(), 1);
    const { headers } = await running;
    assert.equal(headers.get('x-nanocent-cost-nanocents'), String(chatNanocents));
    const rows = await harness.books.tail(10);
    assert.deepEqual(rows.map((row) => row.kind).sort(), ['expiry', 'late']);
    assert.equal(
      rows.reduce((sum, row) => sum + row.nanocents!, 0n),
      chatNanocents,
    );
    assert.equal((await harness.books.reads.reservation(reservation!.id))?.state, 'settled_late');
  }));
