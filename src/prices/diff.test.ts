import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogModel } from './catalog-index.ts';
import { compareSources } from './diff.ts';
import { largeMoves } from './moves.ts';
import type { Price } from './price.ts';
import { readOwnPrices } from './sources/own-prices.ts';

const at = Date.parse('2026-11-22');

function models(list: readonly Record<string, unknown>[], source = 'genai-prices'): CatalogModel[] {
  const written = { name: 'test', recordedAt: at };
  const { layer } = readOwnPrices({ models: list.map((model) => ({ provider: 'acme', ...model })) }, written);
  return layer.models.map((model) => ({
    ...model,
    prices: model.prices.map((price): Price => ({ ...price, source: { ...price.source, name: source } })),
  }));
}

const ours = [
  ...models([
    { model: 'grok-4', rates: { input: '3', output: '15', cacheRead: '0.75' } },
    { model: 'grok-4-fast', aliases: ['grok-fast'], rates: { input: '0.2', output: '0.5' } },
    { model: 'other', rates: { input: '0.2', output: '0.5' } },
    { model: 'ours-only', rates: { input: '1', output: '1' } },
  ]),
  ...models(
    [
      { model: 'o3', to: '2025-06-10', rates: { input: '10', output: '40' } },
      { model: 'o3', from: '2025-06-10', rates: { input: '2', output: '8' } },
    ],
    'nanocent',
  ),
];

function judged(model: string, rates: Record<string, string>): unknown[] {
  const { disagreements } = compareSources(ours, models([{ model, rates }]), at);
  return disagreements.map(({ unit, kind, decided, why }) => [unit, kind, decided, why]);
}

test('every disagreement has a reason: stale, alias, unit or error', () => {
  assert.deepEqual(judged('grok-4', { input: '3', output: '15', cacheRead: '0.75' }), []);
  assert.deepEqual(judged('grok-4', { input: '3', output: '15' }), [], 'a gap is no disagreement');
  assert.deepEqual(judged('o3', { input: '10', output: '40' }), [
    ['input', 'stale', 'ours', 'our price before 2025-06-10'],
    ['output', 'stale', 'ours', 'our price before 2025-06-10'],
  ]);
  assert.deepEqual(judged('grok-4', { input: '0.2', output: '0.5' }), [
    ['input', 'alias', 'open', 'our price of grok-4-fast: the name is redirected there'],
    ['output', 'alias', 'open', 'our price of grok-4-fast: the name is redirected there'],
  ]);
  assert.deepEqual(judged('grok-4', { input: '3000', output: '15' }), [
    ['input', 'unit', 'open', 'the same digits, 1000 times apart: another unit'],
  ]);
  assert.deepEqual(judged('grok-fast', { input: '0.2', output: '0.6' }), [
    ['output', 'error', 'open', 'no time and no model of ours has this price; ours is from genai-prices'],
  ]);
  assert.deepEqual(judged('grok-4', { input: '3', output: '15', cacheRead: '0.5' }), [
    ['cacheRead', 'error', 'open', 'no time and no model of ours has this price; ours is from genai-prices'],
  ]);
});

test('models that one side lacks are counted, not compared', () => {
  const theirs = models([
    { model: 'grok-4', rates: { input: '3', output: '15' } },
    { model: 'new', rates: { input: '1', output: '1' } },
  ]);
  const { compared, agreeing, onlyOurs, onlyTheirs } = compareSources(ours, theirs, at);
  assert.deepEqual([compared, agreeing, onlyOurs, onlyTheirs], [1, 1, 4, ['acme/new']]);
});

test('an update that moves a rate more than five times either way is shown; five times is not', () => {
  const before = models([{ model: 'm', rates: { input: '1', output: '1', cacheRead: '0' } }]);
  const moves = (rates: Record<string, string>) =>
    largeMoves(before, models([{ model: 'm', rates }]), at).map(({ unit }) => unit);
  assert.deepEqual(moves({ input: '5', output: '0.2', cacheRead: '0' }), []);
  assert.deepEqual(moves({ input: '5.00001', output: '0.19999', cacheRead: '0' }), ['input', 'output']);
  assert.deepEqual(
    moves({ input: '1', output: '0', cacheRead: '0.1' }),
    ['output', 'cacheRead'],
    'free and not free',
  );
  assert.deepEqual(largeMoves(before, models([{ model: 'new', rates: { input: '99' } }]), at), []);
});
