import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Usage } from '../usage/usage.ts';
import { chargeFor } from './charge.ts';
import type { Charge, Price } from './price.ts';

const rate = fc.bigInt({ min: 0n, max: 60_000_000_000_000n });
const count = fc.oneof(fc.nat(3), fc.nat(2_000), fc.nat(2_000_000));
const ratio = fc.tuple(fc.bigInt({ min: 1n, max: 200n }), fc.bigInt({ min: 1n, max: 200n }));

const kinds = ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'cacheWrite', 'output'] as const;
const ratesOf = fc.record({
  ...Object.fromEntries(kinds.map((kind) => [kind, rate])),
  reasoning: rate,
  inputAudio: rate,
  webSearch: rate,
});

const priceOf = fc
  .record({ low: ratesOf, high: ratesOf, bound: fc.nat(3_000), factor: ratio, us: ratio })
  .map(({ low, high, bound, factor, us }): Price => {
    const tiers = [
      { inputTokensMax: bound, rates: low },
      { inputTokensMax: null, rates: high },
    ] as unknown as Price['tiers'];
    const source = { name: 'test', url: 'test', checked: '2026-11-22' };
    return {
      id: 'p',
      provider: 'acme',
      model: 'm',
      tiers,
      serviceTiers: {},
      regions: { us },
      factor,
      from: null,
      to: null,
      recordedAt: 0,
      source,
    };
  });

const usageOf = fc
  .record({
    counts: fc.tuple(count, count, count, count, count, count),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    searches: fc.nat(20),
  })
  .map(({ counts, share, searches }): Usage => {
    const [input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite, output] = counts;
    return {
      ...{ input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite, output },
      reasoning: Math.floor(output * share),
      inputAudio: Math.floor(input * share),
      units: { webSearch: searches },
    };
  });

function charge(usage: Usage, price: Price, region?: string): Charge {
  const pricing = chargeFor(usage, price, { terms: region === undefined ? {} : { region } });
  assert.equal(pricing.outcome, 'priced');
  return (pricing as Extract<typeof pricing, { outcome: 'priced' }>).charge;
}

/** The same amount another way: fractions in lowest terms, one for each kind, added one after the other. */
function oracle(usage: Usage, price: Price, region?: string): bigint {
  const totalInput = kinds.slice(0, 5).reduce((sum, kind) => sum + BigInt(usage[kind as 'input']!), 0n);
  const low = price.tiers[0]!;
  const rates = totalInput <= BigInt(low.inputTokensMax!) ? low.rates : price.tiers[1]!.rates;
  const regional = region === undefined ? fraction(1n, 1n) : fraction(...price.regions[region]!);
  const billed: [bigint, bigint, Fraction][] = [
    [BigInt(usage.input! - usage.inputAudio!), rates.input!, regional],
    [BigInt(usage.inputAudio!), rates.inputAudio!, regional],
    [BigInt(usage.cacheRead!), rates.cacheRead!, regional],
    [BigInt(usage.cacheWrite5m!), rates.cacheWrite5m!, regional],
    [BigInt(usage.cacheWrite1h!), rates.cacheWrite1h!, regional],
    [BigInt(usage.cacheWrite!), rates.cacheWrite!, regional],
    [BigInt(usage.output! - usage.reasoning!), rates.output!, regional],
    [BigInt(usage.reasoning!), rates.reasoning!, regional],
    [BigInt(usage.units.webSearch!), rates.webSearch!, fraction(1n, 1n)],
  ];
  const factor = fraction(...price.factor!);
  const sum = billed.reduce(
    (total, [quantity, perMillion, ratio]) =>
      plus(total, times(times(fraction(quantity * perMillion, 1_000_000n), ratio), factor)),
    fraction(0n, 1n),
  );
  return (sum.up + sum.down - 1n) / sum.down;
}

interface Fraction {
  readonly up: bigint;
  readonly down: bigint;
}

function fraction(up: bigint, down: bigint): Fraction {
  const divisor = gcd(up, down);
  return { up: up / divisor, down: down / divisor };
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? (a === 0n ? 1n : a) : gcd(b, a % b);
}

function plus(a: Fraction, b: Fraction): Fraction {
  return fraction(a.up * b.down + b.up * a.down, a.down * b.down);
}

function times(a: Fraction, b: Fraction): Fraction {
  return fraction(a.up * b.up, a.down * b.down);
}

test('20,000 random usages agree with fractions to the nanocent, and lines sum', () => {
  fc.assert(
    fc.property(usageOf, priceOf, fc.constantFrom(undefined, 'us'), (usage, price, region) => {
      const { nanocents, lines } = charge(usage, price, region);
      assert.equal(nanocents, oracle(usage, price, region));
      assert.equal(
        lines.reduce((sum, line) => sum + line.nanocents, 0n),
        nanocents,
      );
    }),
    { numRuns: 20_000 },
  );
});

test('more tokens never cost less inside a context tier', () => {
  fc.assert(
    fc.property(usageOf, priceOf, fc.constantFrom(...kinds), fc.nat(1_000), (usage, price, kind, more) => {
      const flat = { ...price, tiers: [{ ...price.tiers[1]!, inputTokensMax: null }] };
      const larger = { ...usage, [kind]: usage[kind]! + more };
      assert.ok(charge(larger, flat).nanocents >= charge(usage, flat).nanocents);
    }),
    { numRuns: 2_000 },
  );
});

test('a tier whose rates are all higher is never cheaper by rounding, not even by one nanocent', () => {
  fc.assert(
    fc.property(usageOf, priceOf, fc.bigInt({ min: 0n, max: 3n }), (usage, price, step) => {
      const [low] = price.tiers;
      const rates = Object.fromEntries(
        Object.entries(low!.rates).map(([unit, value]) => [unit, value + step]),
      );
      const at = (tier: unknown) =>
        charge(usage, { ...price, tiers: [{ inputTokensMax: null, rates: tier }] as Price['tiers'] })
          .nanocents;
      assert.ok(at(rates) >= at(low!.rates));
    }),
    { numRuns: 2_000 },
  );
});

test('one call split in two costs the same or at most one nanocent more', () => {
  fc.assert(
    fc.property(usageOf, usageOf, priceOf, (a, b, price) => {
      const flat = { ...price, tiers: [{ ...price.tiers[1]!, inputTokensMax: null }] };
      const both = {
        ...Object.fromEntries(kinds.map((kind) => [kind, a[kind]! + b[kind]!])),
        reasoning: a.reasoning! + b.reasoning!,
        inputAudio: a.inputAudio! + b.inputAudio!,
        units: { webSearch: a.units.webSearch! + b.units.webSearch! },
      } as unknown as Usage;
      const parts = charge(a, flat).nanocents + charge(b, flat).nanocents;
      const whole = charge(both, flat).nanocents;
      assert.ok(parts === whole || parts === whole + 1n);
    }),
    { numRuns: 2_000 },
  );
});
