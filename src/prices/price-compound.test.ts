import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rate } from '../money/index.ts';
import { readResponse } from '../usage/read-response.ts';
import { type CatalogModel, openCatalog } from './catalog.ts';
import { priceReading } from './price-reading.ts';

function model(id: string, input: bigint, output: bigint): CatalogModel {
  const price = {
    id: `groq/${id}@0#test`,
    provider: 'groq',
    model: id,
    tiers: [{ inputTokensMax: null, rates: { input: input as Rate, output: output as Rate } }],
    serviceTiers: {},
    regions: {},
    from: null,
    to: null,
    recordedAt: 0,
    source: { name: 'test', url: 'https://example.com', checked: '2026-11-22' },
  };
  return { provider: 'groq', model: id, aliases: [], prices: [price] };
}

function call(id: string, prompt_tokens: number, completion_tokens: number): object {
  return {
    model: id,
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  };
}

test('a compound response costs what the models it called cost, once', async () => {
  const catalog = openCatalog({
    providers: [],
    load: async () => null,
    layers: [{ models: [model('small', 1_000_000n, 2_000_000n), model('large', 10_000_000n, 20_000_000n)] }],
  });
  await catalog.ready({ provider: 'groq' });
  const body = {
    object: 'chat.completion',
    model: 'groq/compound',
    choices: [{ message: {}, finish_reason: 'stop' }],
    usage: { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42 },
    usage_breakdown: { models: [call('small', 5, 1), call('large', 10, 6), call('small', 15, 5)] },
  };
  const reading = readResponse(JSON.stringify(body), { provider: 'groq', api: 'chat.completions' });
  const priced = priceReading(reading, catalog, { at: 0 });
  assert.equal(priced.outcome, 'priced');
  // small: 20 × 1 + 6 × 2; large: 10 × 10 + 6 × 20.
  assert.equal(priced.charge.nanocents, 252n);
  assert.deepEqual(
    priced.parts.map((part) => [part.model, part.charge.nanocents]),
    [
      ['small', 32n],
      ['large', 220n],
    ],
  );
});
