import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NanocentError } from '../../errors/error.ts';
import { encodeEvent } from '../../testing/encode-eventstream.ts';
import { readResponse } from '../read-response.ts';
import { openReader } from '../reader.ts';
import type { Reading } from '../reading.ts';
import { countMax, tokenKinds, type Usage } from '../usage.ts';

interface Sample {
  readonly provider: string;
  readonly api: string;
  readonly bytes: Buffer;
}

const gemini = {
  candidates: [
    { content: { parts: [{ text: 'Grüße' }, { functionCall: { name: 'f' } }] }, finishReason: 'STOP' },
  ],
  usageMetadata: {
    promptTokenCount: 50,
    cachedContentTokenCount: 20,
    toolUsePromptTokenCount: 5,
    candidatesTokenCount: 12,
    thoughtsTokenCount: 30,
    totalTokenCount: 97,
    trafficType: 'ON_DEMAND_FLEX',
    promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 9 }],
    candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 10 }],
  },
  modelVersion: 'gemini-3-flash',
};
const interaction = {
  id: 'v1',
  object: 'interaction',
  status: 'completed',
  model: 'gemini-3',
  usage: { total_input_tokens: 9, total_output_tokens: 4, total_thought_tokens: 3, total_tokens: 16 },
};
const finished = [{ index: 0, message: { content: 'x' }, finish_reason: 'stop' }];
const usage = { prompt_tokens: 90, completion_tokens: 9, total_tokens: 99 };
const converse = {
  inputTokens: 3,
  outputTokens: 6,
  cacheWriteInputTokens: 4,
  cacheDetails: [{ ttl: '5m', inputTokens: 4 }],
};
const billedUnits = { billed_units: { input_tokens: 4, output_tokens: 6 } };

/** Four events that speak, then one that counts, as server-sent events. */
function stream(last: object, said: object): string {
  const events = [said, said, said, said, last].map((event) => `data: ${JSON.stringify(event)}\n\n`);
  return `: keep-alive\n\n${events.join('')}data: [DONE]\n\n`;
}

function chunk(extra: object, content = 'ü'): object {
  return {
    id: 'c',
    model: 'm',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
    ...extra,
  };
}

function binary(type: string, ...payloads: readonly object[]): Buffer {
  return Buffer.concat(payloads.map((payload) => encodeEvent(type, JSON.stringify(payload))));
}

function wrapped(payload: object): object {
  return { bytes: Buffer.from(JSON.stringify(payload)).toString('base64'), p: 'abc' };
}

