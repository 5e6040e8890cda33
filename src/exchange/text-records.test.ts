import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { csvFields, csvRecords } from './csv-records.ts';
import { fileLines, lineBytesMax } from './file-lines.ts';
import { jsonElements } from './json-elements.ts';
import { SeenRows } from './seen-rows.ts';
import { tidy, tidyTags } from './tidy.ts';

function fileIn(t: TestContext): (text: string | Buffer) => string {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-text-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return (text) => {
    writeFileSync(join(folder, 'file'), text);
    return join(folder, 'file');
  };
}

async function flat<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

test('lines of a file: every end, their offsets, and reading on behind any of them', async (t) => {
  const file = fileIn(t);
  const text = '\ufeffone\r\ntwo\n\n日本 🎉\nlast';
  const path = file(text);
  const lines = await flat(fileLines(path));
  assert.deepEqual(
    lines.map((line) => [line.number, line.text, line.ended]),
    [
      [1, 'one', true],
      [2, 'two', true],
      [3, '', true],
      [4, '日本 🎉', true],
      [5, 'last', false],
    ],
  );
  for (const [index, { end, number }] of lines.entries()) {
    assert.deepEqual(await flat(fileLines(path, { offset: end, lines: number })), lines.slice(index + 1));
  }
  assert.deepEqual(await flat(fileLines(file(''))), []);
});

test('a line over many chunks is whole; one byte over the bound it is passed over, and the next is read', async (t) => {
  const file = fileIn(t);
  const lines = await flat(
    fileLines(file(`${'a'.repeat(lineBytesMax)}\n${'b'.repeat(lineBytesMax + 1)}\nc\n`)),
  );
  assert.deepEqual(
    lines.map(({ text, tooLong }) => [text.length, tooLong]),
    [
      [lineBytesMax, false],
      [0, true],
      [1, false],
    ],
  );
});

test('CSV: what is written by the rules is read as it was', async (t) => {
  const file = fileIn(t);
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', '日', ';') });
  const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(rows, async (written) => {
      const text = written
        .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
        .join('\r\n');
      const read = await flat(csvRecords(file(text), ','));
      assert.deepEqual(
        read.map(({ fields }) => fields),
        written,
      );
    }),
    { numRuns: 50 },
  );
});

test('CSV: plain fields, empty lines, a quote that does not end', async (t) => {
  const file = fileIn(t);
  assert.deepEqual(csvFields('a,,b"c', ','), ['a', '', 'b"c']);
  assert.deepEqual(csvFields('"a""b",c', ','), ['a"b', 'c']);
  assert.deepEqual(csvFields('"a', ','), null);
  const records = await flat(csvRecords(file('a,b\n\n"x,\ny"\n"never'), ','));
  assert.deepEqual(
    records.map(({ line, problem }) => [line, problem]),
    [
      [1, null],
      [3, null],
      [5, 'a quoted field does not end'],
    ],
  );
});

test('the elements of a JSON array, whatever stands in their texts and however it is cut', async (t) => {
  const file = fileIn(t);
  const value = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 8 }), fc.nat(4), async (values, indent) => {
      const found: unknown[] = [];
      for await (const { elements } of jsonElements(file(JSON.stringify(values, null, indent)))) {
        for (const { text } of elements) found.push(JSON.parse(text));
      }
      assert.deepEqual(JSON.stringify(found), JSON.stringify(values));
    }),
    { numRuns: 100 },
  );
  const filler = 'x'.repeat(300_000);
  const large = Array.from({ length: 4 }, (_, index) => ({ index, filler: `${filler}"]}[{\\` }));
  const numbers: number[] = [];
  for await (const { elements } of jsonElements(file(JSON.stringify({ data: large, total: 4 })))) {
    for (const { number, text } of elements) {
      assert.deepEqual(JSON.parse(text), large[number - 1]);
      numbers.push(number);
    }
  }
  assert.deepEqual(numbers, [1, 2, 3, 4]);
});

test('an array that breaks off gives its last element as it is', async (t) => {
  const file = fileIn(t);
  const texts: string[] = [];
  for await (const { elements } of jsonElements(file('[{"a":1},{"b"')))
    texts.push(...elements.map(({ text }) => text));
  assert.deepEqual(texts, ['{"a":1}', '{"b"']);
});

test('equal rows are numbered, other rows do not disturb them', () => {
  const seen = new SeenRows();
  assert.deepEqual(
    ['a', 'b', 'a', 'a', 'b'].map((row) => seen.next(row)),
    [0, 0, 1, 2, 1],
  );
});

test('foreign text fits our fields: no control characters, bounded, whole characters', () => {
  const rows: [text: string | null, tidied: string | null][] = [
    [null, null],
    ['', null],
    [' \n', null],
    ['plain', 'plain'],
    [' spaced ', 'spaced'],
    ['a\u0000\u001b[2Jb\n', 'a [2Jb'],
    ['x'.repeat(256), 'x'.repeat(256)],
    ['x'.repeat(257), 'x'.repeat(256)],
    [`${'x'.repeat(255)}🎉`, `${'x'.repeat(255)}\ufffd`],
  ];
  for (const [text, tidied] of rows) assert.equal(tidy(text), tidied, JSON.stringify(text));
  assert.deepEqual(
    tidyTags({ ok: 'a', 'not ok': 'b', empty: '', long: 'x'.repeat(200), ['__proto__']: 'c' }),
    {
      ok: 'a',
      long: 'x'.repeat(128),
    },
  );
});
