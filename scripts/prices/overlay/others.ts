import type { OverlayEntry, OverlaySource } from './overlay.ts';

const groqModels: OverlaySource = { url: 'https://console.groq.com/docs/models', checked: '2026-11-22' };
const bedrock: OverlaySource = {
  url: 'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonBedrockFoundationModels/current/us-east-1/index.json',
  checked: '2026-11-22',
};
const perplexity: OverlaySource = {
  url: 'https://docs.perplexity.ai/docs/getting-started/pricing',
  checked: '2026-11-22',
};

function ordinaryWrites(provider: string, url: string): OverlayEntry {
  return {
    provider,
    models: '*',
    source: { url, checked: '2026-11-22' },
    why: 'Caching is automatic and writing to the cache is ordinary input.',
    cacheWriteAsInput: true,
  };
}

export const others: readonly OverlayEntry[] = [
  {
    provider: 'groq',
    models: ['openai/gpt-oss-safeguard-20b'],
    source: groqModels,
    why: 'The price of gpt-oss-20b, not of gpt-oss-120b as in the base data.',
    rows: [{ r: [[null, { input: '0.075', cacheRead: '0.0375', output: '0.3' }]] }],
  },
  {
    provider: 'groq',
    models: ['whisper-large-v3', 'whisper-large-v3-turbo'],
    source: groqModels,
    why: 'A request is billed at least 10 seconds.',
    minimums: { audioSecond: 10 },
  },
  {
    provider: 'bedrock',
    models: /claude-((opus|sonnet|haiku)-(4-[5-9]|5)|fable)/,
    source: bedrock,
    why: 'One-hour cache writes are twice the input, as listed for Claude Opus 5.5; the base data has only that one.',
    addRatios: { cacheWrite1h: ['input', '2/1'] },
  },
  {
    provider: 'mistral',
    models: ['voxtral-mini-2602'],
    source: { url: 'https://docs.mistral.ai/models/voxtral-mini-transcribe-26-02', checked: '2026-11-22' },
    why: 'Billed by the minute of audio; the tokens that a transcription also reports are not.',
    addRates: { input: '0', output: '0' },
  },
  {
    provider: 'perplexity',
    models: ['sonar', 'sonar-pro', 'sonar-reasoning', 'sonar-reasoning-pro'],
    source: perplexity,
    why: 'Searches are in the fee for the request, and citations are free, everywhere but in deep research.',
    addRates: { webSearch: '0', citationToken: '0' },
  },
  ordinaryWrites('groq', 'https://console.groq.com/docs/prompt-caching'),
  ordinaryWrites('xai', 'https://docs.x.ai/docs/models'),
  ordinaryWrites('moonshotai', 'https://platform.kimi.ai/docs/models.md'),
];