const bodies: readonly (readonly [provider: string, api: string, body: string | Buffer])[] = [
  ['google', 'generateContent', JSON.stringify(gemini)],
  [
    'google-vertex',
    'streamGenerateContent',
    stream(gemini, { ...gemini, candidates: [{ content: { parts: [{ text: 'a' }] } }] }),
  ],
  ['google', 'interactions', JSON.stringify(interaction)],
  [
    'google',
    'interactions',
    stream(
      { event_type: 'interaction.completed', interaction },
      { event_type: 'step.delta', delta: { text: 'a' } },
    ),
  ],
  [
    'google',
    'chat.completions',
    JSON.stringify({ model: 'gemini-2.5-pro', choices: finished, usage: { ...usage, total_tokens: 300 } }),
  ],
  ['aws-bedrock', 'converse', JSON.stringify({ output: {}, stopReason: 'end_turn', usage: converse })],
  [
    'aws-bedrock',
    'converse-stream',
    binary('metadata', { delta: { text: 'ü' } }, { start: { toolUse: {} } }, { usage: converse }),
  ],
  [
    'aws-bedrock',
    'invoke',
    JSON.stringify({
      generation: 'x',
      prompt_token_count: 4,
      generation_token_count: 6,
      stop_reason: 'stop',
    }),
  ],
  [
    'aws-bedrock',
    'invoke',
    binary(
      'chunk',
      wrapped({
        type: 'message_start',
        message: { id: 'm', model: 'c', usage: { input_tokens: 4, output_tokens: 1 } },
      }),
      wrapped({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 8 } }),
      wrapped({
        type: 'message_stop',
        'amazon-bedrock-invocationMetrics': { inputTokenCount: 4, outputTokenCount: 8 },
      }),
    ),
  ],
  ['cohere', 'v2/chat', JSON.stringify({ id: 'a', message: {}, usage: billedUnits })],
  [
    'cohere',
    'v2/chat',
    stream(
      { type: 'message-end', delta: { usage: billedUnits } },
      { type: 'content-delta', delta: { message: { content: { text: 'ü' } } } },
    ),
  ],
  ['cohere', 'rerank', JSON.stringify({ id: 'a', meta: { billed_units: { search_units: 1 } } })],
  [
    'ollama',
    'api/chat',
    `{"model":"l","message":{"content":"ü"},"done":false}\n{"model":"l","done":true,"prompt_eval_count":4,"eval_count":6}\n`,
  ],
  [
    'mistral',
    'chat.completions',
    JSON.stringify({ choices: finished, usage: { ...usage, num_cached_tokens: 30 } }),
  ],
  [
    'deepseek',
    'chat.completions',
    stream(
      chunk({ usage: { ...usage, prompt_cache_hit_tokens: 40, prompt_cache_miss_tokens: 50 }, choices: [] }),
      chunk({ usage: null }),
    ),
  ],
  [
    'groq',
    'chat.completions',
    JSON.stringify({
      choices: finished,
      usage,
      usage_breakdown: {
        models: [
          { model: 'a', usage },
          { model: 'a', usage },
        ],
      },
    }),
  ],
  ['groq', 'chat.completions', stream(chunk({ choices: [], x_groq: { usage } }), chunk({}))],
  [
    'xai',
    'chat.completions',
    JSON.stringify({
      choices: finished,
      usage: {
        ...usage,
        total_tokens: 199,
        completion_tokens_details: { reasoning_tokens: 100 },
        cost_in_usd_ticks: 12_345,
      },
    }),
  ],
  [
    'xai',
    'responses',
    JSON.stringify({
      object: 'response',
      output: [],
      usage: { input_tokens: 5, output_tokens: 4, total_tokens: 9, cost_in_usd_ticks: 77 },
    }),
  ],
  [
    'openrouter',
    'chat.completions',
    stream(
      chunk({
        choices: [],
        usage: {
          ...usage,
          cost: 0.02,
          is_byok: false,
          cost_details: { upstream_inference_prompt_cost: 0.001, upstream_inference_completions_cost: 0.002 },
        },
      }),
      chunk({}),
    ),
  ],
  [
    'perplexity',
    'chat.completions',
    stream(
      chunk({
        choices: [{ delta: {}, finish_reason: 'stop' }],
        usage: { ...usage, reasoning_tokens: 5, num_search_queries: 1, cost: { total_cost: 0.006 } },
      }),
      chunk({ usage }),
    ),
  ],
  [
    'my-own-server',
    'chat.completions',
    stream(chunk({ choices: [], usage: { ...usage, cached_tokens: 5 } }), chunk({})),
  ],
];

const samples: readonly Sample[] = bodies.map(([provider, api, body]) => ({
  provider,
  api,
  bytes: Buffer.from(body),
}));

function read(sample: Sample, chunks: readonly Uint8Array[]): Reading {
  const reader = openReader({ provider: sample.provider, api: sample.api, framing: 'auto' });
  for (const bytes of chunks) reader.chunk(bytes);
  return reader.finish();
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? `${each}n` : each));
}

function cutAt(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index] ?? bytes.length));
}

function assertSound(reading: Reading): void {
  for (const { usage: counts } of [reading, ...reading.items]) assertUsage(counts);
  for (const billed of [reading.billedNanocents, ...reading.items.map((item) => item.billedNanocents)]) {
    assert.ok(billed === null || billed === undefined || billed >= 0n);
  }
  assert.ok(reading.basis === 'partial' || reading.problems.length === 0);
}

function assertUsage(counts: Usage): void {
  const { units, ...tokens } = counts;
  for (const [name, count] of [...Object.entries(tokens), ...Object.entries(units)]) {
    const isCount =
      Number.isSafeInteger(count) && (count as number) >= 0 && (count as number) <= 4 * countMax;
    assert.ok(count === null || isCount, `${name} is ${count}`);
  }
  const { input, output } = counts;
  if (input !== null) assert.ok((counts.inputAudio ?? 0) + (counts.inputImage ?? 0) <= input);
  if (output !== null)
    assert.ok((counts.outputAudio ?? 0) + (counts.outputImage ?? 0) + (counts.reasoning ?? 0) <= output);
  for (const kind of tokenKinds) assert.notEqual(counts[kind], undefined);
}

