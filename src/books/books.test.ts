import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NanocentError } from '../errors/error.ts';
import { ModelPricingNotFoundError } from '../errors/named.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { periodOf } from '../time/period.ts';
import type { Books } from './books.ts';
import { openBooks } from './open-books.ts';

const noon = Date.UTC(2026, 10, 22, 12);
const usd = 100_000_000_000n;

async function newBooks(): Promise<Books> {
  return openBooks({ store: 'memory', clock: fakeClock(noon), environment: {} });
}

const code = (wanted: string) => (error: unknown) => NanocentError.is(error) && error.code === wanted;

test('a tracked call is priced by the catalog at its own instant', async () => {
  await using books = await newBooks();
  const rows = [
    ['gpt-4o-mini', 1000, 500, undefined, 45_000_000n],
    ['gpt-4o-mini', 100, 50, undefined, 4_500_000n],
    ['deepseek-chat', 1000, 500, '2025-02-07', 28_000_000n],
    ['deepseek-chat', 1000, 500, '2025-02-08', 82_000_000n],
  ] as const;
  for (const [model, promptTokens, completionTokens, timestamp, nanocents] of rows) {
    const provider = model === 'deepseek-chat' ? 'deepseek' : 'openai';
    const { entry } = await books.track({ model, provider, promptTokens, completionTokens, timestamp });
    assert.equal(entry.nanocents, nanocents, `${model} ${timestamp}: ${entry.remark}`);
    assert.equal(entry.costSource, 'priced');
    assert.notEqual(entry.priceId, null);
  }
});

test('cached tokens cost what cached tokens cost', async () => {
  await using books = await newBooks();
  const counts = { promptTokens: 1000, cachedTokens: 500, completionTokens: 500 };
  const { entry } = await books.track({ model: 'gpt-4o', provider: 'openai', ...counts });
  assert.equal(entry.nanocents, 687_500_000n);
});

test('what has no price is booked as unknown, never as 0', async () => {
  await using books = await newBooks();
  const { entry } = await books.track({ model: 'no-such-model', promptTokens: 10, completionTokens: 1 });
  assert.equal(entry.nanocents, null);
  assert.equal(entry.costSource, 'unpriced');
  assert.match(entry.remark ?? '', /no price is known for no-such-model/);
  const stats = await books.periodStats({ period: periodOf('daily', noon, 'UTC') });
  assert.equal(stats.totals.unpricedCalls, 1n);
});

test('a given cost wins; a negative one is refused', async () => {
  await using books = await newBooks();
  const { entry } = await books.track({ model: 'gpt-4', promptTokens: 100, nanocents: 200_000_000n });
  assert.equal(entry.nanocents, 200_000_000n);
  assert.equal(entry.costSource, 'given');
  await assert.rejects(books.track({ model: 'gpt-4', nanocents: -1n }), code('amount_invalid'));
});

test('the same key books once; with other fields it is a conflict', async () => {
  await using books = await newBooks();
  const call = { model: 'gpt-4o', promptTokens: 10, completionTokens: 5, idempotencyKey: 'k1' };
  const first = await books.track(call);
  const again = await books.track(call);
  assert.equal(first.replayed, false);
  assert.equal(again.replayed, true);
  assert.equal(again.entry.id, first.entry.id);
  await assert.rejects(books.track({ ...call, promptTokens: 11 }), code('idempotency_conflict'));
  assert.equal((await books.tail()).length, 1);
});

test('two of the same key at once book once', async () => {
  await using books = await newBooks();
  const call = { model: 'gpt-4o', promptTokens: 10, completionTokens: 5, idempotencyKey: 'k1' };
  const results = await Promise.all([books.track(call), books.track(call), books.track(call)]);
  assert.deepEqual(results.map((result) => result.replayed).sort(), [false, true, true]);
  assert.equal((await books.tail()).length, 1);
});

