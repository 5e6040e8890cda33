import type { Command, OptionSpec } from './command.ts';

const provider: OptionSpec = { name: 'provider', value: 'NAME', about: 'who serves it, such as openai' };
const at: OptionSpec = { name: 'at', value: 'TIME', about: 'at the prices of this time; now when left out' };

const source: OptionSpec = {
  name: 'source',
  also: ['format'],
  value: 'NAME',
  about: 'llm-prices or litellm; found out when left out',
  choices: ['llm-prices', 'litellm'],
};

export const priceCommands: readonly Command[] = [
  {
    name: 'price',
    about: 'Compute what a call would cost; records nothing',
    options: [
      {
        name: 'model',
        value: 'NAME',
        about: 'model, as its provider names it; required. Several are compared',
        multiple: true,
      },
      provider,
      { name: 'input', value: 'N', about: 'input tokens that no cache is involved in' },
      {
        name: 'prompt-file',
        value: 'FILE|-',
        about: 'a text instead of --input: its tokens are counted here',
      },
      { name: 'output', value: 'N', about: 'output tokens, reasoning included' },
      { name: 'cache-read', value: 'N', about: 'input tokens read from a cache' },
      { name: 'cache-write-5m', value: 'N', about: 'input tokens written to a 5-minute cache' },
      { name: 'cache-write-1h', value: 'N', about: 'input tokens written to a 1-hour cache' },
      {
        name: 'tier',
        value: 'TIER',
        about: 'batch, flex or priority; the standard price when left out',
        choices: ['standard', 'batch', 'flex', 'priority', 'fast'],
      },
      at,
      { name: 'worst', about: 'the most that a request can cost, with --body' },
      { name: 'body', value: 'FILE|-', about: 'a request as it would be sent, for --worst' },
      { name: 'max-output', value: 'N', about: 'output tokens at most, where the request does not say' },
    ],
    notes: [
      'Counting a text needs the package gpt-tokenizer beside nanocent; it is exact for OpenAI and an estimate for others.',
    ],
    examples: [
      'nanocent price --model gpt-4o-mini --input 1000 --output 500',
      'nanocent price --model deepseek-chat --input 1000 --output 500 --at 2025-02-07',
      'nanocent price --model gpt-4o --model claude-sonnet-4-5 --input 1000 --output 500',
      'nanocent price --worst --body request.json',
    ],
    load: () => import('./commands/price.ts'),
  },
  {
    name: 'read',
    about: 'Show what a recorded provider response consumed and cost',
    operands: { show: 'FILE|-', min: 1, max: 1 },
    options: [
      provider,
      { name: 'api', value: 'NAME', about: 'wire format, such as chat.completions; found out when left out' },
      { name: 'model', value: 'NAME', about: 'model asked for, where the response does not name one' },
      at,
    ],
    notes: [
      'Takes a JSON body, server-sent events, or one stream payload a line; whole or cut off. Bodies of Bedrock, Cohere ' +
        'and OpenAI transcriptions do not name their model: name it with --model.',
    ],
    examples: ['nanocent read response.json', 'curl -sN … | nanocent read -'],
    load: () => import('./commands/read.ts'),
  },
  {
    name: 'prices list',
    about: 'List the prices in force',
    options: [provider, { name: 'model', value: 'TEXT', about: 'only models whose name contains this' }, at],
    examples: ['nanocent prices list --provider openai', 'nanocent prices list --model claude --json'],
    load: () => import('./commands/prices-list.ts'),
  },
  {
    name: 'prices show',
    about: "Show a model's prices with tiers, dates and sources",
    operands: { show: 'MODEL', min: 1, max: 1 },
    options: [provider],
    examples: ['nanocent prices show gpt-4o', 'nanocent prices show deepseek-chat --provider deepseek'],
    load: () => import('./commands/prices-show.ts'),
  },
  {
    name: 'prices update',
    about: 'Take over a published price list, on top of the shipped one',
    operands: { show: 'FILE|URL', min: 1, max: 1 },
    options: [
      source,
      { name: 'yes', short: 'y', about: 'also where a rate moves more than five times' },
      { name: 'all', about: 'also rates that are ours of another time or of another model' },
    ],
    notes: [
      'Takes the files of llm-prices.com (current-v1.json, historical-v1.json) and of LiteLLM. Rates that both know ' +
        'are taken over from now on, models without a price are added, and everything else stays as it was. Each ' +
        "update is a file of its own in the user's data folder; own prices go before it.",
    ],
    examples: ['nanocent prices update current-v1.json', 'nanocent prices update https://… --yes'],
    load: () => import('./commands/prices-update.ts'),
  },
  {
    name: 'prices diff',
    about: 'Compare a published price list with ours, and say why they differ',
    operands: { show: 'FILE|URL', min: 1, max: 1 },
    options: [provider, source, at],
    notes: [
      'stale: our price at another time; alias: our price of another model; unit: a power of ten apart; error: one of ' +
        'the two is wrong. Decided for ours where our price was read off the page of its provider.',
    ],
    examples: [
      'nanocent prices diff current-v1.json',
      'nanocent prices diff model_prices_and_context_window.json --provider openai',
    ],
    load: () => import('./commands/prices-diff.ts'),
  },
];
