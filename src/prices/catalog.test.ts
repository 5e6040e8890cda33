import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NanocentError } from '../errors/error.ts';
import { type Catalog, openCatalog } from './catalog.ts';
import type { PriceMatch } from './price.ts';
import type { Shard, ShardModel } from './shard.ts';
import { readOwnPrices } from './sources/own-prices.ts';

const at = Date.parse('2026-11-22T12:00:00Z');
const written = { name: 'prices.yaml', recordedAt: at };

function shard(provider: string, models: readonly ShardModel[], fallbacks: readonly string[] = []): Shard {
  const source = { name: 'test', url: 'https://example.test', recorded: '2026-09-23', checked: '2026-09-23' };
  return { provider, fallbacks, sources: [source], models: models.map((model) => JSON.stringify(model)) };
}

const flat = (input: string, output = '1') => [{ r: [[null, { input, output }] as const] }];

const shards: Readonly<Record<string, Shard>> = {
  openai: shard('openai', [
    ['gpt-4o', ['gpt-4o-2024-08-06'], flat('2.5')],
    ['gpt-4o-2024-05-13', [], flat('5')],
    ['gpt-4o-mini', [], flat('0.15')],
  ]),
  azure: shard('azure', [['o4-mini', [], flat('1.1')]], ['openai']),
  groq: shard('groq', [
    ['llama-3-70b', [], flat('0.59')],
    ['mixtral', [], flat('0.24')],
  ]),
  together: shard('together', [
    ['llama-3-70b', [], flat('0.9')],
    ['mixtral', [], flat('0.24')],
  ]),
};

function catalog(own?: unknown): { catalog: Catalog; loads: string[] } {
  const loads: string[] = [];
  const prices = own === undefined ? null : readOwnPrices(own, written);
  const opened = openCatalog({
    providers: Object.keys(shards),
    load: async (provider) => {
      loads.push(provider);
      return shards[provider] ?? null;
    },
    ...(prices === null ? {} : { layers: [prices.layer], basedOn: prices.basedOn }),
  });
  return { catalog: opened, loads };
}

/** `openai/gpt-4o 2.5 alias`, or what else the answer was. */
function said(match: PriceMatch): string {
  if (match.outcome === 'unknown') return `unknown, near ${match.nearest.join(' ')}`;
  if (match.outcome === 'ambiguous') return `ambiguous: ${match.candidates.join(' ')}`;
  const input = match.price.tiers[0]!.rates.input! / 1_000_000_000n;
  return `${match.price.provider}/${match.price.model} ${Number(input) / 100} ${match.matchedBy}`;
}

test('an id is found as written, by alias, by route, without its date; and nothing for merely resembling one', async () => {
  const { catalog: prices } = catalog();
  await prices.ready();
  const find = (model: string, provider?: string) =>
    said(prices.find({ model, at, ...(provider === undefined ? {} : { provider }) }));
  assert.equal(find('gpt-4o', 'openai'), 'openai/gpt-4o 2.5 exact');
  assert.equal(find('GPT-4o', 'OpenAI'), 'openai/gpt-4o 2.5 exact');
  assert.equal(find('gpt-4o-2024-08-06', 'openai'), 'openai/gpt-4o 2.5 alias');
  assert.equal(find('gpt-4o-2024-05-13', 'openai'), 'openai/gpt-4o-2024-05-13 5 exact');
  assert.equal(find('gpt-4o-2024-11-20', 'openai'), 'openai/gpt-4o 2.5 dated');
  assert.equal(find('openai/gpt-4o', 'openai'), 'openai/gpt-4o 2.5 prefix');
  assert.equal(
    find('gpt-4o-mini-search-preview', 'openai'),
    'unknown, near gpt-4o-mini gpt-4o-2024-05-13 gpt-4o',
  );
  assert.equal(find('gpt-4o', 'groq'), 'unknown, near ');
  assert.equal(
    find('gpt-4o', 'acme'),
    'unknown, near ',
    'a provider that nobody knows charges nothing known',
  );
  assert.equal(find('gpt-4o', 'azure'), 'openai/gpt-4o 2.5 exact', 'sold at the other provider’s price');
  assert.equal(find('o4-mini', 'azure'), 'azure/o4-mini 1.1 exact');
});

