import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lineBytesMax, readLines } from './lines.ts';

async function linesOf(text: string, cuts: readonly number[] = []): Promise<string[]> {
  const bytes = Buffer.from(text);
  const points = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  async function* input() {
    for (let at = 1; at < points.length; at++) yield bytes.subarray(points[at - 1], points[at]);
  }
  const lines: string[] = [];
  for await (const { number, text } of readLines(input())) {
    lines.push(text);
    assert.equal(number, lines.length);
  }
  return lines;
}

test('lines end with LF or CRLF, the last one with either or nothing; a byte order mark is no text', async () => {
  for (const [text, lines] of [
    ['', []],
    ['\n', ['']],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\r\nb\n\nc', ['a', 'b', '', 'c']],
    ['\ufeffa\n\ufeffb', ['a', '\ufeffb']],
    ['日本\n🎉', ['日本', '🎉']],
  ] as const) {
    assert.deepEqual(await linesOf(text), lines);
  }
});

test('any chunking gives the same lines', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r\n', '日', '🎉', '{"x":1}') });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(1_000)), async (whole, cuts) => {
      assert.deepEqual(await linesOf(whole, cuts), await linesOf(whole));
    }),
  );
});

test('a line at its bound is whole, one byte more is too long and not kept', async () => {
  async function* input() {
    yield Buffer.from(`${'a'.repeat(lineBytesMax)}\n${'b'.repeat(lineBytesMax)}`);
    yield Buffer.from('b\nc\n');
  }
  const seen = [];
  for await (const { text, tooLong } of readLines(input())) seen.push([text.length, tooLong]);
  assert.deepEqual(seen, [
    [lineBytesMax, false],
    [lineBytesMax, true],
    [1, false],
  ]);
});
