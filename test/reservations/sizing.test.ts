import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { NanocentError } from '../../src/errors/error.ts';
import type { BeginOptions, CallInput } from '../../src/meter/call.ts';
import { createMeter } from '../../src/meter/meter.ts';
import { begin, mini, miniWorst, open, prompt, standing } from './calls.ts';

const halfDollar = 50_000_000_000n;

test('worst case unless told: the bound of the request; 50 cents where it has none', async () => {
  const { books } = await open();
  const bounded = await begin(books, mini);
  assert.deepEqual([bounded.heldNanocents, bounded.sizing], [miniWorst, 'worst']);
  const open50 = await begin(books, { ...mini, request: { ...mini.request, outputTokensMax: null } });
  assert.deepEqual([open50.heldNanocents, open50.sizing], [halfDollar, 'fixed']);
  await books.close();
});

test('an estimate is a quarter of the worst case, rounded up, tokens too: a call costs at most three times more', async () => {
  const { books } = await open({ reservations: { sizing: 'estimate' } });
  await books.limits.set({ scope: 'GLOBAL', limitType: 'total_tokens', max: '1000', intervalUnit: 'day' });
  const odd: CallInput = { ...mini, request: { inputTokensMax: 401, outputTokensMax: 1, choices: 1 } };
  const call = await begin(books, odd);
  const worst = 401n * 15_000n + 60_000n;
  assert.deepEqual([call.heldNanocents, call.sizing], [(worst + 3n) / 4n, 'estimate']);
  assert.equal(await standing(books), '0 101');
  assert.ok(worst - call.heldNanocents <= 3n * call.heldNanocents);
  await books.close();
});

test('fixed: by purpose, then model, then default; 50 cents when nothing says (AC-31, AC-37)', async () => {
  const { books } = await open({
    reservations: {
      sizing: 'fixed',
      default: { usd: '0.10' },
      models: { 'gpt-4o-mini': { usd: 1 }, 'gpt-4o': { nanocents: 7n } },
      purposes: { enrichments: { usd: 5 }, chat: { usd: '0.25' } },
    },
  });
  const held = async (call: Partial<CallInput>, options: BeginOptions = {}) =>
    (await begin(books, { ...mini, ...call }, options)).heldNanocents;
  assert.equal(await held({ purpose: 'enrichments' }), 500_000_000_000n);
  assert.equal(await held({ purpose: 'chat' }), 25_000_000_000n);
  assert.equal(await held({ purpose: 'other' }), 100_000_000_000n);
  assert.equal(await held({ model: 'gpt-4o', purpose: 'chat' }), 25_000_000_000n);
  assert.equal(await held({ model: 'gpt-4o' }), 7n);
  assert.equal(await held({ model: 'gpt-4.1' }), 10_000_000_000n);
  assert.equal(await held({ purpose: 'chat' }, { nanocents: 3n }), 3n);
  assert.equal(await held({ purpose: 'chat' }, { sizing: 'worst' }), miniWorst);
  assert.equal(books.fixedReservation({ model: 'gpt-4o-mini', purpose: 'enrichments' }), 500_000_000_000n);
  await books.close();
  const { books: plain } = await open();
  assert.equal(plain.fixedReservation({ model: 'gpt-4o-mini' }), halfDollar);
  const fixed = await begin(plain, mini, { sizing: 'fixed' });
  assert.deepEqual([fixed.heldNanocents, fixed.sizing], [halfDollar, 'fixed']);
  await plain.close();
});

test('an amount alone makes a purpose fixed, a sizing alone keeps the amount: the rest stays at its worst case', async () => {
  const { books } = await open({
    reservations: { purposes: { chat: { usd: '0.25' }, batch: { sizing: 'estimate' } } },
  });
  assert.equal((await begin(books, { ...mini, purpose: 'chat' })).heldNanocents, 25_000_000_000n);
  assert.equal((await begin(books, { ...mini, purpose: 'batch' })).heldNanocents, miniWorst / 4n);
  assert.equal((await begin(books, mini)).heldNanocents, miniWorst);
  await books.close();
});

test('a single prompt holds its fixed amount and settles what it cost; a dearer one is booked in full', async () => {
  const { books } = await open({ reservations: { sizing: 'fixed', default: { nanocents: 4_500_000n } } });
  await books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '1', intervalUnit: 'day' });
  const within = await prompt(books, [100, 50]);
  assert.equal(within.outcome === 'settled' && within.overrunNanocents, 0n);
  const over = await prompt(books, [200, 100]);
  assert.equal(over.outcome === 'settled' && over.overrunNanocents, 4_500_000n);
  assert.equal(await standing(books), '13500000 0');
  await books.close();
});

