import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  anthropicPayloads,
  anthropicStream,
  chatPayloads,
  chatStream,
  responsesPayloads,
  responsesStream,
} from './fixtures/streams.ts';
import type { Framing } from './framing.ts';
import { openReader } from './reader.ts';
import type { Reading } from './reading.ts';
import { countMax, tokenKinds } from './usage.ts';

interface Case {
  readonly what: string;
  readonly provider: string;
  readonly api: string;
  readonly framing: Framing;
  readonly bytes: Uint8Array;
}

const pretty = JSON.stringify(
  {
    id: 'msg_9',
    type: 'message',
    model: 'claude-ü',
    content: [{ type: 'text', text: 'a "quoted" \\ 世界' }],
    usage: { input_tokens: 31, output_tokens: 12, cache_read_input_tokens: 5 },
    stop_reason: 'end_turn',
  },
  null,
  2,
);

const cases: readonly Case[] = [
  sse('chat', 'openai', 'chat.completions', chatStream),
  sse('chat, no final blank line', 'openai', 'chat.completions', chatStream.trimEnd()),
  sse('responses', 'openai', 'responses', responsesStream),
  sse('messages', 'anthropic', 'messages', anthropicStream),
  sse('messages, CRLF', 'anthropic', 'messages', anthropicStream.replaceAll('\n', '\r\n')),
  sse('messages, CR', 'anthropic', 'messages', anthropicStream.replaceAll('\n', '\r')),
  sse(
    'messages, mark and comments',
    'anthropic',
    'messages',
    `\uFEFF: hello\n\n${anthropicStream.replaceAll('data: ', ': c\ndata:')}`,
  ),
  {
    ...sse('messages, a line each', 'anthropic', 'messages', anthropicPayloads.join('\n')),
    framing: 'lines',
  },
  { ...sse('chat, found out', 'openai', 'chat.completions', chatStream), framing: 'auto' },
  {
    ...sse('responses, lines found out', 'openai', 'responses', responsesPayloads.join('\n')),
    framing: 'auto',
  },
  { ...sse('a body', 'anthropic', 'messages', pretty), framing: 'json' },
  { ...sse('a body, found out', 'anthropic', 'messages', pretty), framing: 'auto' },
  {
    ...sse('a list of payloads', 'openai', 'chat.completions', `[${chatPayloads.join(',\n')}]`),
    framing: 'json',
  },
];

function sse(what: string, provider: string, api: string, text: string): Case {
  return { what, provider, api, framing: 'sse', bytes: new TextEncoder().encode(text) };
}

function read(source: Case, chunks: Iterable<Uint8Array>): Reading {
  const reader = openReader(source);
  for (const chunk of chunks) reader.chunk(chunk);
  return reader.finish();
}

const whole = (source: Case) => read(source, [source.bytes]);

for (const source of cases) {
  test(`${source.what}: any split and byte by byte give what the whole gives`, () => {
    const expected = whole(source);
    assert.equal(expected.basis, 'provider');
    for (let at = 0; at <= source.bytes.length; at++) {
      assert.deepEqual(
        read(source, [source.bytes.subarray(0, at), source.bytes.subarray(at)]),
        expected,
        `split at ${at}`,
      );
    }
    const bytes = Array.from(source.bytes, (_, at) => source.bytes.subarray(at, at + 1));
    assert.deepEqual(read(source, bytes), expected);
  });

  test(`${source.what}: cut at any byte, it is the whole reading or partial, and never more`, () => {
    const expected = whole(source);
    let completeSince: number | null = null;
    for (let at = 0; at < source.bytes.length; at++) {
      const cut = read(source, [source.bytes.subarray(0, at)]);
      if (cut.basis === 'provider') {
        completeSince ??= at;
        assert.deepEqual({ ...cut, produced: null }, { ...expected, produced: null }, `cut at ${at}`);
      } else {
        assert.equal(completeSince, null, `complete at ${completeSince}, partial at ${at}`);
      }
      for (const kind of tokenKinds) {
        assert.ok((cut.usage[kind] ?? 0) <= expected.usage[kind]!, `${kind} at ${at}`);
      }
      assert.ok(cut.produced.bytes <= expected.produced.bytes, `produced at ${at}`);
    }
  });
}

/** Half of this room's share of fuzzed bodies. */
const runs = 82_000;

test(`${runs} random chunkings lose nothing`, () => {
  const expected = cases.map(whole);
  const chunking = fc.tuple(fc.nat(cases.length - 1), fc.array(fc.nat(4095), { maxLength: 12 }));
  fc.assert(
    fc.property(chunking, ([which, cuts]) => {
      const source = cases[which]!;
      const edges = [
        0,
        ...cuts.map((cut) => cut % source.bytes.length).sort((a, b) => a - b),
        source.bytes.length,
      ];
      const chunks = edges.slice(1).map((end, index) => source.bytes.subarray(edges[index], end));
      const reading = read(source, chunks);
      const { usage, basis, produced } = expected[which]!;
      return isSame(reading.usage, usage) && reading.basis === basis && isSame(reading.produced, produced);
    }),
    { numRuns: runs },
  );
});

test(`${runs} damaged bodies never crash and never give a count that is none`, () => {
  const edit = fc.record({ at: fc.nat(4095), remove: fc.nat(8), insert: fc.constantFrom(...damage) });
  const damaged = fc.tuple(
    fc.nat(cases.length - 1),
    fc.array(edit, { minLength: 1, maxLength: 4 }),
    fc.nat(4095),
  );
  fc.assert(
    fc.property(damaged, ([which, edits, split]) => {
      const source = cases[which]!;
      let body = Buffer.from(source.bytes).toString('latin1');
      for (const { at, remove, insert } of edits) {
        const start = at % (body.length + 1);
        body = body.slice(0, start) + insert + body.slice(start + remove);
      }
      const bytes = Buffer.from(body, 'latin1');
      const reading = read(source, [bytes.subarray(0, split), bytes.subarray(split)]);
      return isSound(reading);
    }),
    { numRuns: runs },
  );
});

/** What breaks parsers: quotes, escapes, brackets, line ends, digits and signs within counts, stray bytes, markers. */
const damage: readonly string[] = [
  ...[
    '',
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\n',
    '\r',
    '\n\n',
    '\0',
    '\xff',
    '\xc3',
    '-',
    '.',
    'e9',
    '9',
  ],
  ...['99999999999999', 'null', '"usage":{', 'data: ', 'data: [DONE]\n\n', '\xef\xbb\xbf', '1e400', '{"a":'],
];

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function isSound(reading: Reading): boolean {
  const { units, ...counts } = reading.usage;
  const all = [...Object.values(counts), ...Object.values(units), reading.toolCalls];
  const areCounts = all.every(
    (count) =>
      count === null || count === undefined || (Number.isInteger(count) && count >= 0 && count <= countMax),
  );
  const isExplained = reading.problems.length === 0 || reading.basis === 'partial';
  const isKnown = reading.basis === 'partial' || reading.raw !== null;
  return areCounts && isExplained && isKnown;
}
