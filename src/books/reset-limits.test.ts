import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClock } from '../testing/fake-clock.ts';
import { openBooks } from './open-books.ts';

const noon = Date.UTC(2026, 10, 22, 12);
const usd = 100_000_000_000n;

async function setting() {
  const clock = fakeClock(noon);
  const books = await openBooks({ store: 'memory', clock, environment: {}, limits: {} });
  const day = { intervalUnit: 'day' };
  await books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '10', ...day });
  await books.limits.set({ scope: 'USER', username: '*', limitType: 'requests', max: '3', ...day });
  await books.limits.set({ scope: 'MODEL', model: 'gpt-4', limitType: 'cost', max: '5', ...day });
  for (const username of ['ann', 'ann', 'bob']) {
    await books.track({ model: 'gpt-4', username, nanocents: usd });
  }
  const used = async () =>
    (await books.limitStates()).map(
      ({ limit, subject, used }) => `${limit.id} ${subject.username ?? ''} ${used}`,
    );
  return { books, clock, used };
}

test('a user, a model or a limit is set back; the rest, usage and cost stay, and the books agree', async () => {
  const { books, clock, used } = await setting();
  await using _ = books;
  const before = [`1  ${3n * usd}`, '2 ann 2', '2 bob 1', `3  ${3n * usd}`];
  assert.deepEqual((await used()).sort(), before);

  const [ann, ...none] = await books.limits.counters({ username: 'ann' });
  assert.deepEqual([ann!.limit.id, ann!.used, ann!.held, none], [2, 2n, 0n, []]);
  await books.limits.reset({ username: 'ann' });
  assert.deepEqual((await used()).sort(), [before[0], '2 ann 0', '2 bob 1', before[3]]);
  assert.equal((await books.checkQuota({ model: 'gpt-4', username: 'ann' })).allowed, true);

  await books.limits.reset({ model: 'gpt-4' });
  await books.limits.reset({ id: 2 });
  assert.deepEqual((await used()).sort(), [before[0], '2 ann 0', '2 bob 0', '3  0']);
  assert.deepEqual(await books.limits.reset({ id: 2 }), [], 'twice sets back nothing more');

  const stats = await books.periodStats({ period: { start: noon - 1, end: clock.now() + 1 } });
  assert.deepEqual([stats.totals.calls, stats.totals.entries, stats.totals.nanocents], [3n, 3n, 3n * usd]);
  assert.deepEqual((await books.verify()).differences, []);
});

test('what is held stays held, and is counted when it is settled', async () => {
  const { books } = await setting();
  await using _ = books;
  const held = await books.reserve({ model: 'gpt-4', username: 'ann', nanocents: usd });
  assert.equal(held.outcome, 'reserved');
  const [counter] = await books.limits.reset({ id: 3 });
  assert.deepEqual([counter!.used, counter!.held], [3n * usd, usd]);
  if (held.outcome === 'reserved') await books.settle(held.reservation.id, { nanocents: 2n * usd });
  const state = (await books.limitStates()).find(({ limit }) => limit.id === 3)!;
  assert.deepEqual([state.used, state.held], [2n * usd, 0n]);
  assert.deepEqual((await books.verify()).differences, []);
});

test('two at once set back once; what was posted meanwhile stays', async () => {
  const { books } = await setting();
  await using _ = books;
  const [first] = await Promise.all([
    books.limits.reset({ id: 1 }),
    books.limits.reset({ id: 1 }),
    books.track({ model: 'other', nanocents: 1n }),
  ]);
  assert.equal(first.length, 1);
  const state = (await books.limitStates()).find(({ limit }) => limit.id === 1)!;
  assert.ok(state.used === 1n || state.used === 0n, `${state.used}`);
  assert.deepEqual((await books.verify()).differences, []);
});

test('nobody named, and no such limit', async () => {
  const { books } = await setting();
  await using _ = books;
  await assert.rejects(books.limits.reset({}), { code: 'field_missing' });
  await assert.rejects(books.limits.reset({ id: 99 }), { code: 'limit_not_found' });
  assert.deepEqual(await books.limits.reset({ username: 'nobody' }), []);
});

test('a rolling window is set back over all its steps', async () => {
  const clock = fakeClock(noon);
  await using books = await openBooks({ store: 'memory', clock, environment: {}, limits: {} });
  const rolling = {
    scope: 'USER',
    username: '*',
    limitType: 'requests',
    max: '3',
    intervalUnit: 'hour_rolling',
  };
  await books.limits.set(rolling);
  for (let call = 0; call < 3; call++) {
    await books.track({ model: 'm', username: 'ann' });
    clock.advance(600_000);
  }
  const held = await books.reserve({ model: 'm', username: 'bob', nanocents: 0n });
  assert.equal(held.outcome, 'reserved');
  assert.equal((await books.checkQuota({ username: 'ann' })).allowed, false);
  const [counter] = await books.limits.reset({ username: 'ann' });
  assert.deepEqual([counter!.used, counter!.accounts.length], [3n, 3]);
  assert.equal((await books.checkQuota({ username: 'ann' })).states[0]!.used, 0n);
  assert.deepEqual((await books.verify()).differences, []);
});
