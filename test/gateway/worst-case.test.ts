import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseUsd } from '../../src/money/index.ts';
import { countTokens } from '../../src/usage/count-tokens.ts';
import { type Harness, startHarness } from './harness.ts';

// What is held for a request is never less than what the dearest answer to it is booked with. The counts of the answers are
// those of a real tokenizer over all text of the request, with what a provider adds on its own, and all output used.

let harness: Harness;
let booked = 0;
before(async () => {
  harness = await startHarness({ key: 'sk-any' });
});
after(() => harness.close());

interface Case {
  readonly what: string;
  readonly path: '/v1/chat/completions' | '/v1/messages';
  readonly body: Readonly<Record<string, unknown>> & { readonly model: string };
  /** Billed for one answer at most. */
  readonly output: number;
  /** Above the text: chat template, the provider's own prompt for tools. */
  readonly added: number;
  /** Written to a cache for an hour: the dearest kind of input. */
  readonly cached?: true;
}

const parameters = { type: 'object', properties: { city: { type: 'string', description: 'a city' } } };
const hello = [{ role: 'user', content: 'Hello' }];
const long = 'all work and no play makes a dull log line, day after day after day\n'.repeat(18_000);
const openai = { path: '/v1/chat/completions' } as const;
const anthropic = { path: '/v1/messages' } as const;

const cases: readonly Case[] = [
  {
    ...openai,
    what: 'one word',
    body: { model: 'gpt-4o-mini', messages: hello, max_tokens: 5 },
    output: 5,
    added: 7,
  },
  {
    ...openai,
    what: 'three choices, tools, a dearer tier',
    body: {
      model: 'gpt-5',
      messages: hello,
      max_completion_tokens: 900,
      n: 3,
      service_tier: 'priority',
      tools: [{ type: 'function', function: { name: 'f', parameters } }],
    },
    output: 900,
    added: 60,
  },
  {
    ...openai,
    what: 'scripts with many bytes a token, and few',
    body: {
      model: 'gpt-4o',
      messages: [{ role: 'user', content: '𓀀𓁐𓂀 お誕生日 \u0001\u0002 ﷽ '.repeat(50) }],
      max_tokens: 1,
    },
    output: 1,
    added: 7,
  },
  {
    ...openai,
    what: 'a long context, billed at the higher tier',
    body: { model: 'gpt-5.5', messages: [{ role: 'user', content: long }], max_tokens: 2_000 },
    output: 2_000,
    added: 7,
  },
  {
    ...anthropic,
    what: 'tools, whose prompt is longer than the request',
    body: {
      model: 'claude-opus-4-5',
      messages: hello,
      max_tokens: 1,
      tools: [{ name: 'f', input_schema: {} }],
    },
    output: 1,
    added: 560,
    cached: true,
  },
  {
    ...anthropic,
    what: 'a long context, all of it written to a cache for an hour',
    body: { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: long }], max_tokens: 500 },
    output: 500,
    added: 20,
    cached: true,
  },
];

for (const one of cases) {
  test(`${one.path}, ${one.what}`, async () => {
    const text = JSON.stringify(one.body.messages) + JSON.stringify(one.body.tools ?? '');
    const { tokens } = await countTokens(text, { model: 'gpt-4o' });
    const answer = one.path === '/v1/messages' ? messageAnswer : chatAnswer;
    harness.provider.answerWith({ body: JSON.stringify(answer(one, tokens + one.added)) });
    const response = await fetch(`${harness.gateway.url}${one.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(one.body),
    });
    assert.equal(response.status, 200, await response.clone().text());
    await response.arrayBuffer();
    booked += 1;
    const entry = (await harness.entries(booked)).at(-1)!;
    assert.equal(entry.costSource, 'priced', entry.remark ?? '');
    const held = parseUsd(response.headers.get('x-nanocent-reserved-usd')!, { field: 'held' });
    assert.ok(entry.nanocents! > 0n && held >= entry.nanocents!, `${held} held, ${entry.nanocents} spent`);
    assert.ok(held !== 50_000_000_000n, 'sized by the request, not by the fixed amount');
  });
}

function chatAnswer({ body, output }: Case, input: number): object {
  const completion = output * ((body.n as number | undefined) ?? 1);
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: body.model,
    choices: [],
    ...(body.service_tier === undefined ? {} : { service_tier: body.service_tier }),
    usage: { prompt_tokens: input, completion_tokens: completion, total_tokens: input + completion },
  };
}

function messageAnswer({ body, output }: Case, input: number): object {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: body.model,
    content: [],
    stop_reason: 'max_tokens',
    usage: {
      input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: input,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: input },
      output_tokens: output,
      inference_geo: 'us',
    },
  };
}

test('a request that bounds nothing is held with the fixed 50 cents', async () => {
  harness.provider.answerWith({ body: JSON.stringify(chatAnswer(cases[0]!, 8)) });
  const response = await fetch(`${harness.gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: hello }),
  });
  await response.arrayBuffer();
  assert.equal(response.headers.get('x-nanocent-reserved-usd'), '0.50');
});
