import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { NanocentError } from '../errors/error.ts';
import { TokensExhausted } from '../errors/named.ts';
import type { AllowanceInput } from '../limits/allowance.ts';
import { throwIfRefused } from '../limits/refusal-error.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import type { Books } from './books.ts';
import { openBooks } from './open-books.ts';

const noon = Date.UTC(2026, 10, 22, 12);
const hourMs = 3_600_000;
const gemini = { provider: 'gemini', model: 'gemini-1.5-flash' } as const;

/** One model of one provider at so many credits a token, input and output. */
function openPriced(
  clock: FakeClock,
  [input, output]: readonly [number, number],
  more: object = {},
): Promise<Books> {
  const tiers = [{ max_tokens: null, input_cost: input, output_cost: output }];
  const prices = { models: [{ provider: 'gemini', model_id: 'gemini-1.5-flash', tiers }] };
  return openBooks({ store: 'memory', clock, environment: {}, prices, ...more });
}

async function left(books: Books, of = {}): Promise<bigint | null> {
  const states = await books.allowances.state(of);
  assert.equal(states.length, 1);
  return states[0]!.remaining === null ? null : states[0]!.remaining / 1000n;
}

/** A call in two steps: what it may cost is held, what it cost is booked. */
async function call(books: Books, prompt: number, completion: number, rates: readonly [number, number]) {
  const nanocents = BigInt(prompt * rates[0] + completion * rates[1]) * 1000n;
  const held = throwIfRefused(await books.reserve({ ...gemini, nanocents }));
  await books.settle(held.reservation.id, { nanocents });
}

const code = (wanted: string) => (error: unknown) => NanocentError.is(error) && error.code === wanted;

interface Case {
  readonly name: string;
  readonly rates: readonly [number, number];
  readonly allowance: AllowanceInput;
  /** Credits used at first. */
  readonly used: number;
  readonly afterHours: number;
  readonly tokens: readonly [number, number];
  readonly left: bigint;
}

const cases: readonly Case[] = [
  {
    name: 'AC-20: 1000 credits, 10 in and 5 out at 10/20 leave 800',
    rates: [10, 20],
    allowance: { provider: 'gemini', credits: 1000 },
    used: 0,
    afterHours: 0,
    tokens: [10, 5],
    left: 800n,
  },
  {
    name: 'AC-22: 100 left of 1000, 25 hours later: filled up, then 800',
    rates: [10, 20],
    allowance: { provider: 'gemini', credits: 1000, every: '24h' },
    used: 900,
    afterHours: 25,
    tokens: [10, 5],
    left: 800n,
  },
  {
    name: 'AC-23: 23 hours later it is not filled up',
    rates: [10, 20],
    allowance: { provider: 'gemini', credits: 1000, every: '24h' },
    used: 500,
    afterHours: 23,
    tokens: [10, 5],
    left: 300n,
  },
  {
    name: 'AC-24: never filled up: 500 left, 48 hours later 300',
    rates: [10, 20],
    allowance: { provider: 'gemini', credits: 500, every: 'never' },
    used: 0,
    afterHours: 48,
    tokens: [10, 5],
    left: 300n,
  },
  {
    name: 'AC-25: 10000 credits, one token each way at 100/100 leave 9800',
    rates: [100, 100],
    allowance: { provider: 'gemini', credits: 10_000 },
    used: 0,
    afterHours: 0,
    tokens: [1, 1],
    left: 9800n,
  },
  {
    name: 'AC-25: the same at 100/1000 leaves 8900',
    rates: [100, 1000],
    allowance: { provider: 'gemini', credits: 10_000 },
    used: 0,
    afterHours: 0,
    tokens: [1, 1],
    left: 8900n,
  },
];

for (const one of cases) {
  test(one.name, async () => {
    const clock = fakeClock(noon);
    await using books = await openPriced(clock, one.rates);
    await books.allowances.set(one.allowance);
    if (one.used > 0) await books.track({ ...gemini, nanocents: BigInt(one.used) * 1000n });
    clock.advance(one.afterHours * hourMs);
    const [promptTokens, completionTokens] = one.tokens;
    await books.track({ ...gemini, promptTokens, completionTokens });
    assert.equal(await left(books), one.left);
  });
}

