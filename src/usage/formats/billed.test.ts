import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readResponse } from '../read-response.ts';
import type { Reading } from '../reading.ts';
import { unknownUsage } from '../usage.ts';

const none = { cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWrite: 0, reasoning: null, units: {} };

/** The usage object as text: what is billed is read from digits that a parsed number may no longer have. */
function read(provider: string, usage: string, api = 'chat.completions'): Reading {
  const choices = '[{"message":{"content":"x"},"finish_reason":"stop"}]';
  const kind =
    api === 'responses'
      ? '"object":"response","output":[]'
      : `"object":"chat.completion","choices":${choices}`;
  return readResponse(`{"id":"r","model":"m",${kind},"usage":${usage}}`, { provider, api });
}

test('xAI: a tick is ten nanocents', () => {
  const counts = '"prompt_tokens":10,"completion_tokens":2,"total_tokens":12';
  const cases: readonly (readonly [string, bigint | null])[] = [
    ['0', 0n],
    ['1', 10n],
    ['37756000', 377_560_000n],
    ['9007199254740993', 90_071_992_547_409_930n],
    ['null', null],
  ];
  for (const [ticks, billed] of cases) {
    const reading = read('xai', `{${counts},"cost_in_usd_ticks":${ticks}}`);
    assert.deepEqual([reading.billedNanocents, reading.basis], [billed, 'provider'], ticks);
  }
  const broken = read('xai', `{${counts},"cost_in_usd_ticks":-5}`);
  assert.deepEqual([broken.billedNanocents, broken.basis], [null, 'partial']);
});

test('xAI: the chat API leaves reasoning out of the completion, the responses API does not', () => {
  const details =
    '"completion_tokens_details":{"reasoning_tokens":300},"prompt_tokens_details":{"cached_tokens":4}';
  const outside = read('xai', `{"prompt_tokens":10,"completion_tokens":2,"total_tokens":312,${details}}`);
  const expected = { ...none, input: 6, cacheRead: 4, output: 302, reasoning: 300 };
  assert.deepEqual(outside.usage, expected);
  assert.deepEqual(read('xai', `{"prompt_tokens":10,"completion_tokens":2,${details}}`).usage, expected);
  const inside = read('xai', `{"prompt_tokens":10,"completion_tokens":302,"total_tokens":312,${details}}`);
  assert.deepEqual(inside.usage, expected);
  const responses = read(
    'xai',
    '{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":302,"output_tokens_details":{"reasoning_tokens":300},"total_tokens":312,"num_server_side_tools_used":3,"server_side_tool_usage_details":{"web_search_calls":1,"x_search_calls":2,"mcp_calls":5},"cost_in_usd_ticks":7}',
    'responses',
  );
  assert.deepEqual(responses.usage, { ...expected, units: { webSearch: 1, xSearch: 2 } });
  assert.equal(responses.billedNanocents, 70n);
});

const chatCounts = '"prompt_tokens":100,"completion_tokens":20,"total_tokens":120';

test('OpenRouter: the cost is read from its digits, to the nearest nanocent', () => {
  const cases: readonly (readonly [string, bigint])[] = [
    ['0', 0n],
    ['0.025265', 2_526_500_000n],
    ['0.0076509169000000005', 765_091_690n],
    ['0.00764999999999999999', 765_000_000n],
    ['1.5e-7', 15_000n],
    ['1E-11', 1n],
    ['0.000000000005', 1n],
    ['0.0000000000049', 0n],
    ['90071.99254740993', 9_007_199_254_740_993n],
    ['90071.99254740995', 9_007_199_254_740_995n],
  ];
  for (const [cost, billed] of cases) {
    for (const api of ['chat.completions', 'responses']) {
      const counts = api === 'responses' ? '"input_tokens":1,"output_tokens":1' : chatCounts;
      const reading = read('openrouter', `{${counts},"cost":${cost},"is_byok":false}`, api);
      assert.deepEqual([reading.billedNanocents, reading.basis], [billed, 'provider'], `${api} ${cost}`);
    }
  }
});

test('OpenRouter: without a cost nothing is billed, which is not zero', () => {
  assert.equal(read('openrouter', `{${chatCounts}}`).billedNanocents, null);
  assert.equal(read('openrouter', `{${chatCounts},"cost":null}`).billedNanocents, null);
  const negative = read('openrouter', `{${chatCounts},"cost":-0.5}`);
  assert.deepEqual([negative.billedNanocents, negative.basis], [null, 'partial']);
});

