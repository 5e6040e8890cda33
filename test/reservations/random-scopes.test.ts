import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Books } from '../../src/books/books.ts';
import type { MeteredCall } from '../../src/meter/call.ts';
import { createMeter } from '../../src/meter/meter.ts';
import { type Random, seededRandom } from '../../src/testing/seeded.ts';
import { answer, complete, mini, open, proveBalanced } from './calls.ts';

const sequences = 150;
const models = ['gpt-4o-mini', 'gpt-4.1-nano'] as const;
type Model = (typeof models)[number];

/** Room for some dozens of calls, and less of one model than of the other. */
async function setLimits(books: Books, random: Random): Promise<void> {
  const usual = { scope: 'GLOBAL', limitType: 'cost', max: '0.004', intervalUnit: 'day' } as const;
  await books.limits.set(usual);
  await books.limits.set({ ...usual, max: '0.003', intervalUnit: 'day_rolling' });
  await books.limits.set({ ...usual, scope: 'MODEL', model: models[0], max: '0.0005' });
  await books.limits.set({
    ...usual,
    scope: 'MODEL',
    model: models[1],
    max: '0.0001',
    intervalUnit: 'hour_rolling',
  });
  await books.limits.set({ ...usual, limitType: 'requests', max: String(20 + random.below(20)) });
  await books.limits.set({ ...usual, limitType: 'output_tokens', max: '1500' });
  await books.limits.set({ scope: 'GLOBAL', limitType: 'concurrent_requests', max: '4' });
}

interface Running {
  readonly call: MeteredCall;
  readonly model: Model;
}

for (let from = 0; from < sequences; from += 50) {
  test(`random scopes ${from + 1} to ${from + 50}: every limit holds at every step, nothing stays held, sums are exact`, async () => {
    for (let seed = from + 1; seed <= from + 50; seed++) await oneStory(seed);
  });
}

async function oneStory(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const { books, clock } = await open();
  await setLimits(books, random);
  const meter = createMeter(books.context);
  const spent = { [models[0]]: 0n, [models[1]]: 0n };
  const wide = random.onceIn(2) ? {} : { model: 'gpt-4o' };
  const scope = await books.scope({ usd: '0.002', ...wide });
  let running: Running[] = [];
  const end = async ({ call, model }: Running) => {
    const fate = random.below(6);
    if (fate > 1) call.chunk(answer(random.below(400), random.below(100), model));
    const booked = await call.finish(fate === 0 ? { ...complete, httpStatus: 400 } : complete);
    if (booked.outcome === 'settled') spent[model] += booked.nanocents!;
    else assert.equal(booked.outcome, 'voided');
  };
  for (let step = 0; step < 40; step++) {
    const action = random.below(5);
    if (action < 3) {
      const model = random.pick(models);
      const begun = await meter.begin({ ...mini, model }, { scope });
      if (begun.outcome === 'held') running.push({ call: begun.call, model });
    } else if (action === 3) {
      const index = random.below(Math.max(1, running.length));
      const [one] = running.splice(index, 1);
      if (one) await end(one);
    } else if (random.onceIn(4)) {
      await scope.extend({ usd: '0.0001' }).catch(() => {});
    } else clock.advance(random.below(120_000));
    await proveBalanced(books);
  }
  for (const one of running) await end(one);
  running = [];
  await scope.end().catch((error) => assert.equal(error.code, 'reservation_exceeded'));
  await proveBalanced(books);
  const states = await books.limitStates();
  const total = spent[models[0]] + spent[models[1]];
  assert.equal(scope.spent, total, `seed ${seed}`);
  for (const { limit, held, used } of states) {
    assert.equal(held, 0n, `limit ${limit.id}, seed ${seed}`);
    if (limit.type !== 'cost') continue;
    const expected = limit.selector.model === undefined ? total : spent[limit.selector.model as Model];
    assert.equal(used, expected, `limit ${limit.id}, seed ${seed}`);
    assert.ok(used <= limit.max, `limit ${limit.id} passed, seed ${seed}`);
  }
  await books.close();
}
