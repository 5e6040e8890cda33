/** Reading the usage of 200-chunk streams, against JSON.parse of every chunk. */
import { openReader } from '../src/usage/index.ts';
import { machineLine, median, say, table } from './support.ts';

const chunks = 200;
const passes = Number(process.env.PASSES ?? 400);
const encoder = new TextEncoder();

const streams = {
  'OpenAI chat': { provider: 'openai', api: 'chat', events: openaiChat() },
  'Anthropic messages': { provider: 'anthropic', api: 'messages', events: anthropicMessages() },
} as const;

say(`${machineLine()}\n${chunks} chunks a stream, median of ${passes} passes\n`);
const rows = Object.entries(streams).map(([name, stream]) => {
  const payloads = stream.events.map((event) => event.slice(event.indexOf('{')));
  const bytes = stream.events.map((event) => encoder.encode(event));
  const reads: number[] = [];
  const parses: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    reads.push(timed(() => read(stream, bytes)));
    parses.push(timed(() => payloads.forEach((payload) => void JSON.parse(payload))));
  }
  const [reader, parser] = [median(reads), median(parses)];
  return [name, reader.toFixed(0), parser.toFixed(0), (reader / parser).toFixed(2)];
});
say(table(['stream', 'reader µs', 'JSON.parse µs', 'ratio (wanted ≤ 2)'], rows));

function read(stream: { provider: string; api: string }, bytes: readonly Uint8Array[]): void {
  const reader = openReader({ provider: stream.provider, api: stream.api, framing: 'sse' });
  for (const chunk of bytes) reader.chunk(chunk);
  const { usage } = reader.finish();
  if (usage.output === null) throw new Error('the stream was not read');
}

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return (performance.now() - started) * 1000;
}

function openaiChat(): string[] {
  const base = {
    id: 'chatcmpl-bench',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-4o-mini-2024-07-18',
  };
  const events = Array.from({ length: chunks - 1 }, (_, index) => ({
    ...base,
    choices: [{ index: 0, delta: { content: ` word ${index}` }, logprobs: null, finish_reason: null }],
    usage: null,
  }));
  const usage = {
    prompt_tokens: 812,
    completion_tokens: 397,
    total_tokens: 1209,
    prompt_tokens_details: { cached_tokens: 256 },
  };
  return [...events, { ...base, choices: [], usage }].map((event) => `data: ${JSON.stringify(event)}\n\n`);
}

function anthropicMessages(): string[] {
  const start = {
    type: 'message_start',
    message: {
      id: 'msg_bench',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5-20250929',
      content: [],
      usage: {
        input_tokens: 812,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 256,
        output_tokens: 1,
      },
    },
  };
  const deltas = Array.from({ length: chunks - 2 }, (_, index) => ({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: ` word ${index}` },
  }));
  const end = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 397 } };
  return [start, ...deltas, end].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}
