import type { OverlayEntry, OverlaySource } from './overlay.ts';

const pricing: OverlaySource = {
  url: 'https://ai.google.dev/gemini-api/docs/pricing',
  checked: '2026-11-22',
};
const optimization: OverlaySource = {
  url: 'https://ai.google.dev/gemini-api/docs/optimization',
  checked: '2026-11-22',
};

const provider = 'google';

export const google: readonly OverlayEntry[] = [
  {
    provider,
    models: ['gemini-1.5-flash-8b'],
    source: pricing,
    why: 'Half of gemini-1.5-flash, whose name the base data finds inside this one.',
    aliases: ['gemini-flash-1.5-8b', 'gemini-1.5-flash-8b-latest'],
    rows: [
      {
        r: [
          [128_000, { input: '0.0375', cacheRead: '0.01', output: '0.15' }],
          [null, { input: '0.075', cacheRead: '0.02', output: '0.3' }],
        ],
      },
    ],
  },
  {
    provider,
    models: ['gemini-1.5-flash'],
    source: pricing,
    why: 'Explicit ids for what the base data matches by containing.',
    aliases: ['gemini-1.5-flash-latest'],
  },
  {
    provider,
    models: ['gemini-1.5-pro'],
    source: pricing,
    why: 'The base data has the cache price under another spelling of the model only.',
    aliases: ['gemini-1.5-pro-latest'],
    rows: [
      {
        r: [
          [128_000, { input: '1.25', cacheRead: '0.3125', output: '5' }],
          [null, { input: '2.5', cacheRead: '0.625', output: '10' }],
        ],
      },
    ],
  },
  {
    provider,
    models: ['gemini-2.5-pro'],
    source: pricing,
    why: 'Previews were sold at the price of the release.',
    aliases: ['gemini-2.5-pro-preview', 'gemini-2.5-pro-latest'],
  },
  {
    provider,
    models: /^gemini-2/,
    source: pricing,
    why: 'Grounding with Google Search, per grounded prompt, above the free daily quota.',
    addRates: { webSearch: '35000' },
  },
  {
    provider,
    models: /^gemini-3/,
    source: pricing,
    why: 'Grounding with Google Search, per search query, above the free monthly quota.',
    addRates: { webSearch: '14000' },
  },
  {
    provider,
    models: /^gemini-(2|3|embedding)/,
    source: optimization,
    why: 'Batch and flex are half of the standard price; a batch reads its cache at the standard price.',
    serviceTiers: { batch: { ratio: '1/2', keep: ['cacheRead', 'cacheReadAudio'] }, flex: '1/2' },
  },
  {
    provider,
    models: [
      'gemini-3-flash-preview',
      'gemini-3-pro-preview',
      'gemini-3.1-pro-preview',
      'gemini-3.1-flash-lite',
      'gemini-3.5-flash',
      'gemini-3.5-flash-lite',
      'gemini-3.6-flash',
      'gemini-3.7-flash',
      'gemini-3.8-flash',
    ],
    source: pricing,
    why: 'Priority is 1.8 times the standard price.',
    serviceTiers: { priority: '9/5' },
  },
  {
    provider,
    models: /^gem(ini|ma)/,
    source: { url: 'https://ai.google.dev/gemini-api/docs/caching', checked: '2026-11-22' },
    why: 'What is put into a cache is billed as input; storage is billed by the hour, apart.',
    cacheWriteAsInput: true,
  },
];