test('wrong settings name the key', async () => {
  const wrong: readonly (readonly [object | string, string, RegExp])[] = [
    [{ sizing: 'best' }, 'reservations.sizing', /worst, estimate, fixed/],
    [{ purpose: {} }, 'reservations.purpose', /known/],
    [{ purposes: { chat: {} } }, 'reservations.purposes.chat', /says nothing/],
    [
      { purposes: { chat: { usd: 1, nanocents: 1n } } },
      'reservations.purposes.chat.nanocents',
      /exactly one/,
    ],
    [{ models: { m: { usd: '1,5' } } }, 'reservations.models.m.usd', /./],
    [{ models: { m: { usd: -1 } } }, 'reservations.models.m.usd', /./],
    [{ models: { m: { dollars: 1 } } }, 'reservations.models.m.dollars', /known/],
    [{ default: {} }, 'reservations.default.usd', /exactly one/],
    [{ default: '0.50' }, 'reservations.default', /object/],
    ['worst', 'reservations', /object/],
  ];
  for (const [reservations, field, words] of wrong) {
    await assert.rejects(
      openBooks({ store: 'memory', environment: {}, reservations: reservations as object }),
      (error) => {
        assert.ok(NanocentError.is(error));
        assert.equal(error.field, field);
        assert.match(`${error.message} ${error.fix}`, words);
        return true;
      },
    );
  }
});

test('JSON can say the same: amounts as text', async () => {
  const reservations = JSON.parse('{"models":{"gpt-4o-mini":{"nanocents":"12345"}}}');
  const { books } = await open({ reservations });
  assert.equal((await begin(books, mini)).heldNanocents, 12_345n);
  await books.close();
});

const fallback = { scope: 'MODEL', limitType: 'requests', max: '1', intervalUnit: 'day' } as const;

test('where a limit refuses a model, the next one that fits is held, and the answer says which and why', async () => {
  const { books } = await open({ fallbackModels: { 'gpt-4o': ['gpt-4o-mini', 'gpt-4.1-nano'] } });
  await books.limits.set({ ...fallback, model: 'gpt-4o', max: '0' });
  await books.limits.set({ ...fallback, model: 'gpt-4o-mini' });
  const meter = createMeter(books.context);
  const asked = { ...mini, model: 'gpt-4o' };
  const begun = async (options: BeginOptions) => {
    const result = await meter.begin(asked, options);
    if (result.outcome !== 'held') return result.outcome;
    const { model, insteadOf } = result;
    return [model, insteadOf?.model, insteadOf?.refusals.map(({ limit }) => limit.id)];
  };
  assert.equal(await begun({}), 'refused');
  assert.deepEqual(await begun({ fallbackModels: 'configured' }), ['gpt-4o-mini', 'gpt-4o', [1]]);
  assert.deepEqual(await begun({ fallbackModels: 'configured' }), ['gpt-4.1-nano', 'gpt-4o', [1]]);
  assert.equal(await begun({ fallbackModels: ['gpt-4o', 'gpt-4o-mini'] }), 'refused');
  const free = await meter.begin(mini, { fallbackModels: ['gpt-4.1-nano'] });
  assert.deepEqual([free.outcome, free.outcome === 'held' && free.insteadOf?.model], ['held', 'gpt-4o-mini']);
  await books.close();
});

test('a free model passes where money is spent, whatever the sizing', async () => {
  const prices = { models: [{ model: 'free', provider: 'openai', rates: { input: '0', output: '0' } }] };
  for (const sizing of ['worst', 'estimate', 'fixed'] as const) {
    const { books } = await open({ prices, reservations: { sizing } });
    await books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '0.00000000001', intervalUnit: 'day' });
    await books.track({ model: 'm', nanocents: 5n });
    const meter = createMeter(books.context);
    const unbounded = { ...mini, request: { ...mini.request, outputTokensMax: null } };
    const begun = await meter.begin(unbounded, { fallbackModels: ['free'] });
    assert.deepEqual(
      [
        begun.outcome,
        begun.outcome === 'held' && begun.model,
        begun.outcome === 'held' && begun.call.heldNanocents,
      ],
      ['held', 'free', 0n],
    );
    await books.close();
  }
});
