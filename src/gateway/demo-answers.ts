import type { Flavour } from './provider.ts';

type Json = Readonly<Record<string, unknown>>;

const sentences = [
  'This answer comes from the demo provider inside Nanocent, not from a model.',
  'Its tokens are counted from your request and from this text, and priced like the model you named.',
  'Look at the entry with `nanocent tail`, or at the page /-/llm-usage.',
  'Then set a real key, change one word in the URL, and everything else stays the same.',
];

/** One token for this many characters: near enough for a demonstration, and the same each time. */
const charactersPerToken = 4;

interface Made {
  readonly id: string;
  readonly model: string;
  readonly pieces: readonly string[];
  readonly input: number;
  readonly output: number;
}

/** A whole answer in the provider's shape, with usage. */
export function demoAnswer(flavour: Flavour, request: Json): Json {
  const { id, model, pieces, input, output } = make(flavour, request);
  const text = pieces.join('');
  if (flavour === 'anthropic') {
    return {
      id,
      type: 'message',
      role: 'assistant',
      model,
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: input, output_tokens: output },
    };
  }
  return {
    id,
    object: 'chat.completion',
    created: createdAt,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: openaiUsage(input, output),
  };
}

/** The same as a stream of server-sent events. */
export function demoStream(flavour: Flavour, request: Json): readonly string[] {
  const made = make(flavour, request);
  return flavour === 'anthropic' ? anthropicEvents(made) : openaiEvents(made, request);
}

/** The demo has no clock: its answers are dated at the start of its story. */
const createdAt = 1_767_225_600;

function make(flavour: Flavour, request: Json): Made {
  const model = typeof request.model === 'string' ? request.model : 'gpt-4o-mini';
  const input = Math.max(1, Math.ceil(textLength([request.system, request.messages]) / charactersPerToken));
  const bound = [request.max_completion_tokens, request.max_tokens].find(
    (value) => typeof value === 'number',
  );
  const words = sentences.join(' ').match(/\S+\s*/g)!;
  const pieces = words.slice(0, typeof bound === 'number' ? Math.max(1, bound) : words.length);
  const id = `${flavour === 'anthropic' ? 'msg' : 'chatcmpl'}_demo_${input}_${pieces.length}`;
  return { id, model, pieces, input, output: pieces.length };
}

/** Characters of all text in the messages. */
function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + textLength(one), 0);
  if (typeof value !== 'object' || value === null) return 0;
  const { content, text } = value as { content?: unknown; text?: unknown };
  return textLength(content) + textLength(text);
}

function openaiUsage(input: number, output: number): Json {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function openaiEvents({ id, model, pieces, input, output }: Made, request: Json): string[] {
  const base = { id, object: 'chat.completion.chunk', created: createdAt, model };
  const wantsUsage =
    (request.stream_options as { include_usage?: unknown } | undefined)?.include_usage === true;
  const chunk = (delta: Json, finish: string | null) => ({
    ...base,
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...(wantsUsage ? { usage: null } : {}),
  });
  const chunks: Json[] = [
    chunk({ role: 'assistant', content: '' }, null),
    ...pieces.map((content) => chunk({ content }, null)),
    chunk({}, 'stop'),
    ...(wantsUsage ? [{ ...base, choices: [], usage: openaiUsage(input, output) }] : []),
  ];
  return [...chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`), 'data: [DONE]\n\n'];
}

function anthropicEvents({ id, model, pieces, input, output }: Made): string[] {
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: input, output_tokens: 1 },
  };
  const events: Json[] = [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...pieces.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: output },
    },
    { type: 'message_stop' },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}
