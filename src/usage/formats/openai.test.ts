import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  chatPayloads,
  chatStream,
  dataOnly,
  named,
  responsesPayloads,
  responsesStream,
} from '../fixtures/streams.ts';
import { readResponse } from '../read-response.ts';

const chat = (body: object) =>
  readResponse(JSON.stringify({ id: 'c1', object: 'chat.completion', model: 'm', choices: [], ...body }));
const responses = (body: object) =>
  readResponse(JSON.stringify({ id: 'r1', object: 'response', model: 'm', output: [], ...body }));

test('chat: input includes what was read from and written to the cache, output includes reasoning', () => {
  const reading = readResponse(chatStream);
  assert.deepEqual(reading.usage, {
    input: 512,
    cacheRead: 1024,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheWrite: 512,
    output: 77,
    reasoning: 33,
    inputAudio: 0,
    outputAudio: 0,
    units: {},
  });
  assert.equal(reading.basis, 'provider');
  assert.equal(reading.model, 'gpt-x-2026');
  assert.equal(reading.responseId, 'chatcmpl-7');
  assert.deepEqual(reading.terms, { tier: 'flex' });
  assert.equal(reading.toolCalls, 1);
  assert.deepEqual(reading.problems, []);
});

test('chat: a stream without include_usage has no counts, and says so', () => {
  const reading = readResponse(dataOnly(chatPayloads.slice(0, -1)));
  assert.equal(reading.basis, 'partial');
  assert.equal(reading.usage.input, null);
  assert.equal(reading.usage.output, null);
  assert.equal(reading.raw, null);
  // 'Grüße, "usage":{' is 18 bytes, ' 世界 🌍\n' 13, '{"at":1}' 8.
  assert.deepEqual(reading.produced, { events: 3, bytes: 39 });
});

test('chat: the raw usage object is kept to the byte', () => {
  assert.equal(readResponse(chatStream).raw, chatPayloads.at(-1)!.match(/"usage":(\{.*\})\}$/)![1]);
});

test('chat: rejected predictions are inside completion_tokens and not added', () => {
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 20,
    total_tokens: 30,
    completion_tokens_details: { accepted_prediction_tokens: 3, rejected_prediction_tokens: 12 },
  };
  assert.equal(chat({ usage }).usage.output, 20);
});

test('chat: audio is a subset; cached audio is what does not fit into the uncached input', () => {
  const usage = {
    prompt_tokens: 150,
    completion_tokens: 40,
    total_tokens: 190,
    prompt_tokens_details: { cached_tokens: 100, audio_tokens: 80 },
    completion_tokens_details: { audio_tokens: 30 },
  };
  const read = chat({ usage }).usage;
  assert.deepEqual(
    [read.input, read.cacheRead, read.inputAudio, read.cacheReadAudio, read.output, read.outputAudio],
    [50, 100, 50, 30, 40, 30],
  );
});

test('chat: no details means no cache; reasoning is unknown, not zero', () => {
  const read = chat({ usage: { prompt_tokens: 14, completion_tokens: 16, total_tokens: 30 } }).usage;
  assert.deepEqual(
    [read.input, read.cacheRead, read.cacheWrite, read.output, read.reasoning],
    [14, 0, 0, 16, null],
  );
});

test('chat: the tier is the one served; auto, default and none are the standard', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  for (const tier of ['auto', 'default', null, undefined]) {
    assert.deepEqual(chat({ usage, service_tier: tier }).terms, {}, String(tier));
  }
  assert.deepEqual(chat({ usage, service_tier: 'priority' }).terms, { tier: 'priority' });
});

for (const [what, usage, problem] of [
  ['negative', { prompt_tokens: -5, completion_tokens: 1 }, /prompt_tokens is -5/],
  ['fractional', { prompt_tokens: 1.5, completion_tokens: 1 }, /prompt_tokens is 1.5/],
  ['above the largest believed', { prompt_tokens: 1_000_000_000_001, completion_tokens: 1 }, /1000000000001/],
  ['text', { prompt_tokens: '12', completion_tokens: 1 }, /prompt_tokens is "12"/],
  [
    'cached above the prompt',
    { prompt_tokens: 5, prompt_tokens_details: { cached_tokens: 6 } },
    /parts of 6/,
  ],
  ['a total that is not the sum', { prompt_tokens: 5, completion_tokens: 5, total_tokens: 11 }, /sum to 10/],
] as const) {
  test(`chat: a count that is ${what} makes the usage unknown and is named`, () => {
    const reading = chat({ usage });
    assert.equal(reading.basis, 'partial');
    assert.equal(reading.usage.input, null);
    assert.equal(reading.usage.output, null);
    assert.match(reading.problems.join(), problem);
  });
}

test('chat: the largest count believed is believed', () => {
  const usage = { prompt_tokens: 1_000_000_000_000, completion_tokens: 0 };
  assert.equal(chat({ usage }).usage.input, 1_000_000_000_000);
});

test('legacy completions and embeddings', () => {
  const legacy = readResponse(
    '{"id":"cmpl-1","object":"text_completion","model":"instruct","choices":[{"text":"hi"}],"usage":{"prompt_tokens":4,"completion_tokens":6,"total_tokens":10}}',
  );
  assert.deepEqual([legacy.api, legacy.usage.input, legacy.usage.output], ['completions', 4, 6]);
  const embedded = readResponse(
    '{"object":"list","model":"embed","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"usage":{"prompt_tokens":12,"total_tokens":12}}',
  );
  assert.deepEqual([embedded.api, embedded.usage.input, embedded.usage.output], ['embeddings', 12, 0]);
  assert.equal(embedded.basis, 'provider');
});

