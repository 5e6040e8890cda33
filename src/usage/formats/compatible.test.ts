import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readResponse } from '../read-response.ts';
import type { Reading } from '../reading.ts';

const none = { cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWrite: 0, reasoning: null, units: {} };

function chat(usage: object, extra: object = {}): string {
  const choices = [{ index: 0, message: { content: 'x' }, finish_reason: 'stop' }];
  return JSON.stringify({
    id: 'c1',
    object: 'chat.completion',
    model: 'some-model',
    choices,
    usage,
    ...extra,
  });
}

function read(provider: string, usage: object, extra: object = {}): Reading {
  return readResponse(chat(usage, extra), { provider, api: 'chat.completions' });
}

test('cached tokens under every name that servers give them', () => {
  const counts = { prompt_tokens: 100, completion_tokens: 7, total_tokens: 107 };
  const cases: readonly (readonly [string, object])[] = [
    ['mistral', { prompt_tokens_details: { cached_tokens: 60 } }],
    ['mistral', { num_cached_tokens: 60 }],
    ['mistral', { prompt_token_details: { cached_tokens: 60 } }],
    ['mistral', { num_cached_tokens: 60, prompt_tokens_details: null }],
    ['moonshot', { cached_tokens: 60 }],
    ['together', { cached_tokens: 60 }],
    ['huggingface', { cached_tokens: 60 }],
    ['deepseek', { prompt_cache_hit_tokens: 60, prompt_cache_miss_tokens: 40 }],
    ['groq', { prompt_tokens_details: { cached_tokens: 60 } }],
    ['zai', { prompt_tokens_details: { cached_tokens: 60 } }],
    ['alibaba', { prompt_tokens_details: { cached_tokens: 60 } }],
    ['azure', { prompt_tokens_details: { cached_tokens: 60 } }],
    ['a-server-of-my-own', { cached_tokens: 60 }],
  ];
  for (const [provider, spelling] of cases) {
    const reading = read(provider, { ...counts, ...spelling });
    const name = `${provider} ${JSON.stringify(spelling)}`;
    assert.deepEqual(reading.usage, { ...none, input: 40, cacheRead: 60, output: 7 }, name);
    assert.deepEqual([reading.provider, reading.basis], [provider, 'provider'], name);
  }
});

test('a name for cached tokens that holds nonsense is not read as none', () => {
  for (const cached of [-1, 1.5, '60', {}]) {
    const reading = read('moonshot', { prompt_tokens: 100, completion_tokens: 7, cached_tokens: cached });
    assert.deepEqual([reading.usage.input, reading.basis], [null, 'partial'], JSON.stringify(cached));
  }
});

test('output that the completion leaves out is in the total: thinking is billed', () => {
  const hidden = read('my-proxy', { prompt_tokens: 40, completion_tokens: 10, total_tokens: 120 });
  assert.deepEqual(hidden.usage, { ...none, input: 40, output: 80, reasoning: 70 });
  const less = read('my-proxy', { prompt_tokens: 40, completion_tokens: 10, total_tokens: 49 });
  assert.deepEqual([less.usage.output, less.basis], [null, 'partial']);
});

test('reasoning above the output is cut to it; the billed output stands', () => {
  const details = { completion_tokens_details: { reasoning_tokens: 21 } };
  const reading = read('openrouter', {
    prompt_tokens: 5,
    completion_tokens: 20,
    total_tokens: 25,
    ...details,
  });
  assert.deepEqual([reading.usage.output, reading.usage.reasoning, reading.basis], [20, 20, 'provider']);
});

test('DeepSeek: hits and misses must make up the prompt', () => {
  const usage = {
    prompt_tokens: 90,
    completion_tokens: 7,
    prompt_cache_hit_tokens: 60,
    prompt_cache_miss_tokens: 40,
  };
  const reading = read('deepseek', usage);
  assert.deepEqual([reading.usage.input, reading.basis], [null, 'partial']);
  assert.match(reading.problems[0] ?? '', /prompt_tokens is 90, but its parts sum to 100/);
});

test('DeepSeek: the model that served is the one in the response', () => {
  const usage = {
    prompt_tokens: 9,
    completion_tokens: 7,
    prompt_cache_hit_tokens: 0,
    prompt_cache_miss_tokens: 9,
  };
  assert.equal(read('deepseek', usage, { model: 'deepseek-v4-flash' }).model, 'deepseek-v4-flash');
});

test('Mistral: seconds of audio beside tokens; an empty object means there was none', () => {
  const counts = { prompt_tokens: 11, completion_tokens: 70, total_tokens: 81 };
  const transcript = JSON.stringify({
    model: 'voxtral-mini',
    text: 'x',
    usage: { ...counts, prompt_audio_seconds: 45 },
  });
  const transcribed = readResponse(transcript);
  assert.deepEqual([transcribed.provider, transcribed.api], ['mistral', 'audio.transcriptions']);
  assert.deepEqual(transcribed.usage, { ...none, input: 11, output: 70, units: { audioSecond: 45 } });
  assert.deepEqual(read('mistral', { ...counts, prompt_audio_seconds: {} }).usage, {
    ...none,
    input: 11,
    output: 70,
  });
});

