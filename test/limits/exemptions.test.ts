import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';

test('−1 frees from what is wider, and from nothing that is as narrow, narrower, global, beside it or of another type', async () => {
  const books = await openBooks({
    store: 'memory',
    environment: {},
    limits: {},
    clock: fakeClock('2026-03-14T12:00:00Z'),
  });
  await using _ = books;
  const requests = (fields: object, max: string, intervalUnit = 'day') => ({
    ...{ scope: 'USER', limitType: 'requests', max, intervalUnit, ...fields },
  });
  await books.limits.setAll([
    requests({ username: 'ann', model: 'gpt-4' }, '-1'),
    requests({ username: '*' }, '0'),
    requests({ username: 'ann' }, '0'),
    requests({ scope: 'MODEL', model: 'gpt-4' }, '0'),
    requests({ username: 'ann', model: 'gpt-4' }, '1', 'week'),
    requests({ username: 'ann', model: 'gpt-4', project: 'apollo' }, '0'),
    requests({ scope: 'PURPOSE', purpose: 'chat' }, '0'),
    requests({ scope: 'GLOBAL' }, '2'),
    { ...requests({ username: 'ann' }, '3'), limitType: 'input_tokens' },
  ]);
  const call = { username: 'ann', model: 'gpt-4' };
  const refusing = async (asked: object) =>
    (await books.checkQuota(asked)).refusals.map(({ limit }) => limit.id);
  assert.deepEqual(await refusing(call), []);
  assert.deepEqual(await refusing({ ...call, project: 'apollo' }), [6], 'narrower');
  assert.deepEqual(await refusing({ ...call, purpose: 'chat' }), [7], 'beside it');
  assert.deepEqual(await refusing({ ...call, inputTokens: 4 }), [9], 'another type');
  await books.track({ ...call, nanocents: 0n });
  assert.deepEqual(await refusing(call), [5], 'the same fields in another window');
  await books.track({ model: 'gpt-3.5', nanocents: 0n });
  assert.deepEqual(await refusing(call), [5, 8], 'and a global one of the same type');
});
