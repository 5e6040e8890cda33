import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NanocentError } from '../errors/error.ts';
import type { Usage } from '../usage/usage.ts';
import { chargeFor } from './charge.ts';
import type { Price, Pricing } from './price.ts';
import { readOwnPrices } from './sources/own-prices.ts';

const options = { name: 'prices', recordedAt: Date.parse('2026-11-22') };

/** A price as a user would write it. */
function priceOf(fields: Record<string, unknown>, more: Partial<Price> = {}): Price {
  const { layer } = readOwnPrices({ models: [{ provider: 'acme', model: 'm', ...fields }] }, options);
  return { ...layer.models[0]!.prices[0]!, ...more };
}

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

function amount(pricing: Pricing): bigint {
  assert.equal(
    pricing.outcome,
    'priced',
    JSON.stringify(pricing, (_, v) => (typeof v === 'bigint' ? `${v}` : v)),
  );
  const { charge } = pricing as Extract<Pricing, { outcome: 'priced' }>;
  assert.equal(
    charge.lines.reduce((sum, line) => sum + line.nanocents, 0n),
    charge.nanocents,
  );
  return charge.nanocents;
}

function reason(pricing: Pricing): string {
  assert.equal(pricing.outcome, 'unpriced');
  return (pricing as Extract<Pricing, { outcome: 'unpriced' }>).reason;
}

test('the acceptance cases of the seeds, to the nanocent', () => {
  const mini = { input: '0.15', output: '0.6' };
  const gpt4o = { input: '2.5', output: '10', cacheRead: '1.25' };
  const plain = { input: '10', output: '20', cacheRead: '5' };
  const sonnet = { input: '3', output: '15' };
  const flash = { input: '0.075', output: '0.3' };
  const cases: [string, Record<string, string>, Partial<Usage>, bigint][] = [
    ['AC-01', mini, { input: 1000, output: 500 }, 45_000_000n],
    ['AC-02 first', mini, { input: 100, output: 50 }, 4_500_000n],
    ['AC-02 second', mini, { input: 200, output: 100 }, 9_000_000n],
    ['AC-03', gpt4o, { input: 500, cacheRead: 500, output: 500 }, 687_500_000n],
    ['AC-04', plain, { input: 1000, output: 500 }, 2_000_000_000n],
    ['AC-04 cached', plain, { input: 600, cacheRead: 400, output: 500 }, 1_800_000_000n],
    ['AC-06', sonnet, { input: 1000, output: 500 }, 1_050_000_000n],
    ['AC-06 cached is not free', sonnet, { input: 500, cacheRead: 500, output: 500 }, 1_050_000_000n],
    ['AC-07', flash, { input: 7, output: 3 }, 142_500n],
    ['AC-07 reversed', flash, { input: 3, output: 7 }, 232_500n],
  ];
  for (const [name, rates, counts, expected] of cases) {
    assert.equal(amount(chargeFor(used(counts), priceOf({ rates }))), expected, name);
  }
});

test('AC-08: more cached than input is refused before it is priced', () => {
  assert.throws(
    () =>
      chargeFor(
        used({ input: 100 - 500, cacheRead: 500 }),
        priceOf({ rates: { input: '2.5', output: '10' } }),
      ),
    (error) => NanocentError.is(error) && error.code === 'usage_invalid' && error.field === 'input',
  );
});

test('AC-12 and B3: tiers in credits, bound inclusive, the whole request re-rated', () => {
  const price = priceOf({
    tiers: [
      { max_tokens: 128_000, input_cost: 7, output_cost: 30 },
      { max_tokens: null, input_cost: 15, output_cost: 60 },
    ],
  });
  const credits = (input: number, output: number) =>
    amount(chargeFor(used({ input, output }), price)) / 1_000n;
  assert.equal(credits(1_000, 500), 22_000n);
  assert.equal(credits(127_999, 1_000), 925_993n);
  assert.equal(credits(128_000, 1_000), 926_000n);
  assert.equal(credits(128_001, 1_000), 1_980_015n);
  assert.equal(credits(1, 19), 577n);
  const cached = amount(chargeFor(used({ input: 1, cacheRead: 128_000, output: 1_000 }), price)) / 1_000n;
  assert.equal(cached, 1_980_015n, 'cached input counts towards the bound');
});

test('one rounding, up, over all lines; the missing nanocents go to the largest remainders, ties in line order', () => {
  const lines = (input: bigint, cacheRead: bigint, output: bigint) => {
    const rates = { input, cacheRead, output } as unknown as Price['tiers'][number]['rates'];
    const price = { ...priceOf({ rates: { input: '1' } }), tiers: [{ inputTokensMax: null, rates }] };
    const pricing = chargeFor(used({ input: 1, cacheRead: 1, output: 1 }), price);
    amount(pricing);
    return (pricing as Extract<Pricing, { outcome: 'priced' }>).charge.lines.map((line) => line.nanocents);
  };
  assert.deepEqual(lines(500_000n, 166_667n, 333_333n), [1n, 0n, 0n], 'exactly 1 together');
  assert.deepEqual(lines(500_000n, 166_667n, 333_334n), [1n, 0n, 1n], 'a millionth above 1 is 2');
  assert.deepEqual(lines(1_500_000n, 500_000n, 1n), [2n, 1n, 0n], 'two of a half, the first in line first');
  assert.deepEqual(lines(500_000n, 500_000n, 0n), [1n, 0n, 0n], 'a tie goes to the first line');
});