test('without a provider the maker’s price counts; else only what everyone charges alike', async () => {
  const { catalog: prices } = catalog();
  await prices.ready();
  const find = (model: string) => said(prices.find({ model, at }));
  assert.equal(find('gpt-4o'), 'openai/gpt-4o 2.5 exact');
  assert.equal(find('openai/gpt-4o'), 'openai/gpt-4o 2.5 prefix');
  assert.equal(find('groq/llama-3-70b'), 'groq/llama-3-70b 0.59 prefix');
  assert.equal(find('llama-3-70b'), 'ambiguous: groq/llama-3-70b together/llama-3-70b');
  assert.equal(find('mixtral'), 'groq/mixtral 0.24 exact');
  assert.equal(find('o4-mini'), 'azure/o4-mini 1.1 exact', 'the maker does not list it');
  assert.equal(find('llama-3-71b'), 'unknown, near llama-3-70b');
});

test('only what is needed is loaded, once, and looking before loading is refused', async () => {
  const { catalog: prices, loads } = catalog();
  assert.throws(
    () => prices.find({ provider: 'openai', model: 'gpt-4o', at }),
    (error) => NanocentError.is(error) && error.code === 'catalog_not_loaded',
  );
  await Promise.all([prices.ready({ provider: 'openai' }), prices.ready({ model: 'gpt-4o' })]);
  assert.deepEqual(loads, ['openai']);
  await prices.ready({ provider: 'acme' });
  await prices.ready({ provider: 'azure' });
  assert.deepEqual(loads, ['openai', 'azure']);
  await prices.ready({ model: 'llama-3-70b' });
  assert.deepEqual(loads, ['openai', 'azure', 'groq', 'together']);
});

test('a failed load is tried again the next time', async () => {
  let tries = 0;
  const prices = openCatalog({
    providers: ['openai'],
    load: async () => {
      tries++;
      if (tries === 1) throw new Error('disk');
      return shards.openai!;
    },
  });
  await assert.rejects(prices.ready({ provider: 'openai' }), /disk/);
  await prices.ready({ provider: 'openai' });
  assert.equal(prices.find({ provider: 'openai', model: 'gpt-4o', at }).outcome, 'found');
});

test('dates: [from, to), to the millisecond; outside them there is no price', async () => {
  const rows = [
    { t: '2025-02-08', r: [[null, { input: '1' }] as const] },
    { f: '2025-02-08', t: '2025-06-10T12:00:00Z', r: [[null, { input: '2' }] as const] },
  ];
  const prices = openCatalog({ providers: ['a'], load: async () => shard('a', [['m', [], rows]]) });
  await prices.ready();
  const find = (time: string) => said(prices.find({ provider: 'a', model: 'm', at: Date.parse(time) }));
  assert.equal(find('1999-01-01'), 'a/m 1 exact');
  assert.equal(find('2025-02-07T23:59:59.999Z'), 'a/m 1 exact');
  assert.equal(find('2025-02-08T00:00:00.000Z'), 'a/m 2 exact');
  assert.equal(find('2025-06-10T11:59:59.999Z'), 'a/m 2 exact');
  assert.equal(find('2025-06-10T12:00:00.000Z'), 'unknown, near ');
});

test('hours: a window of the day on its weekdays, past midnight too', async () => {
  const rows = [
    { r: [[null, { input: '1' }] as const] },
    { d: [60, 240, '12345'] as const, r: [[null, { input: '2' }] as const] },
    { d: [1_380, 30] as const, r: [[null, { input: '3' }] as const] },
    { d: [600, 660, '5'] as const, r: [[null, { input: '4' }] as const] },
  ];
  const prices = openCatalog({ providers: ['a'], load: async () => shard('a', [['m', [], rows]]) });
  await prices.ready();
  const find = (time: string) => said(prices.find({ provider: 'a', model: 'm', at: Date.parse(time) }));
  // 2026-08-21 is a Friday.
  const expected: [string, string][] = [
    ['2026-08-21T00:59:59.999Z', 'a/m 1 exact'],
    ['2026-08-21T01:00:00Z', 'a/m 2 exact'],
    ['2026-08-21T03:59:59.999Z', 'a/m 2 exact'],
    ['2026-08-21T04:00:00Z', 'a/m 1 exact'],
    ['2026-08-22T01:00:00Z', 'a/m 1 exact'],
    ['2026-08-21T23:00:00Z', 'a/m 3 exact'],
    ['2026-08-22T00:29:59.999Z', 'a/m 3 exact'],
    ['2026-08-22T00:30:00Z', 'a/m 1 exact'],
    ['2026-08-21T10:30:00Z', 'a/m 4 exact'],
    ['2026-08-20T10:30:00Z', 'a/m 1 exact'],
    ['1969-12-31T23:30:00Z', 'a/m 3 exact'],
  ];
  for (const [time, match] of expected) assert.equal(find(time), match, time);
});

