import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { NanocentError } from '../../src/errors/error.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { newFolder } from './away.ts';
import { begin, mini, miniWorst, open, prompt, proveBalanced, standing } from './calls.ts';

const limit = { scope: 'GLOBAL', limitType: 'cost', max: '1', intervalUnit: 'day' } as const;
const turns = async () => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test('the first process to open a ledger closes what a dead one held, before it admits anything', async (t) => {
  const file = join(newFolder(t), 'a.sqlite');
  const clock = fakeClock('2026-11-22T12:00:00Z');
  const dead = await openBooks({ store: file, environment: {}, clock, background: false });
  await dead.limits.set(limit);
  await dead.reserve({ model: 'm', usd: '0.75', ttlMs: 60_000 });
  await dead.reserve({ model: 'm', usd: '0.25', ttlMs: 60_000, onExpire: 'release' });
  await dead.close();
  clock.advance(60_000);
  await using books = await openBooks({ store: file, environment: {}, clock });
  assert.equal(await standing(books), '75000000000 0');
  const [entry] = await books.tail();
  assert.deepEqual([entry?.kind, entry?.basis, entry?.nanocents], ['expiry', 'reserved', 75_000_000_000n]);
  assert.equal((await books.tail()).length, 1);
  await proveBalanced(books);
});

test('one millisecond before its deadline a hold stands; at the deadline any open books close it by themselves', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { books, clock } = await open();
  await books.limits.set(limit);
  await books.reserve({ model: 'm', nanocents: 10n, ttlMs: 60_000 });
  clock.advance(59_999);
  t.mock.timers.tick(5_000);
  await turns();
  assert.equal(await standing(books), '0 10');
  clock.advance(1);
  t.mock.timers.tick(5_000);
  await turns();
  assert.equal(await standing(books), '10 0');
  await books.close();
});

test('two owners of one hold: the later renewal wins, the earlier owner is refused and stops', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { books, clock } = await open();
  const failed: string[] = [];
  const scope = await books.scope({
    usd: 1,
    ttlMs: 60_000,
    onRenewFailed: (_, error) => failed.push(NanocentError.is(error) ? error.code : String(error)),
  });
  const expiresAt = async () => (await books.reads.reservation(scope.id))!.expiresAt - clock.now();
  clock.advance(20_000);
  t.mock.timers.tick(20_000);
  await turns();
  assert.equal(await expiresAt(), 60_000);
  const { fence } = (await books.reads.reservation(scope.id))!;
  // Another process takes it over, with the number that was the latest.
  const other = { kind: 'extend', id: scope.id, quantities: {}, attributes: {}, ttlMs: 60_000 } as const;
  assert.equal((await books.context.ledger.write({ ...other, fence })).outcome, 'extended');
  const stale = await books.context.ledger.write({ ...other, fence });
  assert.equal(stale.outcome === 'failed' && stale.code, 'reservation_not_owned');
  clock.advance(20_000);
  t.mock.timers.tick(20_000);
  await turns();
  assert.deepEqual([failed, await expiresAt()], [['reservation_not_owned'], 40_000]);
  t.mock.timers.tick(60_000);
  await turns();
  assert.equal(failed.length, 1);
  await assert.rejects(begin(books, mini, { scope }), /renewed by another owner/);
  await books.close();
});

test('a scope outlives its deadline by renewing, prompts or not', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { books, clock } = await open();
  const scope = await books.scope({ usd: 1, ttlMs: 30_000 });
  for (let third = 0; third < 12; third++) {
    clock.advance(10_000);
    t.mock.timers.tick(10_000);
    await turns();
    if (third % 5 === 0) await prompt(books, [1, 1], { scope });
    assert.equal(await books.expireDue(), 0);
  }
  t.mock.timers.reset();
  assert.equal((await scope.end()).outcome, 'settled');
  await books.close();
});

test('a scope under a rolling limit: its prompts post to buckets, its rest is free at the end', async () => {
  const { books } = await open();
  await books.limits.set({ ...limit, intervalUnit: 'day_rolling' });
  await books.limits.set({
    scope: 'MODEL',
    model: 'gpt-4o-mini',
    limitType: 'cost',
    max: '1',
    intervalUnit: 'hour_rolling',
  });
  const states = async () => (await books.limitStates()).map(({ used, held }) => `${used} ${held}`);
  const scope = await books.scope({ usd: '0.5' });
  const call = await begin(books, mini, { scope });
  assert.deepEqual(await states(), ['0 50000000000', `0 ${miniWorst}`]);
  await call.finish({ ended: 'error', sent: true, httpStatus: null, streamed: false });
  assert.deepEqual(await states(), [`${miniWorst} ${50_000_000_000n - miniWorst}`, `${miniWorst} 0`]);
  await prompt(books, [100, 50], { scope });
  await scope.end();
  const spent = miniWorst + 4_500_000n;
  assert.deepEqual(await states(), [`${spent} 0`, `${spent} 0`]);
  await proveBalanced(books);
  await books.close();
});
