import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRate } from '../money/index.ts';
import { bundledCatalog } from './bundled.ts';
import type { CatalogModel } from './catalog-index.ts';
import type { Price } from './price.ts';
import { parsePublished } from './sources/published.ts';
import { planUpdate } from './update.ts';
import { decodeUpdate, encodeUpdate } from './update-file.ts';

const at = Date.parse('2026-11-22T12:00:00Z');
const day = 86_400_000;
const catalog = bundledCatalog();
await catalog.ready();

interface Listed {
  readonly vendor: string;
  readonly id: string;
  readonly input: number;
  readonly output: number;
  readonly input_cached?: number | null;
  readonly from_date?: string;
}

function file(...prices: Listed[]): readonly CatalogModel[] {
  return parsePublished({ name: 'list.json', text: JSON.stringify({ prices }), recordedAt: at }).models;
}

const mini = { vendor: 'openai', id: 'gpt-4o-mini', input: 0.15, output: 0.6, input_cached: 0.075 };

test('what agrees is nothing to do; what differs is one row from now on, with everything else kept', () => {
  assert.deepEqual(planUpdate(catalog, file(mini), { at }).models, []);
  const update = planUpdate(catalog, file({ ...mini, input: 0.2 }), { at });
  assert.deepEqual(update.changes, [
    {
      provider: 'openai',
      model: 'gpt-4o-mini',
      tier: 0,
      unit: 'input',
      before: parseRate('0.15'),
      after: parseRate('0.2'),
    },
  ]);
  const [row] = update.models[0]!.prices as readonly Price[];
  const { cacheRead, output } = row!.tiers[0]!.rates;
  assert.deepEqual([row!.from, row!.to, cacheRead, output], [at, null, parseRate('0.075'), parseRate('0.6')]);
  assert.ok(row!.serviceTiers.batch, 'batches as before');
  assert.deepEqual([update.moves, update.added, update.left], [[], [], []]);
});

test('five times is believed, more is not; free is a move, too', () => {
  const moves = (input: number) => planUpdate(catalog, file({ ...mini, input }), { at }).moves.length;
  assert.deepEqual([0.75, 0.750001, 0.03, 0.0299, 0].map(moves), [0, 1, 0, 1, 1]);
});

test('a model that we do not have is added with its own dates', () => {
  const listed = { vendor: 'openai', id: 'gpt-99', input: 1, output: 2, from_date: '2026-11-01' };
  const update = planUpdate(catalog, file(listed), { at });
  assert.deepEqual(
    update.added.map(({ model, prices }) => [model, prices[0]!.from]),
    [['gpt-99', Date.parse('2026-11-01')]],
  );
  assert.deepEqual(update.changes, []);
});

test('a file with our price of another time is left alone, unless all is wanted', () => {
  const o3 = file({ vendor: 'openai', id: 'o3', input: 10, output: 40 });
  const update = planUpdate(catalog, o3, { at });
  assert.deepEqual([update.models, update.left.map(({ kind }) => kind)], [[], ['stale', 'stale']]);
  assert.equal(planUpdate(catalog, o3, { at, all: true }).changes.length, 2);
});

test('a stored update reads back as the same prices, on top of the shipped ones from its instant on', async () => {
  const { models } = planUpdate(
    catalog,
    file({ ...mini, input: 0.2 }, { vendor: 'openai', id: 'gpt-99', input: 1, output: 2 }),
    { at },
  );
  const text = encodeUpdate({ recordedAt: at, source: 'llm-prices', from: 'list.json', models });
  const layer = decodeUpdate(text, 'stored.json');
  const updated = bundledCatalog({ layers: [layer] });
  await updated.ready({ provider: 'openai' });
  const input = (model: string, when: number) => {
    const match = updated.find({ provider: 'openai', model, at: when });
    return match.outcome === 'found' ? match.price.tiers[0]!.rates.input : match.outcome;
  };
  assert.equal(input('gpt-4o-mini', at - 1), parseRate('0.15'));
  assert.equal(input('gpt-4o-mini', at), parseRate('0.2'));
  assert.equal(input('gpt-4o-mini-2024-07-18', at + day), parseRate('0.2'), 'its snapshot is the same model');
  assert.equal(input('gpt-99', at - 900 * day), parseRate('1'));
  const kept = updated.models('openai').find(({ model }) => model === 'gpt-4o-mini')!.prices;
  assert.deepEqual(
    kept.map(({ source }) => source.name),
    ['llm-prices', 'genai-prices'],
    'history is added to',
  );
  const again = encodeUpdate({
    recordedAt: at,
    source: 'llm-prices',
    from: 'list.json',
    models: layer.models,
  });
  assert.equal(again, text);
});

test('a damaged store is refused by name, row and cure', () => {
  const broken = (text: string) =>
    assert.throws(() => decodeUpdate(text, 'f.json'), /f\.json is no stored price update/);
  for (const text of ['', '[]', 'null', '{"schema":"nanocent.price-layer/1"}']) broken(text);
  const { models } = planUpdate(catalog, file({ ...mini, input: 0.2 }), { at });
  const text = encodeUpdate({ recordedAt: at, source: 'llm-prices', from: 'list.json', models });
  const [model] = decodeUpdate(text.replace('"input":"0.20"', '"input":"x"'), 'f.json').models;
  assert.throws(() => model!.prices, /f\.json, entry openai\/gpt-4o-mini cannot be read/);
});
