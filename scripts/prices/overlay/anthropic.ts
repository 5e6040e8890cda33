import type { RateTexts } from '../../../src/prices/shard.ts';
import type { OverlayEntry, OverlaySource } from './overlay.ts';

const pricing: OverlaySource = {
  url: 'https://platform.claude.com/docs/en/about-claude/pricing',
  checked: '2026-11-22',
};
const fastMode: OverlaySource = {
  url: 'https://platform.claude.com/docs/en/build-with-claude/fast-mode',
  checked: '2026-11-22',
};

const provider = 'anthropic';

/** The rule of every Claude price: writes are 1.25 and 2 times input, the search fee is the same everywhere. */
function claude(
  input: string,
  cacheRead: string,
  writes: readonly [string, string],
  output: string,
): RateTexts {
  return { input, cacheRead, cacheWrite5m: writes[0], cacheWrite1h: writes[1], output, webSearch: '10000' };
}

function overview(model: string): OverlaySource {
  return { url: `https://platform.claude.com/docs/en/models/${model}/overview`, checked: '2026-11-22' };
}

export const anthropic: readonly OverlayEntry[] = [
  {
    provider,
    models: ['claude-sonnet-5-5'],
    source: overview('sonnet-5-5'),
    why: 'Released 2026-09-28, after the base data.',
    rows: [{ r: [[null, claude('2', '0.2', ['2.5', '4'], '10')]] }],
  },
  {
    provider,
    models: ['claude-haiku-5-5'],
    source: overview('haiku-5-5'),
    why: 'Released 2026-10-07, after the base data; dearer above 100,000 input tokens.',
    rows: [
      {
        r: [
          [100_000, claude('0.1', '0.01', ['0.125', '0.2'], '0.5')],
          [null, claude('0.5', '0.05', ['0.625', '1'], '2.5')],
        ],
      },
    ],
  },
  {
    provider,
    models: ['claude-fable-5-2'],
    source: pricing,
    why: 'Released 2026-11-09, after the base data; cache reads are 0.025 times input.',
    rows: [{ r: [[null, claude('8', '0.2', ['10', '16'], '40')]] }],
  },
  {
    provider,
    models: ['claude-2'],
    source: pricing,
    why: 'The served ids carry a version.',
    aliases: ['claude-2.0', 'claude-2.1'],
  },
  {
    provider,
    models: ['claude-3-5-sonnet'],
    source: pricing,
    why: 'Aliases that the base data reaches by prefix only.',
    aliases: ['claude-3-5-sonnet-latest'],
  },
  {
    provider,
    models: ['claude-opus-4-0'],
    source: pricing,
    why: 'The id of the first Claude 4 release.',
    aliases: ['claude-4-opus', 'claude-opus-4'],
  },
  {
    provider,
    models: '*',
    source: pricing,
    why: 'Batch processing is half of every token price, cache writes and reads included; web fetches are free of fees.',
    serviceTiers: { batch: '1/2' },
    addRates: { webFetch: '0' },
  },
  {
    provider,
    models: /^claude-(opus-4-[678]|sonnet-4-6|(opus|sonnet|haiku|fable|mythos)-5)/,
    source: pricing,
    why: 'US-only inference costs 1.1 times on every kind of token, from the Claude 4.6 models on.',
    regions: { us: '11/10' },
  },
  {
    provider,
    models: ['claude-opus-4-6', 'claude-opus-4-7'],
    source: fastMode,
    why: 'Fast mode at six times the standard price, cache multipliers on top.',
    serviceTiers: { fast: '6/1' },
  },
  {
    provider,
    models: ['claude-opus-4-8', 'claude-opus-5', 'claude-opus-5-5'],
    source: fastMode,
    why: 'Fast mode at twice the standard price.',
    serviceTiers: { fast: '2/1' },
  },
];