test('a timestamp a day ahead is believed to the millisecond, one more is not', async () => {
  await using books = await newBooks();
  await books.track({ model: 'm', timestamp: '2026-11-23T12:00:00Z' });
  await assert.rejects(
    books.track({ model: 'm', timestamp: '2026-11-23T12:00:00.001Z' }),
    code('time_invalid'),
  );
});

test('a hold, what is left of it, and what was spent', async () => {
  await using books = await newBooks();
  await books.limits.set({ scope: 'USER', username: 'u1', limitType: 'cost', max: '1', intervalUnit: 'day' });
  const call = { model: 'gpt-4o-mini', username: 'u1' };
  const first = await books.reserve({ ...call, nanocents: usd });
  assert.equal(first.outcome, 'reserved');
  const second = await books.reserve({ ...call, nanocents: 1n });
  assert.equal(second.outcome, 'refused');
  assert.ok(second.outcome === 'refused');
  const [refusal] = second.refusals;
  assert.deepEqual(
    [refusal!.used, refusal!.held, refusal!.requested, refusal!.reason],
    [0n, usd, 1n, 'held'],
  );

  assert.ok(first.outcome === 'reserved');
  const settled = await books.settle(first.reservation.id, { nanocents: 4_500_000n });
  assert.equal(settled.overrunNanocents, 0n);
  const state = await books.checkQuota({ username: 'u1' });
  assert.deepEqual(
    state.states.map(({ used, held, remaining }) => [used, held, remaining]),
    [[4_500_000n, 0n, usd - 4_500_000n]],
  );
});

test('a settle again answers the same, another amount is a conflict, a second void too', async () => {
  await using books = await newBooks();
  const reserved = await books.reserve({ model: 'm', nanocents: usd });
  assert.ok(reserved.outcome === 'reserved');
  const { id } = reserved.reservation;
  await books.settle(id, { nanocents: 7n });
  assert.equal((await books.settle(id, { nanocents: 7n })).replayed, true);
  await assert.rejects(books.settle(id, { nanocents: 8n }), code('reservation_already_settled'));
  await assert.rejects(books.void(id), code('reservation_ended'));
  await assert.rejects(books.settle('no-such-id', { nanocents: 8n }), code('reservation_not_found'));
});

test('what was spent above the hold is booked in full', async () => {
  await using books = await newBooks();
  await books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '1', intervalUnit: 'month' });
  const reserved = await books.reserve({ model: 'm', nanocents: usd });
  assert.ok(reserved.outcome === 'reserved');
  const settled = await books.settle(reserved.reservation.id, { nanocents: 3n * usd });
  assert.equal(settled.overrunNanocents, 2n * usd);
  const { states } = await books.checkQuota({});
  assert.deepEqual([states[0]!.used, states[0]!.remaining, states[0]!.over], [3n * usd, 0n, 2n * usd]);
  const verification = await books.verify();
  assert.deepEqual(verification.differences, []);
});

test('holds that nobody renewed make way for a reserve', async () => {
  const clock = fakeClock(noon);
  await using books = await openBooks({ store: 'memory', clock, environment: {} });
  await books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '1', intervalUnit: 'month' });
  const hold = { model: 'm', nanocents: usd, ttlMs: 60_000, onExpire: 'release' } as const;
  assert.equal((await books.reserve(hold)).outcome, 'reserved');
  clock.advance(59_999);
  assert.equal((await books.reserve(hold)).outcome, 'refused');
  clock.advance(1);
  assert.equal((await books.reserve(hold)).outcome, 'reserved');
});

test('a call explains itself: rows, reservation and movements', async () => {
  await using books = await newBooks();
  const reserved = await books.reserve({ model: 'm', username: 'u1', nanocents: usd });
  assert.ok(reserved.outcome === 'reserved');
  const { entry } = await books.settle(reserved.reservation.id, { nanocents: 5n });
  for (const id of [entry!.id, reserved.reservation.id]) {
    const explanation = await books.explain(id);
    assert.equal(explanation.entry?.nanocents, 5n);
    assert.equal(explanation.reservation?.id, reserved.reservation.id);
    assert.deepEqual(
      explanation.lines.map((line) => line.kind),
      ['reserve', 'settle'],
    );
  }
  await assert.rejects(books.explain('nothing'), code('entry_not_found'));
});

