import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Books } from '../../src/books/books.ts';
import { openBooks } from '../../src/books/open-books.ts';
import { NanocentError } from '../../src/errors/error.ts';
import type { CallInput, Ending } from '../../src/meter/call.ts';
import { createMeter } from '../../src/meter/meter.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';

const request = { inputTokensMax: null, outputTokensMax: null, choices: 1 };
const chat: CallInput = {
  model: 'gpt-4o-mini',
  provider: 'openai',
  api: 'chat.completions',
  endpoint: '/v1/chat/completions',
  requestBytes: 400,
  request,
};
const open = () => openBooks({ store: 'memory', clock: fakeClock('2026-11-22T12:00:00Z') });
const ended: Ending = { ended: 'complete', sent: true, httpStatus: 200, streamed: false };
const answer = (usage: object, model = 'gpt-4o-mini') =>
  Buffer.from(JSON.stringify({ id: 'x', model, choices: [{ message: { content: 'Hi' } }], usage }));

async function begin(books: Books, call: CallInput = chat) {
  const begun = await createMeter(books.context).begin(call);
  if (begun.outcome !== 'held') throw new Error(begun.outcome);
  return begun.call;
}

const voids: readonly (readonly [string, Ending, bigint])[] = [
  ['never sent', { ended: 'error', sent: false, httpStatus: null, streamed: false }, 0n],
  ['refused with 400', { ...ended, httpStatus: 400 }, 1n],
  ['failed with 503', { ...ended, httpStatus: 503 }, 1n],
  ['sent elsewhere with 302', { ...ended, httpStatus: 302 }, 1n],
  ['refused, and its error cut off', { ...ended, ended: 'error', httpStatus: 500 }, 1n],
];
for (const [what, ending, requests] of voids) {
  test(`a call that was ${what} costs nothing and counts as ${requests} requests`, async () => {
    const books = await open();
    const call = await begin(books);
    assert.deepEqual(await call.finish(ending), { outcome: 'voided', callId: call.id });
    const reservation = await books.reads.reservation(call.id);
    assert.deepEqual([reservation?.state, reservation?.posted.requests ?? 0n], ['voided', requests]);
    assert.equal((await books.tail(1)).length, 0);
    await books.close();
  });
}

test('an error status with usage was billed all the same', async () => {
  const books = await open();
  const call = await begin(books);
  call.chunk(answer({ prompt_tokens: 10, completion_tokens: 0, total_tokens: 10 }));
  const booked = await call.finish({ ...ended, httpStatus: 500 });
  assert.deepEqual([booked.outcome, booked.outcome === 'settled' && booked.nanocents], ['settled', 150_000n]);
  await books.close();
});

test('finish decides once: a second one, whatever it says, gets the first answer', async () => {
  const books = await open();
  const call = await begin(books);
  call.chunk(answer({ prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 }));
  const first = call.finish(ended);
  const second = call.finish({ ended: 'aborted', sent: false, httpStatus: null, streamed: false });
  assert.deepEqual(await second, await first);
  assert.equal((await books.tail(10)).length, 1);
  await books.close();
});

test('more than was held is booked in full, and said', async () => {
  const books = await open();
  const call = await begin(books, {
    ...chat,
    request: { inputTokensMax: 10, outputTokensMax: 1, choices: 1 },
  });
  assert.equal(call.heldNanocents, 10n * 15_000n + 60_000n);
  call.chunk(answer({ prompt_tokens: 10, completion_tokens: 100, total_tokens: 110 }));
  const booked = await call.finish(ended);
  assert.equal(booked.outcome === 'settled' && booked.nanocents, 6_150_000n);
  assert.equal(booked.outcome === 'settled' && booked.overrunNanocents, 99n * 60_000n);
  await books.close();
});

test('a served model without a price: the hold is booked, with the counts and the reason', async () => {
  const books = await open();
  const call = await begin(books);
  call.chunk(answer({ prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 }, 'another-model'));
  const booked = await call.finish(ended);
  assert.equal(booked.outcome === 'settled' && booked.nanocents, 50_000_000_000n);
  const [entry] = await books.tail(1);
  assert.deepEqual([entry?.basis, entry?.model, entry?.usage.input], ['reserved', 'another-model', 10]);
  assert.match(entry!.remark!, /no price is known for openai\/another-model/);
  await books.close();
});