const groqUsage = { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42 };

test('Groq: a stream has its usage under x_groq, or twice; once is counted', () => {
  const delta = (extra: object) =>
    JSON.stringify({ id: 'c', model: 'm', choices: [{ delta: {}, finish_reason: 'stop' }], ...extra });
  for (const last of [
    { x_groq: { id: 'r', usage: groqUsage } },
    { x_groq: { id: 'r', usage: groqUsage }, usage: groqUsage },
  ]) {
    const reading = readResponse(`data: ${delta(last)}\n\ndata: [DONE]\n\n`);
    assert.equal(reading.provider, 'groq');
    assert.deepEqual(reading.usage, { ...none, input: 30, output: 12 });
    assert.equal(reading.basis, 'provider');
  }
  assert.deepEqual(read('groq', groqUsage, { service_tier: 'on_demand' }).terms, {});
  assert.deepEqual(read('groq', groqUsage, { service_tier: 'flex' }).terms, { tier: 'flex' });
});

test('Groq: a compound system’s usage is broken down by the models it called', () => {
  const call = (model: string, prompt_tokens: number, completion_tokens: number) => ({
    model,
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  });
  const models = [call('small', 5, 1), call('large', 10, 6), call('small', 15, 5)];
  const reading = read('groq', groqUsage, { model: 'groq/compound', usage_breakdown: { models } });
  assert.deepEqual([reading.usage.input, reading.usage.output], [30, 12]);
  assert.deepEqual(reading.items, [
    { model: 'small', usage: { ...none, input: 20, output: 6 }, reason: 'compound' },
    { model: 'large', usage: { ...none, input: 10, output: 6 }, reason: 'compound' },
  ]);
  assert.deepEqual(read('groq', groqUsage, { usage_breakdown: null }).items, []);
});

test('usage on a chunk before the finish is a count so far', () => {
  const chunk = (completion: number, finish_reason: string | null) =>
    `data: ${JSON.stringify({
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content: 'a' }, finish_reason }],
      usage: { prompt_tokens: 4, completion_tokens: completion, total_tokens: 4 + completion },
    })}\n\n`;
  const source = { provider: 'vllm', api: 'chat.completions' };
  const cut = readResponse(chunk(1, null) + chunk(2, null) + chunk(3, null), source);
  assert.deepEqual([cut.usage.output, cut.basis], [3, 'partial']);
  const whole = readResponse(chunk(1, null) + chunk(2, null) + chunk(3, 'stop'), source);
  assert.deepEqual([whole.usage.output, whole.basis], [3, 'provider']);
});

test('Azure opens its streams with an event that names no model', () => {
  const events = [
    { choices: [], model: '', object: '', prompt_filter_results: [{ prompt_index: 0 }] },
    {
      id: 'c',
      model: 'gpt-4o-2024-08-06',
      choices: [{ delta: { content: 'a' }, finish_reason: null }],
      usage: null,
    },
    {
      id: 'c',
      model: 'gpt-4o-2024-08-06',
      choices: [],
      usage: { prompt_tokens: 4, completion_tokens: 1, total_tokens: 5 },
    },
  ];
  const reading = readResponse(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
  assert.deepEqual(
    [reading.provider, reading.model, reading.basis],
    ['azure', 'gpt-4o-2024-08-06', 'provider'],
  );
  assert.deepEqual(reading.usage, { ...none, input: 4, output: 1 });
});

test('whose body it is, where the body shows it', () => {
  const counts = { prompt_tokens: 4, completion_tokens: 1, total_tokens: 5 };
  const cases: readonly (readonly [string, object])[] = [
    ['mistral', { model: 'mistral-large-latest' }],
    ['zai', { model: 'glm-4.6' }],
    ['alibaba', { model: 'qwen3-max' }],
    ['moonshotai', { model: 'kimi-k2' }],
    ['ollama', { model: 'llama3:8b', system_fingerprint: 'fp_ollama' }],
    ['openai', { model: 'gpt-5' }],
    ['openai', { model: 'qwen/qwen3-32b' }],
  ];
  for (const [provider, extra] of cases) {
    assert.equal(readResponse(chat(counts, extra)).provider, provider, JSON.stringify(extra));
  }
});

test('LM Studio’s responses are OpenAI’s', () => {
  const usage = {
    input_tokens: 90,
    input_tokens_details: { cached_tokens: 80 },
    output_tokens: 4,
    output_tokens_details: { reasoning_tokens: 1 },
    total_tokens: 94,
  };
  const body = JSON.stringify({ object: 'response', model: 'local', status: 'completed', output: [], usage });
  const reading = readResponse(body, { provider: 'lmstudio', api: 'responses' });
  assert.equal(reading.provider, 'lmstudio');
  assert.deepEqual(reading.usage, { ...none, input: 10, cacheRead: 80, output: 4, reasoning: 1 });
});