test('AC-21: 100 credits, a call of 3000: TokensExhausted, and 100 are left', async () => {
  const clock = fakeClock(noon);
  await using books = await openPriced(clock, [10, 20]);
  await books.allowances.set({ provider: 'gemini', credits: 100 });
  await assert.rejects(call(books, 100, 100, [10, 20]), (error) => {
    assert.ok(error instanceof TokensExhausted && NanocentError.is(error));
    assert.equal(error.code, 'tokens_exhausted');
    assert.equal(error.provider, 'gemini');
    assert.equal(error.remainingCredits, 100n);
    assert.equal(error.resetsAt, Date.UTC(2026, 10, 23));
    assert.match(
      error.message,
      /PROVIDER \(provider gemini\) allowance 1: \$0\.000001 cost per day exceeded/,
    );
    return true;
  });
  assert.equal(await left(books), 100n);
});

test('exactly what is left passes, one nanocent more does not, nothing passes always', async () => {
  await using books = await openPriced(fakeClock(noon), [10, 20]);
  await books.allowances.set({ provider: 'gemini', credits: 100 });
  const outcome = async (nanocents: bigint) => (await books.reserve({ ...gemini, nanocents })).outcome;
  assert.equal(await outcome(100_001n), 'refused');
  assert.equal(await outcome(100_000n), 'reserved');
  assert.equal(await outcome(1n), 'refused');
  assert.equal(await outcome(0n), 'reserved');
  assert.equal(
    (await books.reserve({ provider: 'openai', model: 'gpt-4o', nanocents: 1n })).outcome,
    'reserved',
  );
});

test('spent to exactly 0 it is there again the next day, without anybody asking', async () => {
  const clock = fakeClock(noon);
  await using books = await openPriced(clock, [10, 20]);
  await books.allowances.set({ provider: 'gemini', credits: 200 });
  await call(books, 10, 5, [10, 20]);
  assert.equal(await left(books), 0n);
  clock.set('2026-11-22T23:59:59.999Z');
  await assert.rejects(call(books, 1, 0, [10, 20]), code('tokens_exhausted'));
  clock.set('2026-11-23T00:00:00.000Z');
  assert.equal(await left(books), 200n);
  await call(books, 10, 5, [10, 20]);
  assert.equal(await left(books), 0n);
});

test('every 24 hours: to the millisecond after it was set, whatever the day', async () => {
  const clock = fakeClock(noon);
  await using books = await openPriced(clock, [10, 20]);
  await books.allowances.set({ provider: 'gemini', credits: 200, every: '24h' });
  await call(books, 10, 5, [10, 20]);
  clock.set(noon + 24 * hourMs - 1);
  assert.equal(await left(books), 0n);
  // Setting it again is no refill, and does not move the grid.
  await books.allowances.set({ provider: 'gemini', credits: 200, every: '24h' });
  assert.equal(await left(books), 0n);
  clock.set(noon + 24 * hourMs);
  assert.equal(await left(books), 200n);
});

test('a day in a zone turns at its own midnight', async () => {
  const clock = fakeClock(noon);
  await using books = await openPriced(clock, [10, 20]);
  await books.allowances.set({ provider: 'gemini', credits: 200, zone: 'Asia/Tokyo' });
  await call(books, 10, 5, [10, 20]);
  clock.set('2026-11-22T14:59:59.999Z');
  assert.equal(await left(books), 0n);
  clock.set('2026-11-22T15:00:00.000Z');
  assert.equal(await left(books), 200n);
});

test('a new amount keeps what was used; another rhythm takes the place of the old one', async () => {
  await using books = await openPriced(fakeClock(noon), [10, 20]);
  await books.allowances.set({ provider: 'gemini', credits: 1000 });
  await call(books, 10, 5, [10, 20]);
  await books.allowances.set({ provider: 'gemini', credits: 500 });
  assert.equal(await left(books), 300n);
  await books.allowances.set({ provider: 'gemini', credits: 150 });
  assert.equal(await left(books), 0n);
  await books.allowances.set({ provider: 'gemini', credits: 150, every: 'never' });
  assert.equal((await books.allowances.list()).length, 1);
  assert.equal(await left(books), 150n);
});

test('one for each user, and one for a purpose, side by side', async () => {
  await using books = await openPriced(fakeClock(noon), [10, 20]);
  await books.allowances.set({ username: '*', usd: '0.01' });
  await books.allowances.set({ purpose: 'chat', usd: '0.015' });
  const ask = async (username: string, purpose: string) =>
    (await books.reserve({ ...gemini, username, purpose, nanocents: 1_000_000_000n })).outcome;
  assert.equal(await ask('ann', 'chat'), 'reserved');
  assert.equal(await ask('ann', 'search'), 'refused');
  assert.equal(await ask('bob', 'chat'), 'refused');
  assert.equal(await ask('bob', 'search'), 'reserved');
  assert.equal(await left(books, { username: 'ann' }), 0n);
  assert.equal(await left(books, { purpose: 'chat' }), 500_000n);
  assert.equal(await left(books, { username: 'eve' }), 1_000_000n);
});

