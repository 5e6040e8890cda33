import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBooks } from '../src/books/open-books.ts';
import { NanocentError } from '../src/errors/error.ts';

const prices = {
  models: [{ model: 'search-service', rates: { search: '5000', page: '0.5' } }],
};
const search = { model: 'search-service', unit: 'search', username: 'ann' };

async function open() {
  return openBooks({ store: 'memory', environment: {}, prices });
}

test('an own unit is booked at its own price: 3 searches of half a cent', async () => {
  await using books = await open();
  const charged = await books.charge({ ...search, quantity: 3 });
  assert.equal(charged.outcome, 'charged');
  const [entry] = await books.tail();
  assert.deepEqual(
    [entry!.nanocents, entry!.usage.units, entry!.usage.input, entry!.costSource, entry!.username],
    [1_500_000_000n, { search: 3 }, 0, 'priced', 'ann'],
  );
  assert.deepEqual(JSON.parse(entry!.charge!), [
    { unit: 'search', quantity: 3, rateNanocentsPerMillion: '500000000000000', nanocents: '1500000000' },
  ]);
  const page = await books.charge({ ...search, unit: 'page', quantity: 1 });
  assert.equal(page.outcome === 'charged' && page.entry.nanocents, 50_000n);
  assert.ok((await books.verify()).balanced);
});

test('it stands under the same limits: exactly the maximum passes, one more is refused and books nothing', async () => {
  await using books = await open();
  await books.limits.set({
    scope: 'USER',
    username: 'ann',
    limitType: 'cost',
    max: '0.015',
    intervalUnit: 'day',
  });
  assert.equal((await books.charge({ ...search, quantity: 3 })).outcome, 'charged');
  const refused = await books.charge({ ...search, quantity: 1 });
  assert.equal(refused.outcome, 'refused');
  assert.equal((await books.tail()).length, 1);
  assert.equal((await books.charge({ ...search, username: 'bob', quantity: 1 })).outcome, 'charged');
  const states = await books.limitStates();
  assert.deepEqual(
    states.map(({ used, held }) => [used, held]),
    [[1_500_000_000n, 0n]],
  );
});

test('the same key moves once; with another quantity it is a conflict', async () => {
  await using books = await open();
  const once = { ...search, quantity: 2, idempotencyKey: 'job-7' };
  const first = await books.charge(once);
  const again = await books.charge(once);
  assert.ok(first.outcome === 'charged' && again.outcome === 'charged');
  assert.deepEqual([first.replayed, again.replayed, again.entry.id], [false, true, first.entry.id]);
  await assert.rejects(
    books.charge({ ...once, quantity: 3 }),
    (error) => NanocentError.is(error) && error.code === 'idempotency_conflict',
  );
  assert.equal((await books.tail()).length, 1);
});

test('a unit without a price is never free, and what is no unit or quantity is refused', async () => {
  await using books = await open();
  const code = async (change: object) => {
    try {
      await books.charge({ ...search, quantity: 1, ...change });
      return 'none';
    } catch (error) {
      return NanocentError.is(error) ? `${error.code} ${error.field}` : String(error);
    }
  };
  assert.equal(await code({ unit: 'minute' }), 'price_not_found unit');
  assert.equal(await code({ model: 'other-service' }), 'price_not_found unit');
  assert.equal(await code({ unit: 'Search' }), 'field_invalid unit');
  for (const quantity of [0, -1, 1.5, Number.NaN, 1e13]) {
    assert.equal(await code({ quantity }), 'field_invalid quantity', String(quantity));
  }
  assert.equal((await books.tail()).length, 0);
});

test('without a price, a call under a cost limit is refused, or allowed and flagged, or charged a fixed rate', async () => {
  const { createMeter } = await import('../src/meter/index.ts');
  const begun = async (unpriced: 'refuse' | 'allow' | { rates: Record<string, string> }) => {
    await using books = await openBooks({ store: 'memory', environment: {}, prices: { unpriced } });
    await books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '1', intervalUnit: 'day' });
    const call = await createMeter(books.context).begin({
      model: 'unheard-of',
      provider: 'openai',
      api: 'chat.completions',
      endpoint: '/v1/chat/completions',
      requestBytes: 100,
      request: { inputTokensMax: 100, outputTokensMax: 10, choices: 1 },
    });
    if (call.outcome !== 'held') return call.outcome;
    const answer = {
      object: 'chat.completion',
      model: 'unheard-of',
      choices: [],
      usage: { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 },
    };
    call.call.chunk(new TextEncoder().encode(JSON.stringify(answer)));
    await call.call.finish({ ended: 'complete', sent: true, httpStatus: 200, streamed: false });
    const [entry] = await books.tail();
    return [call.call.heldNanocents, entry!.nanocents, entry!.costSource];
  };
  assert.equal(await begun('refuse'), 'unpriced');
  assert.deepEqual(await begun('allow'), [0n, null, 'unpriced']);
  const fixed = { rates: { input: '10', output: '20' } };
  assert.deepEqual(await begun(fixed), [120_000_000n, 40_000_000n, 'priced']);
});
