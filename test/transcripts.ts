/** Answers of providers in their own framing, written for these tests; every amount in the tests follows from them. */

const chatBase = {
  id: 'chatcmpl-T1',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'gpt-4o-mini-2024-07-18',
};

/** 1,000 prompt tokens of which 400 cached, 200 completion tokens. */
export const chatUsage = {
  prompt_tokens: 1000,
  completion_tokens: 200,
  total_tokens: 1200,
  prompt_tokens_details: { cached_tokens: 400 },
  completion_tokens_details: { reasoning_tokens: 0 },
};

/**
 * gpt-4o-mini: $0.15 per million input, $0.075 cached, $0.60 output. 600 × 15,000 + 400 × 7,500 + 200 × 60,000
 * nanocents.
 */
export const chatNanocents = 24_000_000n;

export const chatJson = JSON.stringify({
  ...chatBase,
  choices: [{ index: 0, message: { role: 'assistant', content: 'Grüße, 🌍!' }, finish_reason: 'stop' }],
  usage: chatUsage,
});

function events(chunks: readonly unknown[], done = true): string {
  const lines = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
  return lines.join('') + (done ? 'data: [DONE]\n\n' : '');
}

const piece = (delta: object, finish: string | null = null) => ({
  ...chatBase,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason: finish }],
  usage: null,
});

const spoken = [
  piece({ role: 'assistant', content: '' }),
  piece({ content: 'Grüße' }),
  piece({ content: ', 🌍' }),
  piece({ content: '!' }),
  piece({}, 'stop'),
];
export const usageChunk = { ...chatBase, object: 'chat.completion.chunk', choices: [], usage: chatUsage };

export const chatStream = events([...spoken, usageChunk]);
/** What a client sees that did not ask for usage. */
export const chatStreamWithoutUsage = events(spoken);
export const spokenText = 'Grüße, 🌍!';

export const chatToolStream = events([
  piece({ role: 'assistant', content: null }),
  piece({
    tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }],
  }),
  piece({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
  piece({ tool_calls: [{ index: 0, function: { arguments: '"Ulm"}' } }] }),
  piece({
    tool_calls: [{ index: 1, id: 'call_2', type: 'function', function: { name: 'time', arguments: '{}' } }],
  }),
  piece({}, 'tool_calls'),
  usageChunk,
]);

const response = {
  id: 'resp_T1',
  object: 'response',
  created_at: 1_790_000_000,
  model: 'gpt-4o-mini-2024-07-18',
  status: 'completed',
  output: [
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Hello', annotations: [] }],
    },
  ],
  usage: {
    input_tokens: 50,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 20,
    output_tokens_details: { reasoning_tokens: 8 },
    total_tokens: 70,
  },
};
/** 50 × 15,000 + 20 × 60,000 nanocents. */
export const responseNanocents = 1_950_000n;
export const responseJson = JSON.stringify(response);
const named = (type: string, more: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
export const responseStream = [
  named('response.created', {
    sequence_number: 0,
    response: { ...response, status: 'in_progress', output: [], usage: null },
  }),
  named('response.output_text.delta', {
    sequence_number: 1,
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta: 'Hello',
    logprobs: [],
  }),
  named('response.completed', { sequence_number: 2, response }),
].join('');

/** text-embedding-3-small: $0.02 per million: 300 × 2,000 nanocents. */
export const embeddingNanocents = 600_000n;
export const embeddingJson = JSON.stringify({
  object: 'list',
  data: [{ object: 'embedding', index: 0, embedding: [0.1, -0.2] }],
  model: 'text-embedding-3-small',
  usage: { prompt_tokens: 300, total_tokens: 300 },
});

/** 100 fresh, 2,000 written for 5 minutes, 8,000 read, 60 out. */
export const messageUsage = {
  input_tokens: 100,
  cache_creation_input_tokens: 2000,
  cache_read_input_tokens: 8000,
  cache_creation: { ephemeral_5m_input_tokens: 2000, ephemeral_1h_input_tokens: 0 },
  output_tokens: 60,
  service_tier: 'standard',
};

/**
 * claude-haiku-4-5: $1 per million input, $1.25 written, $0.10 read, $5 output. 100 × 100,000 + 2,000 × 125,000 +
 * 8,000 × 10,000 + 60 × 500,000 nanocents.
 */
export const messageNanocents = 370_000_000n;

const message = {
  id: 'msg_T1',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-4-5-20251001',
  content: [{ type: 'text', text: 'Grüße, 🌍!' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: messageUsage,
};
export const messageJson = JSON.stringify(message);

export const messageStream = [
  named('message_start', {
    message: { ...message, content: [], stop_reason: null, usage: { ...messageUsage, output_tokens: 1 } },
  }),
  named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  named('ping', {}),
  named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Grüße' } }),
  named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: ', 🌍!' } }),
  named('content_block_stop', { index: 0 }),
  named('content_block_start', {
    index: 1,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
  }),
  named('content_block_delta', {
    index: 1,
    delta: { type: 'input_json_delta', partial_json: '{"city":"Ulm"}' },
  }),
  named('content_block_stop', { index: 1 }),
  named('message_delta', {
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: { output_tokens: 60 },
  }),
  named('message_stop', {}),
].join('');

const geminiAnswer = {
  candidates: [{ content: { role: 'model', parts: [{ text: spokenText }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: {
    promptTokenCount: 1000,
    candidatesTokenCount: 150,
    thoughtsTokenCount: 50,
    totalTokenCount: 1200,
    cachedContentTokenCount: 400,
  },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'gemini-T1',
};
export const geminiJson = JSON.stringify(geminiAnswer);
export const geminiStream = [
  {
    ...geminiAnswer,
    candidates: [{ content: { role: 'model', parts: [{ text: 'Grüße' }] }, index: 0 }],
    usageMetadata: { promptTokenCount: 1000, totalTokenCount: 1000 },
  },
  {
    ...geminiAnswer,
    candidates: [{ content: { role: 'model', parts: [{ text: ', 🌍!' }] }, finishReason: 'STOP', index: 0 }],
  },
]
  .map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`)
  .join('');
/** gemini-2.5-flash: $0.30 per million input, $0.03 cached, $2.50 output. 600 × 30,000 + 400 × 3,000 + 200 × 250,000 nanocents. */
export const geminiNanocents = 69_200_000n;

export const mistralJson = JSON.stringify({
  id: 'mistral-T1',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'mistral-large-latest',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: spokenText, tool_calls: null },
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 1000, completion_tokens: 200, total_tokens: 1200 },
});