test('OpenRouter: what no token explains is a fee', () => {
  const parts = '"upstream_inference_prompt_cost":0.00004,"upstream_inference_completions_cost":0.00002';
  const tools = '"server_tool_use_details":{"web_search_requests":2}';
  const searched = read(
    'openrouter',
    `{${chatCounts},"cost":0.02006,"is_byok":false,"cost_details":{${parts}},${tools}}`,
  );
  assert.deepEqual(searched.items, [
    { model: null, usage: unknownUsage, reason: 'fee', billedNanocents: 2_000_000_000n },
  ]);
  assert.deepEqual(searched.usage.units, { webSearch: 2 });
  assert.equal(searched.billedNanocents, 2_006_000_000n);

  const advised = read(
    'openrouter',
    `{${chatCounts},"cost":0.5,"cost_details":{${parts},"upstream_inference_cost":0.00006},"server_tool_use_details":{"tool_calls_executed":1}}`,
  );
  assert.deepEqual(
    advised.items.map((item) => item.billedNanocents),
    [49_994_000_000n],
  );
  for (const cost of ['0.00006', '0.00006000001', '0.00005']) {
    const plain = read('openrouter', `{${chatCounts},"cost":${cost},"cost_details":{${parts}}}`);
    assert.deepEqual(plain.items, [], `${cost}: rounding and discounts are no fee`);
  }
});

test('OpenRouter: with the caller’s own key the provider’s bill comes on top of the fee', () => {
  const byok = (cost: string, upstream: string) =>
    read(
      'openrouter',
      `{${chatCounts},"cost":${cost},"is_byok":true,"cost_details":{"upstream_inference_cost":${upstream}}}`,
    );
  assert.equal(byok('0', '0.002').billedNanocents, 200_000_000n);
  assert.equal(byok('0.0001', '0.002').billedNanocents, 210_000_000n);
  assert.deepEqual(byok('0', '0.002').items, [
    { model: null, usage: unknownUsage, reason: 'byok', billedNanocents: 200_000_000n },
  ]);
  // The rest of the bill is not told: the catalog has to price it, a fee of 0 would be wrong.
  assert.equal(byok('0', 'null').billedNanocents, null);
});

test('OpenRouter: the model that served wins, usage comes after the finish, and an error chunk may carry it', () => {
  const events = [
    '{"id":"gen-1","provider":"X","model":"maker/served","choices":[{"delta":{"content":"a"},"finish_reason":null}]}',
    '{"id":"gen-1","provider":"X","model":"maker/served","choices":[{"delta":{"content":""},"finish_reason":"length"}]}',
    `{"id":"gen-1","provider":"X","model":"maker/served","error":{"code":400},"choices":[{"delta":{"content":""},"finish_reason":null}],"usage":{${chatCounts},"cost":0.25}}`,
  ];
  const stream = `: OPENROUTER PROCESSING\n\n${events.map((event) => `data: ${event}\n\n`).join('')}data: [DONE]\n\n`;
  const reading = readResponse(stream);
  assert.deepEqual(
    [reading.provider, reading.model, reading.basis],
    ['openrouter', 'maker/served', 'provider'],
  );
  assert.deepEqual([reading.usage.output, reading.billedNanocents], [20, 25_000_000_000n]);
});

test('Perplexity: reasoning and citations stand outside, searches beside, and the bill in the cost', () => {
  const reading = read(
    'perplexity',
    '{"prompt_tokens":33,"completion_tokens":700,"total_tokens":733,"citation_tokens":2001,"num_search_queries":18,"reasoning_tokens":7300,"search_context_size":"low","cost":{"input_tokens_cost":0.00006,"total_cost":0.41000000000000003}}',
  );
  assert.deepEqual(reading.usage, {
    ...none,
    input: 33,
    output: 8000,
    reasoning: 7300,
    units: { webSearch: 18, citationToken: 2001 },
  });
  assert.equal(reading.billedNanocents, 41_000_000_000n);
  const plain = read('perplexity', '{"prompt_tokens":3,"completion_tokens":7,"total_tokens":10}');
  assert.deepEqual([plain.usage, plain.billedNanocents], [{ ...none, input: 3, output: 7 }, null]);
});

test('Perplexity: every chunk counts anew, the last one is right', () => {
  const chunk = (output: number, finish: string) =>
    `data: {"model":"sonar","citations":[],"choices":[{"delta":{"content":"a"},"finish_reason":${finish}}],"usage":{"prompt_tokens":4,"completion_tokens":${output},"total_tokens":${4 + output}}}\r\n\r\n`;
  const stream = chunk(1, 'null') + chunk(2, 'null') + chunk(3, '"stop"');
  const whole = readResponse(stream);
  assert.deepEqual([whole.provider, whole.usage.output, whole.basis], ['perplexity', 3, 'provider']);
  const cut = readResponse(stream.slice(0, -3));
  assert.equal(cut.usage.output, 3);
  assert.deepEqual(readResponse(chunk(1, 'null') + chunk(2, 'null')).basis, 'partial');
});

test('Perplexity’s responses tell the bill as well', () => {
  const reading = read(
    'perplexity',
    '{"input_tokens":5,"output_tokens":6,"total_tokens":11,"cost":{"total_cost":0.005}}',
    'responses',
  );
  assert.deepEqual([reading.usage.output, reading.billedNanocents], [6, 500_000_000n]);
});