test('8 calls at once against room for 5: exactly 5 pass', async () => {
  await using books = await openPriced(fakeClock(noon), [10, 20]);
  await books.allowances.set({ provider: 'gemini', credits: 500 });
  const asked = Array.from({ length: 8 }, () => books.reserve({ ...gemini, nanocents: 100_000n }));
  const outcomes = (await Promise.all(asked)).map(({ outcome }) => outcome);
  assert.equal(outcomes.filter((outcome) => outcome === 'reserved').length, 5);
});

test('from a configuration: a restart refills nothing, a new amount holds, what is gone ends', async () => {
  const clock = fakeClock(noon);
  await using books = await openPriced(clock, [10, 20]);
  const lines = async () => (await books.reads.chainHeads())[0]!.position;
  await books.allowances.sync([{ provider: 'gemini', credits: 1000 }], '/etc/nanocent.yaml');
  await call(books, 10, 5, [10, 20]);
  const before = await lines();
  await books.allowances.sync([{ provider: 'gemini', credits: 1000 }], '/etc/nanocent.yaml');
  assert.equal(await left(books), 800n);
  assert.equal(await lines(), before);
  await assert.rejects(
    books.allowances.set({ provider: 'gemini', credits: 5000 }),
    code('permission_denied'),
  );
  await assert.rejects(books.allowances.delete(1), /nanocent\.yaml/);
  await books.allowances.sync([{ provider: 'gemini', credits: 2000 }], '/etc/nanocent.yaml');
  assert.equal(await left(books), 1800n);
  await books.allowances.sync([{ provider: 'openai', credits: 1 }], '/etc/nanocent.yaml');
  assert.deepEqual(
    (await books.allowances.list()).map(({ selector }) => selector),
    [{ provider: 'openai' }],
  );
});

test('openBooks({ allowances }) takes the configuration as it is written', async () => {
  await using books = await openPriced(fakeClock(noon), [10, 20], {
    allowances: [{ provider: 'gemini', daily_reset_amount: 100_000 }],
  });
  assert.equal(await left(books), 100_000n);
  assert.equal((await books.verify()).balanced, true);
});

test('the root allowances of a configuration is kept in step with its file', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-allowances-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [store, config] = [join(folder, 'books.sqlite'), join(folder, 'nanocent.config.json')];
  const openedWith = async (roots: object) => {
    writeFileSync(config, JSON.stringify(roots));
    return openBooks({ store, config, environment: {} });
  };
  const allowances = [{ provider: 'gemini', daily_reset_amount: null, credits: 1000 }];
  for (const expected of [800n, 600n]) {
    await using books = await openedWith({ allowances });
    await books.track({ ...gemini, nanocents: 200_000n });
    assert.equal(await left(books), expected);
    assert.equal((await books.allowances.list())[0]!.file, config);
  }
  await using books = await openedWith({});
  assert.deepEqual(await books.allowances.list(), []);
});

test('tokens left: what remains at the price, input and output; without a price unknown', async () => {
  await using books = await openPriced(fakeClock(noon), [7, 30]);
  await books.allowances.set({ provider: 'gemini', credits: 100_000 });
  const [state] = await books.allowances.state();
  assert.deepEqual(await books.allowances.tokensLeft(state!.remaining!, gemini), {
    model: 'gemini-1.5-flash',
    outcome: 'known',
    input: 14_285n,
    output: 3_333n,
  });
  const unknown = await books.allowances.tokensLeft(1n, { provider: 'gemini', model: 'no-such-model' });
  assert.deepEqual(unknown, {
    model: 'no-such-model',
    outcome: 'unknown',
    reason: 'no price is known for gemini/no-such-model',
  });
});

test('deleting one ends it; there is none that was never set', async () => {
  await using books = await openPriced(fakeClock(noon), [10, 20]);
  const { id } = await books.allowances.set({ provider: 'gemini', credits: 0 });
  assert.equal((await books.reserve({ ...gemini, nanocents: 0n })).outcome, 'refused');
  await books.allowances.delete(id);
  assert.equal((await books.reserve({ ...gemini, nanocents: 9n })).outcome, 'reserved');
  await assert.rejects(books.allowances.delete(id), code('limit_not_found'));
  await assert.rejects(books.allowances.set({ provider: 'gemini' }), code('limit_invalid'));
  await assert.rejects(books.allowances.set({ credits: 1, usd: 1 }), code('limit_invalid'));
  await assert.rejects(books.allowances.set({ credits: -1 }), code('amount_invalid'));
  await assert.rejects(
    books.allowances.set({ credits: 1, every: '24h', zone: 'UTC' }),
    code('limit_invalid'),
  );
});
