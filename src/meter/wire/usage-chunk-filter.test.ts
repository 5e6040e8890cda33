import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { usageChunkFilter } from './usage-chunk-filter.ts';

const spoken = 'data: {"choices":[{"index":0,"delta":{"content":"a \\"usage\\":{"}}],"usage":null}\n\n';
const usage = 'data: {"id":"x","choices":[],"usage":{"prompt_tokens":1}}\n\n';
const done = 'data: [DONE]\n\n';

function filtered(text: string, cuts: readonly number[] = []): string {
  const bytes = Buffer.from(text);
  const filter = usageChunkFilter();
  const out: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts].sort((left, right) => left - right)) {
    out.push(filter.push(bytes.subarray(from, cut)));
    from = cut;
  }
  out.push(filter.push(bytes.subarray(from)), filter.end());
  return Buffer.concat(out).toString();
}

const streams: readonly (readonly [string, string, string])[] = [
  ['the usage chunk goes, the rest stays', spoken + usage + done, spoken + done],
  [
    'with line ends of another system',
    `${spoken}${usage}`.replaceAll('\n', '\r\n'),
    spoken.replaceAll('\n', '\r\n'),
  ],
  [
    'an empty list of choices without usage stays',
    'data: {"choices":[],"prompt_filter_results":[]}\n\n',
    'data: {"choices":[],"prompt_filter_results":[]}\n\n',
  ],
  ['usage beside choices stays', usage.replace('[]', '[{"index":0}]'), usage.replace('[]', '[{"index":0}]')],
  [
    'comments, names and odd lines stay',
    ': ping\n\nevent: x\nid: 1\ndata: y\n\n',
    ': ping\n\nevent: x\nid: 1\ndata: y\n\n',
  ],
  ['the rest of a cut stream stays', `${spoken}data: {"choi`, `${spoken}data: {"choi`],
  ['nothing', '', ''],
];
for (const [what, text, expected] of streams) {
  test(`${what}, however it is cut`, () => {
    assert.equal(filtered(text), expected);
    const length = Buffer.byteLength(text);
    for (let cut = 0; cut <= length; cut++) assert.equal(filtered(text, [cut]), expected);
    fc.assert(
      fc.property(fc.array(fc.nat(length), { maxLength: 8 }), (cuts) => filtered(text, cuts) === expected),
      { numRuns: 200 },
    );
  });
}

test('an event beyond the bound passes unseen, and the next one is seen again', () => {
  const large = `data: ${'x'.repeat(1_100_000)}\n\n`;
  const text = large + usage + done;
  assert.equal(filtered(text, [600_000, 1_090_000, large.length - 1, large.length]), large + done);
});