test('responses: usage of the last event, the tier served, searches but not opened pages', () => {
  const reading = readResponse(responsesStream);
  assert.deepEqual(reading.usage, {
    input: 400,
    cacheRead: 400,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheWrite: 100,
    output: 60,
    reasoning: 20,
    units: { webSearch: 1 },
  });
  assert.deepEqual(
    [reading.basis, reading.model, reading.responseId, reading.toolCalls, reading.terms],
    ['provider', 'gpt-y-2026', 'resp_7', 1, { tier: 'priority' }],
  );
  assert.deepEqual(reading.produced, { events: 1, bytes: 6 });
});

for (const type of ['response.incomplete', 'response.failed']) {
  test(`responses: ${type} carries usage too`, () => {
    const last = responsesPayloads.at(-1)!.replace('response.completed', type);
    const reading = readResponse(named([...responsesPayloads.slice(0, -1), last]));
    assert.deepEqual([reading.basis, reading.usage.output], ['provider', 60]);
  });
}

test('responses: cut before the last event, the searches already done are known and nothing else', () => {
  const reading = readResponse(named(responsesPayloads.slice(0, -1)));
  assert.deepEqual(
    [reading.basis, reading.usage.input, reading.usage.units],
    ['partial', null, { webSearch: 1 }],
  );
  assert.equal(reading.model, 'gpt-y-2026');
});

test('responses: a usage of zeros is zero, not missing', () => {
  const usage = {
    input_tokens: 0,
    output_tokens: 0,
    total_tokens: 0,
    output_tokens_details: { reasoning_tokens: 0 },
  };
  const reading = responses({ usage, service_tier: 'auto' });
  assert.deepEqual(
    [reading.basis, reading.usage.input, reading.usage.output, reading.usage.reasoning],
    ['provider', 0, 0, 0],
  );
  assert.deepEqual(reading.terms, {});
});

test('responses: tool_usage says how many searches are billed, and images are an item of their own model', () => {
  const reading = responses({
    usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
    output: [{ type: 'web_search_call', action: { type: 'search' } }],
    tools: [{ type: 'image_generation', model: 'gpt-image-9' }],
    tool_usage: {
      web_search: { num_requests: 3 },
      image_gen: {
        input_tokens: 30,
        input_tokens_details: { image_tokens: 20, text_tokens: 10 },
        output_tokens: 1056,
        total_tokens: 1086,
      },
    },
  });
  assert.deepEqual(reading.usage.units, { webSearch: 3 });
  const [item] = reading.items;
  assert.deepEqual(
    [item?.model, item?.reason, item?.usage.input, item?.usage.inputImage, item?.usage.outputImage],
    ['gpt-image-9', 'imageGeneration', 30, 20, 1056],
  );
});

test('images: text and image tokens apart; without usage, the images themselves', () => {
  const reading = readResponse(
    '{"created":1,"data":[{"b64_json":"AAAA"}],"usage":{"input_tokens":50,"input_tokens_details":{"text_tokens":20,"image_tokens":30},"output_tokens":1100,"output_tokens_details":{"text_tokens":44,"image_tokens":1056},"total_tokens":1150}}',
  );
  const { usage } = reading;
  assert.deepEqual(
    [reading.api, usage.input, usage.inputImage, usage.output, usage.outputImage],
    ['images', 50, 30, 1100, 1056],
  );
  const cached = readResponse(
    '{"created":1,"data":[{"b64_json":"AAAA"}],"usage":{"input_tokens":50,"input_tokens_details":{"text_tokens":20,"image_tokens":30,"cached_tokens":24},"cached_tokens_details":{"image_tokens":16,"text_tokens":8},"output_tokens":10,"total_tokens":60}}',
  ).usage;
  assert.deepEqual(
    [cached.input, cached.inputImage, cached.cacheRead, cached.cacheReadImage],
    [26, 14, 24, 16],
  );
  const older = readResponse(
    '{"created":1,"data":[{"url":"https://example.com/1"},{"url":"https://example.com/2"}]}',
  );
  assert.deepEqual([older.basis, older.usage.units, older.usage.input], ['provider', { image: 2 }, null]);
});

test('transcription: seconds or tokens, details spelled in the singular', () => {
  const seconds = readResponse('{"text":"hi","duration":36.7,"usage":{"type":"duration","seconds":37}}');
  assert.deepEqual(
    [seconds.api, seconds.basis, seconds.usage.units],
    ['audio.transcriptions', 'provider', { audioSecond: 37 }],
  );
  assert.equal(seconds.usage.input, null);
  const tokens = readResponse(
    '{"text":"hi","usage":{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":4,"audio_tokens":10},"output_tokens":45,"total_tokens":59}}',
  );
  assert.deepEqual([tokens.usage.input, tokens.usage.inputAudio, tokens.usage.output], [14, 10, 45]);
});

test('transcription: a fraction of a second is no count', () => {
  const reading = readResponse('{"text":"hi","usage":{"type":"duration","seconds":36.7}}');
  assert.deepEqual([reading.basis, reading.usage.units], ['partial', {}]);
});
