import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NanocentError } from '../errors/error.ts';
import type { Usage } from '../usage/usage.ts';
import { bundledCatalog } from './bundled.ts';
import { chargeFor } from './charge.ts';
import { inputTokensWithin, type WorstCase, worstCase, worstCaseOf } from './estimate.ts';
import type { Price } from './price.ts';

const catalog = bundledCatalog();
await catalog.ready({ provider: 'openai' });
await catalog.ready({ provider: 'anthropic' });
await catalog.ready({ provider: 'deepseek' });

function priceOf(provider: string, model: string, time = '2026-11-22T12:00:00Z'): Price {
  const match = catalog.find({ provider, model, at: Date.parse(time) });
  assert.equal(match.outcome, 'found');
  return (match as Extract<typeof match, { outcome: 'found' }>).price;
}

function bound(worst: WorstCase): bigint | string {
  return worst.outcome === 'bounded' ? worst.nanocents : worst.reason;
}

test('bytes bound the input, max_tokens the output, choices repeat the output', () => {
  const price = priceOf('openai', 'gpt-4o-mini');
  const size = (outputTokensMax: number, choices = 1) =>
    bound(worstCase({ inputTokensMax: inputTokensWithin(1_000), outputTokensMax, choices }, price));
  assert.equal(size(500), 45_000_000n);
  assert.equal(size(500, 2), 75_000_000n);
  assert.equal(size(0), 15_000_000n);
});

test('the dearest input rate counts, cache writes included; US inference where no region is named', () => {
  const sonnet = priceOf('anthropic', 'claude-sonnet-4-6');
  const size = (region?: string) =>
    bound(
      worstCase({ inputTokensMax: 1_000, outputTokensMax: 100 }, sonnet, {
        terms: region === undefined ? {} : { region },
      }),
    );
  // 1,000 at 6 USD (written for an hour) and 100 at 15 USD, 1.1 times in the US.
  assert.equal(size('global'), 750_000_000n);
  assert.equal(size(), 825_000_000n);
  assert.equal(size('us'), 825_000_000n);
});

test('the tier that can be reached counts, not one beyond', () => {
  const price = priceOf('openai', 'gpt-6-sol');
  const size = (inputTokensMax: number) =>
    bound(worstCase({ inputTokensMax, outputTokensMax: 0 }, price, { terms: { region: 'none' } }));
  assert.equal(size(272_000), 68_000_000_000n);
  assert.equal(size(272_001), 136_000_500_000n);
});

test('what has no bound says why', () => {
  const price = priceOf('openai', 'gpt-4o-mini');
  const known = { inputTokensMax: 10, outputTokensMax: 10 };
  assert.match(String(bound(worstCase({ ...known, inputTokensMax: null }, price))), /outside its body/);
  assert.match(String(bound(worstCase({ ...known, outputTokensMax: null }, price))), /bounds the output/);
  assert.match(
    String(bound(worstCase({ ...known, calls: { webSearch: null } }, price))),
    /does not limit the calls/,
  );
  assert.match(String(bound(worstCase({ ...known, calls: { image: 1 } }, price))), /no rate for unit image/);
  assert.match(
    String(bound(worstCase(known, price, { terms: { tier: 'fast' } }))),
    /no price for service tier fast/,
  );
  assert.equal(bound(worstCase({ ...known, calls: { webSearch: 2, image: 0 } }, price)), 2_000_750_000n);
  const search = priceOf('openai', 'gpt-4o-search-preview');
  assert.equal(
    bound(worstCase({ inputTokensMax: 0, outputTokensMax: 0 }, search)),
    3_500_000_000n,
    'the request',
  );
});

test('a call near the end of its hour is held at the dearer of both prices', () => {
  const prices = ['2026-11-23T00:59:00Z', '2026-11-23T01:00:00Z'].map((time) =>
    priceOf('deepseek', 'deepseek-v4-flash', time),
  );
  const bounds = { inputTokensMax: 1_000_000, outputTokensMax: 0 };
  assert.equal(bound(worstCaseOf(bounds, prices)), 44_000_000_000n);
  assert.match(String(bound(worstCaseOf(bounds, []))), /no price is known/);
});

test('no charge of a call within its bounds is ever above the worst case', () => {
  const prices = ['openai', 'anthropic', 'deepseek'].flatMap((provider) =>
    catalog.models(provider).flatMap((model) => model.prices),
  );
  const small = fc.nat(400_000);
  const counts = fc.tuple(small, small, small, small, small, small, fc.nat(3));
  fc.assert(
    fc.property(
      fc.constantFrom(...prices),
      counts,
      fc.constantFrom(undefined, 'us'),
      (price, drawn, region) => {
        const [input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite, output, webSearch] = drawn;
        const usage: Usage = {
          ...{ input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite, output, reasoning: output },
          inputAudio: Math.floor(input / 2),
          units: { webSearch },
        };
        const terms = region === undefined ? {} : { region };
        const pricing = chargeFor(usage, price, { terms });
        if (pricing.outcome === 'unpriced') return;
        const inputTokensMax = input + cacheRead + cacheWrite5m + cacheWrite1h + cacheWrite;
        const worst = worstCase({ inputTokensMax, outputTokensMax: output, calls: { webSearch } }, price, {
          terms,
        });
        if (worst.outcome === 'unbounded') throw new NanocentError('plan_impossible', worst.reason);
        assert.ok(pricing.charge.nanocents <= worst.nanocents, price.id);
      },
    ),
    { numRuns: 5_000 },
  );
});
