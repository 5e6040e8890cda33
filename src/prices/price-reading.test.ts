import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reading, ReadingItem } from '../usage/reading.ts';
import type { Usage } from '../usage/usage.ts';
import { openCatalog } from './catalog.ts';
import { priceReading, type ReadingPricing } from './price-reading.ts';
import { readOwnPrices } from './sources/own-prices.ts';

const at = Date.parse('2026-11-22');
const { layer } = readOwnPrices(
  {
    models: [
      { provider: 'anthropic', model: 'sonnet', rates: { input: '3', output: '15', webSearch: '10000' } },
      { provider: 'anthropic', model: 'opus', rates: { input: '5', output: '25' } },
    ],
  },
  { name: 'test', recordedAt: at },
);
const catalog = openCatalog({ providers: [], load: async () => null, layers: [layer] });

function used(counts: Partial<Usage>): Usage {
  const zero = {
    input: 0,
    cacheRead: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheWrite: 0,
    output: 0,
    reasoning: 0,
  };
  return { ...zero, units: {}, ...counts };
}

function reading(more: Partial<Reading> = {}): Reading {
  return {
    provider: 'anthropic',
    api: 'messages',
    model: 'sonnet',
    usage: used({ input: 2_414, output: 3_200 }),
    basis: 'provider',
    terms: {},
    items: [],
    billedNanocents: null,
    responseId: null,
    toolCalls: 0,
    raw: null,
    problems: [],
    produced: { events: 0, bytes: 0 },
    ...more,
  };
}

const advisor: ReadingItem = { model: 'opus', usage: used({ input: 2_728, output: 874 }), reason: 'advisor' };

function price(
  more: Partial<Reading> = {},
  options: { model?: string; provider?: string } = {},
): ReadingPricing {
  return priceReading(reading(more), catalog, { at, ...options });
}

function priced(pricing: ReadingPricing) {
  assert.equal(pricing.outcome, 'priced');
  const { charge, costSource, parts } = pricing as Extract<ReadingPricing, { outcome: 'priced' }>;
  assert.equal(
    charge.lines.reduce((sum, line) => sum + line.nanocents, 0n),
    charge.nanocents,
  );
  return { nanocents: charge.nanocents, costSource, lines: charge.lines, parts, priceId: charge.priceId };
}

function reason(pricing: ReadingPricing): string {
  return pricing.outcome === 'unpriced' ? pricing.reason : assert.fail('it was priced');
}

test('another model inside the response is billed at its own price, its lines say so', () => {
  const { nanocents, costSource, lines, parts } = priced(price({ items: [advisor] }));
  const main = 2_414n * 300_000n + 3_200n * 1_500_000n;
  const other = 2_728n * 500_000n + 874n * 2_500_000n;
  assert.equal(nanocents, main + other);
  assert.equal(costSource, 'priced');
  assert.deepEqual(
    lines.map(({ model, unit, quantity }) => [model, unit, quantity]),
    [
      [undefined, 'input', 2_414],
      [undefined, 'output', 3_200],
      ['opus', 'input', 2_728],
      ['opus', 'output', 874],
    ],
  );
  assert.deepEqual(
    parts.map(({ model, reason: why, charge }) => [model, why, charge.nanocents]),
    [
      ['sonnet', 'response', main],
      ['opus', 'advisor', other],
    ],
  );
});

test('what the provider says it billed wins over any catalog, zero and unknown models included', () => {
  const billed = priced(price({ billedNanocents: 2_526_500_000n, model: 'nobody', items: [advisor] }));
  assert.deepEqual([billed.nanocents, billed.costSource], [2_526_500_000n, 'provider']);
  assert.equal(billed.priceId, 'anthropic#billed');
  assert.deepEqual(
    billed.lines.map(({ unit, quantity, nanocents }) => [unit, quantity, nanocents]),
    [['billed', 1, 2_526_500_000n]],
  );
  assert.equal(priced(price({ billedNanocents: 0n })).nanocents, 0n);
});

test('an item with a billed amount takes it; a fee without model is at the main model’s price', () => {
  const fee: ReadingItem = { model: null, usage: used({ units: { webSearch: 2 } }), reason: 'fee' };
  const paid: ReadingItem = { ...advisor, billedNanocents: 7n };
  const { nanocents } = priced(price({ usage: used({ input: 1 }), items: [fee, paid] }));
  assert.equal(nanocents, 300_000n + 2_000_000_000n + 7n);
});

test('one part without a price makes the whole unpriced, with the reason', () => {
  assert.match(reason(price({ model: 'sonnett' })), /no price is known for anthropic\/sonnett/);
  assert.match(
    reason(price({ items: [{ ...advisor, model: 'opera' }] })),
    /no price is known for anthropic\/opera/,
  );
  assert.match(reason(price({ usage: { ...used({}), output: null } })), /usage unknown: output/);
  assert.match(reason(price({ terms: { tier: 'batch' } })), /no price for service tier batch/);
  const near = price({ model: 'sonnett' });
  assert.deepEqual(near.outcome === 'unpriced' && near.nearest, ['sonnet']);
});

test('the model asked for stands in only where the response names none', () => {
  assert.match(reason(price({ model: null })), /does not say which model/);
  const asked = priced(price({ model: null, usage: used({ input: 1 }) }, { model: 'opus' }));
  assert.equal(asked.nanocents, 500_000n);
  const served = priced(price({ usage: used({ input: 1 }) }, { model: 'opus' }));
  assert.equal(served.nanocents, 300_000n);
  const elsewhere = priced(price({ provider: 'my-server' }, { provider: 'anthropic' }));
  assert.equal(elsewhere.nanocents, 2_414n * 300_000n + 3_200n * 1_500_000n);
});