test('subsets leave their parent only where they have a rate of their own', () => {
  const usage = used({
    input: 100,
    inputAudio: 40,
    inputImage: 10,
    output: 50,
    reasoning: 30,
    outputAudio: 5,
  });
  const text = priceOf({ rates: { input: '1', output: '2' } });
  assert.equal(amount(chargeFor(usage, text)), 100n * 100_000n + 50n * 200_000n);
  const audio = priceOf({ rates: { input: '1', inputAudio: '10', output: '2', outputAudio: '20' } });
  assert.equal(
    amount(chargeFor(usage, audio)),
    60n * 100_000n + 40n * 1_000_000n + 45n * 200_000n + 5n * 2_000_000n,
  );
  const thinking = priceOf({ rates: { input: '1', output: '2', reasoning: '3' } });
  assert.equal(amount(chargeFor(usage, thinking)), 100n * 100_000n + 20n * 200_000n + 30n * 300_000n);
  const cached = priceOf({ rates: { input: '1', inputAudio: '10', output: '2' } });
  assert.equal(
    amount(chargeFor(used({ cacheRead: 10, cacheReadAudio: 4 }), cached)),
    6n * 100_000n + 4n * 1_000_000n,
    'cached audio without any cache rate is audio input',
  );
  const images = priceOf({
    rates: {
      input: '1',
      inputImage: '5',
      inputVideo: '7',
      cacheRead: '0.5',
      cacheReadImage: '2',
      output: '3',
      outputVideo: '9',
    },
  });
  const seen = used({
    input: 10,
    inputImage: 2,
    inputVideo: 3,
    cacheRead: 8,
    cacheReadImage: 6,
    output: 4,
    outputVideo: 4,
  });
  assert.equal(
    amount(chargeFor(seen, images)),
    5n * 100_000n + 2n * 500_000n + 3n * 700_000n + 2n * 50_000n + 6n * 200_000n + 4n * 900_000n,
  );
  assert.match(reason(chargeFor(used({ cacheRead: 5, cacheReadImage: 6 }), images)), /inconsistent/);
  assert.match(reason(chargeFor(used({ input: 5, inputAudio: 6 }), audio)), /inconsistent/);
  assert.match(reason(chargeFor({ ...usage, reasoning: null }, thinking)), /usage unknown: reasoning/);
  assert.equal(
    amount(chargeFor({ ...usage, reasoning: null }, text)),
    20_000_000n,
    'reasoning is part of output',
  );
});

test('cache writes: five minutes, an hour, unknown; never silently free', () => {
  const anthropic = priceOf({
    rates: { input: '3', output: '15', cacheRead: '0.3', cacheWrite5m: '3.75', cacheWrite1h: '6' },
  });
  assert.equal(amount(chargeFor(used({ cacheWrite5m: 1_000 }), anthropic)), 375_000_000n);
  assert.equal(amount(chargeFor(used({ cacheWrite1h: 1_000 }), anthropic)), 600_000_000n);
  assert.equal(
    amount(chargeFor(used({ cacheWrite: 1_000 }), anthropic)),
    375_000_000n,
    'unknown is five minutes',
  );
  const openai = priceOf({ rates: { input: '5', output: '30', cacheWrite: '6.25' } });
  assert.equal(amount(chargeFor(used({ cacheWrite: 4_012 }), openai)), 2_507_500_000n);
  assert.match(reason(chargeFor(used({ cacheWrite1h: 1 }), openai)), /no rate for cacheWrite1h/);
  const plain = priceOf({ rates: { input: '2', output: '8' } });
  for (const kind of ['cacheWrite', 'cacheWrite5m', 'cacheWrite1h'] as const) {
    assert.match(reason(chargeFor(used({ [kind]: 1 }), plain)), new RegExp(`no rate for ${kind}$`));
    assert.equal(
      amount(chargeFor(used({ [kind]: 1_000 }), { ...plain, cacheWriteAsInput: true })),
      200_000_000n,
    );
  }
});

test('an unknown count that could be billed makes the call unpriced; one that cannot does not', () => {
  const price = priceOf({ rates: { input: '3', output: '15', cacheRead: '0.3' } });
  for (const kind of ['input', 'output', 'cacheRead'] as const) {
    assert.equal(reason(chargeFor({ ...used({ input: 1 }), [kind]: null }, price)), `usage unknown: ${kind}`);
  }
  const noWrites = { ...used({ input: 10 }), cacheWrite: null, cacheWrite5m: null, cacheWrite1h: null };
  assert.equal(amount(chargeFor(noWrites, price)), 3_000_000n);
  const embedding = priceOf({ rates: { input: '0.02' } });
  assert.equal(amount(chargeFor({ ...used({ input: 12 }), output: null }, embedding)), 24_000n);
  assert.match(reason(chargeFor(used({ input: 12, output: 1 }), embedding)), /no rate for output/);
});