test('own prices go before the catalog’s, by provider or for all; an older id keeps its own', async () => {
  const { catalog: prices } = catalog({
    models: [
      { provider: 'openai', model: 'gpt-4o', rates: { input: '2', output: '8' } },
      { model: 'in-house', aliases: ['house'], rates: { input: '0.5', output: '0.5' } },
      { provider: 'acme', model: 'acme-1', rates: { input: '7', output: '7' } },
    ],
  });
  await prices.ready();
  const find = (model: string, provider?: string) =>
    said(prices.find({ model, at, ...(provider === undefined ? {} : { provider }) }));
  assert.equal(find('gpt-4o', 'openai'), 'openai/gpt-4o 2 exact');
  assert.equal(find('gpt-4o-2024-11-20', 'openai'), 'openai/gpt-4o 2 dated');
  assert.equal(find('gpt-4o-2024-08-06', 'openai'), 'openai/gpt-4o 2 alias', 'an alias of the model below');
  assert.equal(find('gpt-4o-2024-05-13', 'openai'), 'openai/gpt-4o-2024-05-13 5 exact');
  assert.equal(find('house', 'groq'), '*/in-house 0.5 alias');
  assert.equal(find('in-house'), '*/in-house 0.5 exact');
  assert.equal(find('acme-1', 'acme'), 'acme/acme-1 7 exact');
  assert.equal(find('acme-1'), 'acme/acme-1 7 exact');
});

test('an own price with dates leaves the rest of time to the catalog', async () => {
  const { catalog: prices } = catalog({
    models: [
      { provider: 'openai', model: 'gpt-4o', from: '2026-01-01', to: '2026-02-01', rates: { input: '1' } },
    ],
  });
  await prices.ready();
  const find = (time: string) =>
    said(prices.find({ provider: 'openai', model: 'gpt-4o', at: Date.parse(time) }));
  assert.equal(find('2026-01-15'), 'openai/gpt-4o 1 exact');
  assert.equal(find('2026-02-01'), 'openai/gpt-4o 2.5 exact');
});

test('markup and discount by route and model; a route sells at another provider’s price', async () => {
  const { catalog: prices } = catalog({
    basedOn: { 'my-proxy': 'openai' },
    adjustments: [
      { provider: 'my-proxy', model: 'gpt-4o-mini', discount: '50%' },
      { provider: 'my-proxy', markup: '2.5%' },
    ],
  });
  await prices.ready({ provider: 'my-proxy' });
  const factor = (model: string, provider: string) => {
    const match = prices.find({ model, provider, at });
    assert.equal(match.outcome, 'found');
    return (match as Extract<PriceMatch, { outcome: 'found' }>).price;
  };
  assert.deepEqual(factor('gpt-4o-mini', 'my-proxy').factor, [50n, 100n]);
  assert.deepEqual(factor('gpt-4o', 'my-proxy').factor, [1025n, 1000n]);
  assert.match(factor('gpt-4o', 'my-proxy').id, /^openai\/gpt-4o@0#test:\w+\*1025\/1000$/);
  assert.equal(factor('gpt-4o', 'openai').factor, undefined);
});

test('whatever model names a client sends, answers stay right and memory bounded', async () => {
  const { catalog: prices } = catalog();
  await prices.ready();
  for (let index = 0; index < 5_000; index++) {
    assert.equal(prices.find({ provider: 'openai', model: `made-up-${index}`, at }).outcome, 'unknown');
  }
  for (const model of ['__proto__', 'constructor', '', ' ', '/', 'openai/', '\n']) {
    assert.equal(prices.find({ provider: 'openai', model, at }).outcome, 'unknown', JSON.stringify(model));
  }
  assert.equal(said(prices.find({ provider: 'openai', model: 'gpt-4o', at })), 'openai/gpt-4o 2.5 exact');
});