test('stats of the seeds: sums, averages and rankings', async () => {
  await using books = await newBooks();
  const rows = [
    ['gpt-4', 100, 50, 200_000_000n, 1_500_000],
    ['gpt-3.5-turbo', 200, 100, 100_000_000n, 800_000],
    ['gpt-4', 150, 75, 300_000_000n, 2_000_000],
  ] as const;
  for (const [model, promptTokens, completionTokens, nanocents, executionMicroseconds] of rows) {
    await books.track({ model, promptTokens, completionTokens, nanocents, executionMicroseconds });
  }
  const period = periodOf('daily', noon, 'UTC');
  const stats = await books.periodStats({ period });
  const { totals } = stats;
  assert.deepEqual(
    [totals.promptTokens, totals.output, totals.totalTokens, totals.nanocents, totals.executionMicroseconds],
    [450n, 225n, 675n, 600_000_000n, 4_300_000n],
  );
  assert.deepEqual(
    stats.groups.map((group) => [group.key, group.totals.promptTokens, group.totals.nanocents]),
    [
      ['gpt-4', 250n, 500_000_000n],
      ['gpt-3.5-turbo', 200n, 100_000_000n],
    ],
  );
  assert.deepEqual(stats.rankings.nanocents, [
    { model: 'gpt-4', value: 500_000_000n },
    { model: 'gpt-3.5-turbo', value: 100_000_000n },
  ]);
  assert.deepEqual(await books.modelStats({ period }), stats.groups);
});

test('purge deletes rows before its instant; balances and the proof stay', async () => {
  await using books = await newBooks();
  await books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '10', intervalUnit: 'month' });
  await books.track({ model: 'm', nanocents: 5n, timestamp: '2026-11-21T23:59:59.999Z' });
  await books.track({ model: 'm', nanocents: 7n, timestamp: '2026-11-22T00:00:00Z' });
  await books.purge(Date.UTC(2026, 10, 22));
  assert.deepEqual(
    (await books.tail()).map((entry) => entry.nanocents),
    [7n],
  );
  assert.equal((await books.checkQuota({})).states[0]!.used, 12n);
  assert.deepEqual((await books.verify()).differences, []);
});

test('a limit from a file is not deleted elsewhere', async () => {
  await using books = await newBooks();
  const limit = await books.limits.set({
    scope: 'GLOBAL',
    limitType: 'requests',
    max: '5',
    intervalUnit: 'day',
    source: 'file',
  });
  await assert.rejects(books.limits.delete(limit.id), code('permission_denied'));
  await assert.rejects(books.limits.delete(99), code('limit_not_found'));
});

test('a call that is exempt from a limit is not said to be refused by it', async () => {
  await using books = await newBooks();
  await books.limits.set({ scope: 'MODEL', model: '*', limitType: 'cost', max: '0', intervalUnit: 'day' });
  await books.limits.set({
    scope: 'MODEL',
    model: 'gpt-4',
    limitType: 'cost',
    max: '-1',
    intervalUnit: 'day',
  });
  assert.equal((await books.checkQuota({ model: 'gpt-4', nanocents: 1n })).allowed, true);
  assert.equal((await books.checkQuota({ model: 'gpt-3.5', nanocents: 1n })).allowed, false);
  assert.equal((await books.reserve({ model: 'gpt-4', nanocents: 1n })).outcome, 'reserved');
  assert.equal((await books.reserve({ model: 'gpt-3.5', nanocents: 0n })).outcome, 'refused');
});

test('a unit without a price is refused by the name that the seeds gave it', async () => {
  await using books = await newBooks();
  await assert.rejects(books.charge({ model: 'no-such-model', unit: 'search', quantity: 1 }), (error) => {
    return (
      error instanceof ModelPricingNotFoundError &&
      NanocentError.is(error) &&
      error.code === 'price_not_found'
    );
  });
  assert.equal((await books.tail()).length, 0);
});