test('units beside tokens: rates, minimums, the fee of a request, and no price for what has none', () => {
  const price = priceOf({
    rates: { input: '1', output: '1', webSearch: '10000', request: '5000', audioSecond: '100' },
  });
  const call = (units: Record<string, number>) => chargeFor(used({ input: 1_000, units }), price);
  assert.equal(amount(call({})), 100_000_000n + 500_000_000n, 'one request');
  assert.equal(amount(call({ request: 0 })), 100_000_000n, 'a request that is said not to count');
  assert.equal(amount(call({ webSearch: 3 })), 100_000_000n + 500_000_000n + 3_000_000_000n);
  assert.match(reason(call({ image: 1 })), /no rate for unit image/);
  assert.equal(amount(call({ image: 0 })), 600_000_000n);
  assert.match(reason(call({ input: 1 })), /no rate for unit input/);
  assert.match(reason(call({ toString: 1 })), /no rate for unit toString/);
  const minimum = { ...price, minimums: { audioSecond: 10 } };
  const seconds = (audioSecond: number) =>
    amount(chargeFor(used({ units: { audioSecond, request: 0 } }), minimum));
  assert.deepEqual(
    [seconds(0), seconds(1), seconds(10), seconds(11)],
    [0n, 100_000_000n, 100_000_000n, 110_000_000n],
  );
});

test('service tiers replace every token rate and keep fees; an unknown tier has no price', () => {
  const price = priceOf({
    rates: { input: '2', output: '8', cacheRead: '0.5', webSearch: '10000' },
    serviceTiers: { batch: { input: '1', output: '4' } },
  });
  const usage = used({ input: 1_000, cacheRead: 1_000, output: 1_000, units: { webSearch: 1 } });
  const at = (tier?: string) => chargeFor(usage, price, { terms: tier === undefined ? {} : { tier } });
  assert.equal(amount(at()), 200_000_000n + 50_000_000n + 800_000_000n + 1_000_000_000n);
  assert.equal(amount(at('standard')), amount(at()));
  assert.equal(amount(at('batch')), 100_000_000n + 100_000_000n + 400_000_000n + 1_000_000_000n);
  assert.match(reason(at('priority')), /no price for service tier priority/);
  assert.match(reason(at('toString')), /no price for service tier toString/);
  const bounded = { ...price, serviceTiers: { fast: [{ ...price.tiers[0]!, inputTokensMax: 2_000 }] } };
  const input = (tokens: number) => chargeFor(used({ input: tokens }), bounded, { terms: { tier: 'fast' } });
  assert.equal(amount(input(2_000)), 400_000_000n);
  assert.match(reason(input(2_001)), /no price for 2001 input tokens at service tier fast/);
});

test('regions and markup are exact ratios; fees per call have no regional price', () => {
  const price = priceOf({ rates: { input: '3', output: '15', webSearch: '10000' }, regions: { us: '1.1' } });
  const usage = used({ input: 1, output: 1, units: { webSearch: 1 } });
  const at = (region?: string, factor?: Price['factor']) =>
    chargeFor(usage, factor ? { ...price, factor } : price, { terms: region ? { region } : {} });
  assert.equal(amount(at()), 300_000n + 1_500_000n + 1_000_000_000n);
  assert.equal(amount(at('us')), 330_000n + 1_650_000n + 1_000_000_000n);
  assert.match(reason(at('eu')), /no price for region eu/);
  assert.equal(amount(at('us', [105n, 100n])), 1_052_079_000n);
  assert.equal(amount(at(undefined, [1n, 3n])), 333_933_334n, 'a third, rounded up once');
  const everywhere = priceOf({ rates: { input: '3', output: '15' } });
  assert.equal(amount(chargeFor(used({ input: 1 }), everywhere, { terms: { region: 'eu' } })), 300_000n);
});

test('counts that are no counts, and amounts that no store can hold, are refused', () => {
  const price = priceOf({ rates: { input: '10000', output: '15' } });
  for (const input of [-1, 0.5, Number.NaN, 1e12 + 1]) {
    assert.throws(
      () => chargeFor(used({ input }), price),
      (error) => NanocentError.is(error) && error.code === 'usage_invalid',
    );
  }
  assert.throws(
    () => chargeFor(used({ input: 1e12 }), price),
    (error) => NanocentError.is(error) && error.code === 'amount_overflow',
  );
  const largest = chargeFor(used({ input: 9_223_372_036 }), price);
  assert.equal(amount(largest), 9_223_372_036_000_000_000n);
});

test('a free model costs 0 and says so line by line', () => {
  const pricing = chargeFor(used({ input: 5, output: 5 }), priceOf({ rates: { input: '0', output: '0' } }));
  assert.equal(amount(pricing), 0n);
  assert.equal((pricing as Extract<Pricing, { outcome: 'priced' }>).charge.lines.length, 2);
});
