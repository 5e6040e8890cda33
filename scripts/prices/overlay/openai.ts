import type { RateTexts, ShardRow, TierTexts } from '../../../src/prices/shard.ts';
import type { OverlayEntry, OverlaySource } from './overlay.ts';

const pricing: OverlaySource = {
  url: 'https://developers.openai.com/api/docs/pricing',
  checked: '2026-11-22',
};
const batchGuide: OverlaySource = {
  url: 'https://developers.openai.com/api/docs/guides/batch',
  checked: '2026-11-22',
};
/** LiteLLM's price file of 2026-07-24 (MIT), where OpenAI's page of that day is transcribed. */
const litellm: OverlaySource = {
  url: 'https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json',
  checked: '2026-07-24',
};
const longContext: OverlaySource = {
  url: 'https://developers.openai.com/api/docs/models/gpt-6.2-sol',
  checked: '2026-11-22',
};

const provider = 'openai';
const calls = { webSearch: '10000', fileSearch: '2500' };

/** Above 272,000 input tokens input and cache double and output costs half as much again. */
function sol(cacheRead: readonly [string, string]): TierTexts {
  const rates = (input: string, read: string, write: string, output: string): RateTexts => ({
    input,
    cacheRead: read,
    cacheWrite: write,
    output,
    ...calls,
  });
  return [
    [272_000, rates('2', cacheRead[0], '2.5', '10')],
    [null, rates('4', cacheRead[1], '5', '15')],
  ];
}

const o3Rows: readonly ShardRow[] = [
  { t: '2025-06-10', r: [[null, { input: '10', cacheRead: '2.5', output: '40', ...calls }]] },
  { f: '2025-06-10', r: [[null, { input: '2', cacheRead: '0.5', output: '8', ...calls }]] },
];

function priority(models: readonly string[], ratio: string): OverlayEntry {
  return {
    provider,
    models,
    source: litellm,
    why: `Priority processing at ${ratio} of the standard price.`,
    serviceTiers: { priority: ratio },
  };
}

const text =
  /^(gpt-(3\.5|4|5|6)|o[134]|text-embedding-3|ft:|computer-use|codex-mini)(?!.*(audio|realtime|transcribe|tts|image))/;

export const openai: readonly OverlayEntry[] = [
  {
    provider,
    models: ['gpt-6.1-sol'],
    source: { url: 'https://developers.openai.com/api/docs/models/gpt-6.1-sol', checked: '2026-11-22' },
    why: 'Released 2026-09-29, after the base data.',
    rows: [{ r: sol(['0.1', '0.2']) }],
  },
  {
    provider,
    models: ['gpt-6.2-sol'],
    source: longContext,
    why: 'Released after the base data.',
    rows: [{ r: sol(['0.1', '0.2']) }],
  },
  {
    provider,
    models: ['o3'],
    source: pricing,
    why: 'Cut by 80 % on 2025-06-10; cached input was 2.50 before, which the base data has as 0.50.',
    rows: o3Rows,
  },
  {
    provider,
    models: /^gpt-(5\.[456]|6)/,
    source: longContext,
    why: 'The long-context price holds for more than 272,000 input tokens; the base data starts it at 272,000 for some.',
    bound: [271_999, 272_000],
  },
  {
    provider,
    models: ['gpt-4o-mini-search-preview'],
    source: litellm,
    why: 'A model of its own with a fee for each request, at medium search context, not an alias of gpt-4o-mini.',
    aliases: ['gpt-4o-mini-search-preview-2025-03-11'],
    rows: [{ r: [[null, { input: '0.15', output: '0.6', request: '27500' }]] }],
  },
  {
    provider,
    models: ['gpt-4o-search-preview'],
    source: litellm,
    why: 'The base data lacks the fee for each request, at medium search context.',
    addRates: { request: '35000' },
  },
  {
    provider,
    models: ['gpt-4o-audio-preview'],
    source: litellm,
    why: 'The base data lacks the audio prices.',
    addRates: { inputAudio: '40', outputAudio: '80' },
  },
  {
    provider,
    models: ['gpt-4o-mini-audio-preview'],
    source: litellm,
    why: 'The base data lacks the audio prices.',
    addRates: { inputAudio: '10', outputAudio: '20' },
    aliases: ['gpt-4o-mini-audio-preview'],
  },
  {
    provider,
    models: ['omni-moderation-latest'],
    source: { url: 'https://developers.openai.com/api/docs/guides/moderation', checked: '2026-11-22' },
    why: 'Free of charge, which the base data says as an empty price.',
    aliases: ['text-moderation-latest', 'text-moderation-stable', 'omni-moderation', 'text-moderation-007'],
    rows: [{ r: [[null, { input: '0', output: '0' }]] }],
  },
  {
    provider,
    models: text,
    source: batchGuide,
    why: 'Batch is half of the standard price; flex is billed at batch rates.',
    serviceTiers: { batch: '1/2', flex: '1/2' },
  },
  {
    provider,
    models: /^(gpt-[34]|o[134])(?!.*(audio|realtime|transcribe|tts|image))/,
    source: pricing,
    why: 'The batch table of the older models has no price for cached input: it is input.',
    serviceTiers: { batch: { ratio: '1/2', without: ['cacheRead'] } },
  },
  priority(['gpt-4.1', 'gpt-4.1-mini', 'o3', 'gpt-4o-2024-05-13'], '7/4'),
  priority(['gpt-4o'], '17/10'),
  priority(['gpt-4o-mini'], '5/3'),
  priority(
    [
      'gpt-4.1-nano',
      'gpt-5',
      'gpt-5.1',
      'gpt-5.2',
      'gpt-5.3',
      'gpt-5.3-codex',
      'gpt-5.4',
      'gpt-5.4-mini',
      'gpt-5.5',
    ],
    '2/1',
  ),
  priority(['gpt-5-mini', 'gpt-5.1-codex-mini'], '9/5'),
  priority(['o4-mini'], '20/11'),
  {
    provider,
    models: /^gpt-(5\.6|6)/,
    source: longContext,
    why: 'Fast mode (served as priority) costs twice the standard price of the same context length.',
    serviceTiers: { priority: '2/1', fast: '2/1' },
  },
  {
    provider,
    models: /^gpt-(5\.[456]|6)/,
    source: litellm,
    why: 'Regional processing costs 1.1 times, for models since 2026-03-05.',
    regions: { us: '11/10', eu: '11/10' },
  },
  {
    provider,
    models: '*',
    source: { url: 'https://developers.openai.com/api/docs/guides/prompt-caching', checked: '2026-11-22' },
    why: 'Before GPT-5.6 writing to the cache costs nothing beyond the input.',
    cacheWriteAsInput: true,
  },
];
