import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Framing, openFramer } from './framing.ts';

const bounds = { eventBytesMax: 10, bodyBytesMax: 20 };

/** What a framer makes of the text, fed whole and byte by byte: payloads, a tail in brackets, losses after `!`. */
function frames(framing: Framing, text: string): readonly string[] {
  const bytes = Buffer.from(text, 'latin1');
  const whole = run(framing, [bytes]);
  assert.deepEqual(
    run(
      framing,
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
    ),
    whole,
    'byte by byte',
  );
  return whole;
}

function run(framing: Framing, chunks: readonly Uint8Array[]): readonly string[] {
  const seen: string[] = [];
  const sink = {
    payload: (payload: string) => void seen.push(payload),
    tail: (tail: string) => void seen.push(`[${tail}]`),
    lost: (what: string) => void seen.push(`!${what}`),
  };
  const framer = openFramer(framing, sink, bounds);
  for (const chunk of chunks) framer.push(chunk);
  framer.end();
  return seen;
}

const eventLost = '!an event of more than 10 bytes was passed over';

for (const [what, text, expected] of [
  ['LF', 'data: a\n\ndata: b\n\n', ['a', 'b']],
  ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
  ['CR', 'data: a\r\rdata: b\r\r', ['a', 'b']],
  ['all three mixed', 'data: a\r\n\rdata: b\n\r\ndata: c\r\n\n', ['a', 'b', 'c']],
  ['a byte order mark', '\xef\xbb\xbfdata: a\n\n', ['a']],
  ['a mark that is not at the start is data', 'data: \xef\xbb\xbf\n\n', ['\xef\xbb\xbf']],
  ['no space after the colon, one of two spaces kept', 'data:a\n\ndata:  b\n\n', ['a', ' b']],
  ['data in several lines, CRLF', 'data: a\r\ndata: b\r\n\r\n', ['a\nb']],
  ['data in several lines', 'data: a\ndata: b\ndata\n\n', ['a\nb\n']],
  [
    'comments, other fields and names that only begin alike',
    ': x\nevent: y\nid: 1\ndatax: z\ndata: a\n\n',
    ['a'],
  ],
  ['events without data', 'event: ping\n\n\n\n: keep-alive\n\n', []],
  ['an end in the middle of an event', 'data: a\n\ndata: b', ['a', '[b]']],
  ['an end before the blank line', 'data: b\n', ['[b]']],
  ['an end in the middle of a name', 'data: a\n\nda', ['a', '[da]']],
  [
    'an event at its bound and one above',
    'data: 1234567890\n\ndata: 12345678901\n\ndata: c\n\n',
    ['1234567890', eventLost, 'c'],
  ],
  [
    'several lines at the bound and above',
    'data: 1234\ndata: 56789\n\ndata: 1234\ndata: 567890\n\n',
    ['1234\n56789', eventLost],
  ],
  ['a line far above its bound', `data: ${'x'.repeat(99)}\n\ndata: c\n\n`, [eventLost, 'c']],
  ['an end within a line far above its bound', `data: ${'x'.repeat(99)}`, [eventLost]],
] as const) {
  test(`sse: ${what}`, () => assert.deepEqual(frames('sse', text), expected));
}

for (const [what, text, expected] of [
  ['LF, CRLF, empty lines', '{1}\n{2}\r\n\n\n{3}\n', ['{1}', '{2}', '{3}']],
  ['no line end after the last', '{1}\n{2}', ['{1}', '[{2}]']],
  [
    'a line at its bound and above',
    '1234567890\n12345678901\nc\n',
    ['1234567890', '!a line of more than 10 bytes was passed over', 'c'],
  ],
] as const) {
  test(`lines: ${what}`, () => assert.deepEqual(frames('lines', text), expected));
}

test('json: one body, its mark dropped, at its bound and above', () => {
  assert.deepEqual(frames('json', '\xef\xbb\xbf{"a":\n1}'), ['[{"a":\n1}]']);
  assert.deepEqual(frames('json', 'x'.repeat(20)), [`[${'x'.repeat(20)}]`]);
  assert.deepEqual(frames('json', 'x'.repeat(21)), ['!a body of more than 20 bytes was passed over']);
  assert.deepEqual(frames('json', ''), []);
});

for (const [what, text, expected] of [
  ['events', 'data: a\n\n', ['a']],
  ['events after a mark and blank lines', '\xef\xbb\xbf\n\ndata: a\n\n', ['a']],
  ['a body in one line', '{"a":1}', ['[{"a":1}]']],
  ['a body in many lines', '{\n"a":1}\n', ['[{\n"a":1}\n]']],
  ['a line each', '{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
  ['a list', '[{},\n{}]', ['[[{},\n{}]]']],
  ['nothing', '', []],
  ['only a line end', '\n', []],
] as const) {
  test(`auto finds ${what}`, () => assert.deepEqual(frames('auto', text), expected));
}

test('a binary event stream that stops within a message is a tail; a damaged one is a loss', () => {
  assert.deepEqual(frames('auto', '\0\0\0'), ['[]']);
  assert.match(
    frames('eventstream', '\0\0\0\x20\0\0\0\0\0\0\0\0\0\0\0\0').join(),
    /^!the binary event stream is damaged/,
  );
});
