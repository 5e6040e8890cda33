import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NanocentError } from '../../errors/error.ts';
import type { Usage } from '../../usage/usage.ts';
import { openCatalog } from '../catalog.ts';
import { chargeFor } from '../charge.ts';
import { parseLiteLlm } from './litellm.ts';
import { parseLlmPrices } from './llm-prices.ts';
import { readOwnPrices } from './own-prices.ts';

const recordedAt = Date.parse('2026-08-05');
const usage: Usage = {
  ...{
    input: 1_000,
    cacheRead: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheWrite: 0,
    output: 500,
    reasoning: 0,
  },
  units: {},
};

function file(content: unknown, name = 'prices.json') {
  return { name, text: typeof content === 'string' ? content : JSON.stringify(content), recordedAt };
}

function llmPrice(id: string, input: unknown, more: Record<string, unknown> = {}) {
  return { id, vendor: 'google', name: id, input, output: 0.3, input_cached: null, ...more };
}

/** The message of a refused file, with the fix. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (NanocentError.is(error) && error.code === 'price_file_invalid')
      return `${error.message} ${error.fix}`;
    throw error;
  }
  return assert.fail('the file was accepted');
}

test('B6: llm-prices history, priced at the call’s own instant through a catalog', () => {
  const models = parseLlmPrices(
    file({
      prices: [
        {
          ...llmPrice('deepseek-chat', 0.27),
          vendor: 'deepseek',
          output: 1.1,
          from_date: '2025-02-08',
          to_date: null,
        },
        {
          ...llmPrice('deepseek-chat', 0.14),
          vendor: 'deepseek',
          output: 0.28,
          from_date: null,
          to_date: '2025-02-08',
        },
      ],
    }),
  );
  const catalog = openCatalog({ providers: [], load: async () => null, layers: [{ models }] });
  const cost = (day: string) => {
    const match = catalog.find({ provider: 'deepseek', model: 'deepseek-chat', at: Date.parse(day) });
    const pricing = match.outcome === 'found' ? chargeFor(usage, match.price) : match;
    return pricing.outcome === 'priced' ? pricing.charge.nanocents : pricing.outcome;
  };
  assert.equal(cost('2025-02-07'), 28_000_000n);
  assert.equal(cost('2025-02-08'), 82_000_000n);
});

test('llm-prices: long-context entries become tiers of their model, by time; null for cached input is no price', () => {
  const cut = '2026-07-30';
  const [flash, ...others] = parseLlmPrices(
    file({
      updated_at: '2026-08-05',
      prices: [
        llmPrice('flash', 0.075, { to_date: cut }),
        llmPrice('flash-128k', 0.15, { output: 0.6, to_date: cut }),
        llmPrice('flash', 0.05, { from_date: cut }),
        llmPrice('flash-128k', 0.1, { output: 0.5, input_cached: 0.01, from_date: cut }),
        llmPrice('lone-256k', 1),
        llmPrice('twice', 1),
        llmPrice('twice', 1),
      ],
    }),
  );
  assert.deepEqual(
    others.map(({ model }) => model),
    ['lone-256k', 'twice'],
  );
  assert.deepEqual(
    flash!.prices.map(({ from, to, tiers }) => [from, to, tiers]),
    [
      [
        null,
        Date.parse(cut),
        [
          { inputTokensMax: 128_000, rates: { input: 7_500_000_000n, output: 30_000_000_000n } },
          { inputTokensMax: null, rates: { input: 15_000_000_000n, output: 60_000_000_000n } },
        ],
      ],
      [
        Date.parse(cut),
        null,
        [
          { inputTokensMax: 128_000, rates: { input: 5_000_000_000n, output: 30_000_000_000n } },
          {
            inputTokensMax: null,
            rates: { input: 10_000_000_000n, output: 50_000_000_000n, cacheRead: 1_000_000_000n },
          },
        ],
      ],
    ],
  );
});

test('a malformed llm-prices file is refused whole, naming file, entry and field', () => {
  const read = (content: unknown) => refusal(() => parseLlmPrices(file(content)));
  assert.match(read('{'), /^prices\.json is not JSON\. Download/);
  assert.match(read('[]'), /entry of the file is not an object/);
  assert.match(read({}), /field prices has no list of prices/);
  assert.match(read({ prices: [] }), /field prices has no list of prices/);
  assert.match(read({ prices: [7] }), /entry 1 is not an object/);
  const entry = (more: Record<string, unknown>) => read({ prices: [llmPrice('flash', 0.075, more)] });
  assert.match(entry({ input: 'free' }), /^prices\.json, entry flash, field input is no price/);
  assert.match(entry({ input: null }), /field input is missing/);
  assert.match(entry({ output: -1 }), /field output is no price/);
  assert.match(entry({ input: 7.5e-8 }), /field input is no price/);
  assert.match(entry({ input: 0.000001 }), /field input is not a believable token price.*per token/);
  assert.match(entry({ input: 75_000 }), /field input is not a believable token price/);
  assert.match(entry({ vendor: '' }), /field vendor is missing or not text/);
  assert.match(entry({ from_date: '2025-02-30' }), /field from_date is no date/);
  assert.match(
    entry({ from_date: '2025-02-08', to_date: '2025-02-08' }),
    /field to_date is not after from_date/,
  );
  const rivals = { prices: [llmPrice('flash', 0.075), llmPrice('flash', 0.08)] };
  assert.match(read(rivals), /entry flash has two prices for the same time/);
});

test('LiteLLM: tiers, service tiers, regions and modalities out of field names, float noise rounded', () => {
  const [model, ...others] = parseLiteLlm(
    file({
      sample_spec: { litellm_provider: 'one of …', input_cost_per_token: 0 },
      'gemini/gemini-x': {
        litellm_provider: 'vertex_ai-language-models',
        input_cost_per_token: 2.9999900000000002e-6,
        input_cost_per_token_above_200k_tokens: 4e-6,
        output_cost_per_token: 1.2e-5,
        output_cost_per_token_above_200k_tokens: 1.8e-5,
        cache_read_input_token_cost: 2e-7,
        cache_creation_input_token_cost_above_1hr: 4e-6,
        input_cost_per_audio_token: 1e-6,
        input_cost_per_token_batches: 1e-6,
        output_cost_per_token_batches: 6e-6,
        input_cost_per_token_priority: 3.6e-6,
        input_cost_per_token_above_200k_tokens_priority: 7.2e-6,
        regional_processing_uplift_multiplier_us: 1.1,
        max_tokens: 65_536,
      },
      'image-model': { litellm_provider: 'openai', output_cost_per_image: 0.04 },
      ungoverned: { input_cost_per_token: 1e-6 },
    }),
  );
  assert.deepEqual(others, []);
  assert.equal(`${model!.provider}/${model!.model}`, 'google/gemini-x');
  const [price] = model!.prices;
  const shared = { cacheRead: 20_000_000_000n, cacheWrite1h: 400_000_000_000n, inputAudio: 100_000_000_000n };
  assert.deepEqual(price!.tiers, [
    { inputTokensMax: 200_000, rates: { input: 299_999_000_000n, output: 1_200_000_000_000n, ...shared } },
    { inputTokensMax: null, rates: { input: 400_000_000_000n, output: 1_800_000_000_000n, ...shared } },
  ]);
  assert.deepEqual(price!.serviceTiers, {
    batch: [{ inputTokensMax: 200_000, rates: { input: 100_000_000_000n, output: 600_000_000_000n } }],
    priority: [
      { inputTokensMax: 200_000, rates: { input: 360_000_000_000n } },
      { inputTokensMax: null, rates: { input: 720_000_000_000n } },
    ],
  });
  assert.deepEqual(price!.regions, { us: [11n, 10n] });
});

test('a malformed LiteLLM file is refused', () => {
  const read = (content: unknown) => refusal(() => parseLiteLlm(file(content)));
  const entry = (field: string, value: unknown) =>
    read({ m: { litellm_provider: 'openai', [field]: value } });
  assert.match(read('<html>'), /is not JSON/);
  assert.match(read({}), /has no prices/);
  assert.match(entry('input_cost_per_token', 'x'), /entry m, field input_cost_per_token is no price/);
  assert.match(entry('input_cost_per_token', 2.5), /is not a believable token price/);
  assert.match(entry('input_cost_per_token', {}), /is no number/);
});

test('own prices: USD by unit, tiers, credits of seed 000, service tiers, dates', () => {
  const { layer, basedOn } = readOwnPrices(
    {
      models: [
        {
          provider: 'gemini',
          model_id: 'gemini-1.5-flash',
          tiers: [{ max_tokens: null, input_cost: 7.5, output_cost: 30 }],
        },
        {
          model: 'House',
          aliases: ['H2'],
          from: '2026-01-01',
          rates: { input: '0.5', output: 2, webSearch: '10000' },
        },
        {
          model: 'house',
          to: '2026-01-01',
          tiers: [{ upTo: 10, rates: { input: 1 } }, { rates: { input: 2 } }],
        },
      ],
      basedOn: { 'My-Proxy': 'openai' },
    },
    { name: 'nanocent.yaml', recordedAt },
  );
  assert.deepEqual(basedOn, { 'my-proxy': 'openai' });
  assert.deepEqual(
    layer.models.map(({ provider, model, aliases, prices }) => [provider, model, aliases, prices.length]),
    [
      ['google', 'gemini-1.5-flash', [], 1],
      ['*', 'house', ['h2'], 2],
    ],
  );
  assert.deepEqual(layer.models[0]!.prices[0]!.tiers, [
    { inputTokensMax: null, rates: { input: 7_500_000_000n, output: 30_000_000_000n } },
  ]);
  assert.deepEqual(layer.models[1]!.prices[1]!.tiers, [
    { inputTokensMax: 10, rates: { input: 100_000_000_000n } },
    { inputTokensMax: null, rates: { input: 200_000_000_000n } },
  ]);
});

test('own prices are read strictly: every mistake is named', () => {
  const read = (value: unknown) => refusal(() => readOwnPrices(value, { name: 'nanocent.yaml', recordedAt }));
  const model = (fields: Record<string, unknown>) => read({ models: [{ model: 'm', ...fields }] });
  const rates = { input: '1' };
  assert.match(read([]), /^nanocent\.yaml, entry prices is not an object/);
  assert.match(
    read({ model: [] }),
    /field model is not known here\. Known are: models, adjustments, basedOn/,
  );
  assert.match(read({ models: {} }), /field models is no list/);
  assert.match(read({ models: [{}] }), /entry models\[0\], field model_id is missing/);
  assert.match(model({ rates, price: 1 }), /entry models\[0\] \(m\), field price is not known here/);
  assert.match(model({}), /rates is not an object/);
  assert.match(model({ rates: {} }), /has no rates/);
  assert.match(model({ rates: { Input: 1 } }), /field Input is no unit/);
  assert.match(model({ rates: { input: '-1' } }), /field input is no price/);
  assert.match(model({ rates, tiers: [] }), /field rates stands beside tiers/);
  assert.match(model({ tiers: [] }), /field tiers is empty/);
  const open = { rates };
  assert.match(model({ tiers: [open, { upTo: 5, rates }] }), /not in ascending order/);
  assert.match(model({ tiers: [{ upTo: 0, rates }] }), /field upTo is no number of tokens/);
  assert.match(model({ tiers: [{ max_tokens: 5, input_cost: 7 }] }), /field output_cost is missing/);
  assert.match(model({ rates, from: '2026-02-01', to: '2026-01-01' }), /field to is not after from/);
  assert.match(model({ rates, regions: { us: 'x' } }), /field regions\.us is no multiplier/);
  const adjustment = (fields: Record<string, unknown>) => read({ adjustments: [fields] });
  assert.match(adjustment({ provider: 'p' }), /exactly one is needed/);
  assert.match(adjustment({ markup: '5%', discount: '5%' }), /exactly one is needed/);
  assert.match(adjustment({ markup: 5 }), /field markup is no percentage/);
  assert.match(adjustment({ discount: '100.01%' }), /more than everything/);
});