test('a model without a price, of which nothing is known: unpriced, never zero', async () => {
  const books = await open();
  const call = await begin(books, { ...chat, model: 'own-model' });
  assert.equal(call.heldNanocents, 0n);
  const booked = await call.finish({ ...ended, ended: 'error', streamed: true });
  assert.equal(booked.outcome === 'settled' && booked.nanocents, null);
  const [entry] = await books.tail(1);
  assert.deepEqual([entry?.nanocents, entry?.costSource, entry?.basis], [null, 'unpriced', 'reserved']);
  await books.close();
});

test('nobody ends a call without a price: it runs out as unpriced, never as free', async () => {
  const clock = fakeClock('2026-11-22T12:00:00Z');
  const books = await openBooks({ store: 'memory', clock });
  await begin(books, { ...chat, model: 'own-model' });
  clock.advance(600_000);
  assert.equal(await books.expireDue(), 1);
  const [entry] = await books.tail(1);
  assert.deepEqual([entry?.kind, entry?.nanocents, entry?.costSource], ['expiry', null, 'unpriced']);
  await books.close();
});

test('a soft cost limit does not refuse what has no price', async () => {
  const books = await open();
  const limit = { scope: 'GLOBAL', limitType: 'cost', max: '1', intervalUnit: 'day' } as const;
  await books.limits.set({ ...limit, enforcement: 'soft' });
  const meter = createMeter(books.context);
  assert.equal((await meter.begin({ ...chat, model: 'own-model' })).outcome, 'held');
  await books.limits.set({ ...limit, scope: 'MODEL', model: 'own-model' });
  const refused = await meter.begin({ ...chat, model: 'own-model' });
  assert.deepEqual([refused.outcome, refused.outcome === 'unpriced' && refused.limitId], ['unpriced', 2]);
  await books.close();
});

test('a hold that ran out gives way: the call behind it is asked again at once', async () => {
  const clock = fakeClock('2026-11-22T12:00:00Z');
  const books = await openBooks({ store: 'memory', clock });
  await books.limits.set({ scope: 'GLOBAL', limitType: 'concurrent_requests', max: '1' });
  const left = await books.reserve({ model: 'gpt-4o-mini', nanocents: 1n, ttlMs: 1000 });
  assert.equal(left.outcome, 'reserved');
  const meter = createMeter(books.context);
  assert.equal((await meter.begin(chat)).outcome, 'refused');
  clock.advance(1000);
  assert.equal((await meter.begin(chat)).outcome, 'held');
  await books.close();
});

test('a long call renews its hold every third of its life, and stops when it ends', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = fakeClock('2026-11-22T12:00:00Z');
  const books = await openBooks({ store: 'memory', clock });
  const begun = await createMeter(books.context, { holdMs: 60_000 }).begin(chat);
  if (begun.outcome !== 'held') throw new Error(begun.outcome);
  const { call } = begun;
  const expiresAt = async () => (await books.reads.reservation(call.id))!.expiresAt;
  const start = clock.now();
  assert.equal(await expiresAt(), start + 60_000);
  for (const turn of [1, 2, 3, 4]) {
    clock.advance(20_000);
    context.mock.timers.tick(20_000);
    await turnsOfTheLoop();
    assert.equal(await expiresAt(), start + turn * 20_000 + 60_000);
  }
  await call.finish(ended);
  context.mock.timers.tick(60_000);
  await turnsOfTheLoop();
  assert.equal((await books.reads.reservation(call.id))?.state, 'settled');
  await books.close();
});

test('a failed renewal is told, and the call goes on', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const books = await open();
  const { ledger } = books.context;
  const failed: string[] = [];
  const meter = createMeter(
    {
      ...books.context,
      ledger: {
        ...ledger,
        reads: ledger.reads,
        close: () => ledger.close(),
        write: async (request) => {
          if (request.kind === 'extend') throw new NanocentError('store_busy', 'away');
          return ledger.write(request);
        },
      },
    },
    { holdMs: 60_000, onRenewFailed: (callId) => failed.push(callId) },
  );
  const begun = await meter.begin(chat);
  if (begun.outcome !== 'held') throw new Error(begun.outcome);
  context.mock.timers.tick(20_000);
  await turnsOfTheLoop();
  assert.deepEqual(failed, [begun.call.id]);
  assert.equal((await begun.call.finish(ended)).outcome, 'settled');
  await books.close();
});

async function turnsOfTheLoop(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