const sampleAt = fc.nat({ max: samples.length - 1 });
const place = fc.nat({ max: 10_000 });

test('every sample is read whole, from a stream of single bytes too', () => {
  for (const sample of samples) {
    const whole = read(sample, [sample.bytes]);
    assert.equal(whole.basis, 'provider', `${sample.provider} ${sample.api}: ${whole.problems}`);
    assert.notEqual(whole.usage.input, null);
    assert.equal(
      shown(
        read(
          sample,
          [...sample.bytes].map((byte) => Uint8Array.of(byte)),
        ),
      ),
      shown(whole),
    );
  }
});

test('60,000 random chunkings change nothing', () => {
  const whole = samples.map((sample) => shown(read(sample, [sample.bytes])));
  fc.assert(
    fc.property(sampleAt, fc.array(place, { maxLength: 6 }), (index, cuts) => {
      const sample = samples[index]!;
      assert.equal(shown(read(sample, cutAt(sample.bytes, cuts))), whole[index]);
    }),
    { numRuns: 60_000 },
  );
});

test('cut at every byte: never a throw, and never called whole unless the counts are', () => {
  for (const sample of samples) {
    const whole = shown(read(sample, [sample.bytes]).usage);
    for (let cut = 0; cut < sample.bytes.length; cut++) {
      const reading = read(sample, [sample.bytes.subarray(0, cut)]);
      assertSound(reading);
      const name = `${sample.provider} ${sample.api} cut at ${cut} of ${sample.bytes.length}`;
      if (reading.basis === 'provider') assert.equal(shown(reading.usage), whole, name);
    }
  }
});

/** What is put in place of some bytes: wrong numbers, wrong kinds, broken syntax, names that objects inherit. */
const debris = [
  '',
  '-1',
  '1e999',
  '1.5',
  '1000000000000',
  '1000000000001',
  '99999999999999999999',
  'null',
  'true',
  '{}',
  '[]',
  '"x"',
  '"',
  '}',
  ',',
  '\\',
  '\n',
  '\n\n',
  '\u0000',
  '__proto__',
  'constructor',
  '\u00ff\u00fe',
] as const;

test('60,000 random damages: never a throw, never a count that is none', () => {
  fc.assert(
    fc.property(
      sampleAt,
      place,
      fc.nat({ max: 12 }),
      fc.constantFrom(...debris),
      place,
      (index, at, length, put, cut) => {
        const sample = samples[index]!;
        const start = at % sample.bytes.length;
        const rest = sample.bytes.subarray(start + length);
        const damaged = Buffer.concat([sample.bytes.subarray(0, start), Buffer.from(put, 'latin1'), rest]);
        assertSound(read(sample, cutAt(damaged, [cut])));
      },
    ),
    { numRuns: 60_000 },
  );
});

test('a recorded body, listed and damaged, is read or refused by name', () => {
  fc.assert(
    fc.property(
      sampleAt,
      place,
      fc.nat({ max: 12 }),
      fc.constantFrom(...debris),
      (index, at, length, put) => {
        const listed = Buffer.from(`[${samples[index]!.bytes.toString('latin1')}]`, 'latin1');
        const start = at % listed.length;
        const rest = listed.subarray(start + length);
        const damaged = Buffer.concat([listed.subarray(0, start), Buffer.from(put, 'latin1'), rest]);
        try {
          assertSound(readResponse(damaged));
        } catch (error) {
          assert.ok(NanocentError.is(error) && error.code === 'body_malformed', String(error));
        }
      },
    ),
    { numRuns: 20_000 },
  );
});

test('every number of every sample replaced by what is no count', () => {
  for (const sample of samples) {
    const text = sample.bytes.toString('latin1');
    for (const match of text.matchAll(/(?<=:)\d+(?:\.\d+)?/g)) {
      for (const put of debris) {
        const damaged = text.slice(0, match.index) + put + text.slice(match.index + match[0].length);
        assertSound(read(sample, [Buffer.from(damaged, 'latin1')]));
      }
    }
  }
});
