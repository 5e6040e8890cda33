import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeLine, encodeLine, genesisHash, type JournalLine, linkHash, sealLines } from './journal.ts';

const whole = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const instant = fc.integer({ min: 0, max: 2 ** 45 });
const text = fc.string({ unit: 'binary' });
const position = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

const lines: fc.Arbitrary<JournalLine> = fc.record(
  {
    chain: fc.constant(1),
    position,
    at: instant,
    kind: fc.constantFrom('reserve', 'settle', 'late', 'adjust', 'limit', 'purge'),
    reservationId: fc.option(fc.uuid()),
    previous: fc.option(fc.record({ chain: fc.nat(16), position }, { noNullPrototype: true })),
    entryId: fc.option(fc.uuid()),
    entryAt: fc.option(instant),
    digest: fc.option(fc.stringMatching(/^[0-9a-f]{64}$/)),
    amount: whole,
    held: whole,
    unadmitted: whole,
    legs: fc.array(
      fc.record(
        {
          key: fc.stringMatching(/^[0-9a-f]{32}$/),
          settled: whole,
          reserved: whole,
          unadmitted: whole,
        },
        { noNullPrototype: true },
      ),
      { maxLength: 4 },
    ),
    note: fc.oneof(
      fc.constant({}),
      fc.record({ reason: text }, { noNullPrototype: true }),
      fc.record(
        { limitId: fc.nat(), maximum: whole.map(String), ended: fc.nat(1) },
        { noNullPrototype: true },
      ),
    ),
  },
  { noNullPrototype: true },
);

test('a line is read back as it was written, whatever it holds', () => {
  fc.assert(
    fc.property(lines, (line) => {
      const body = encodeLine(line);
      assert.deepEqual(decodeLine(line.chain, body), line);
      assert.equal(encodeLine(decodeLine(line.chain, body)), body, 'the same bytes again');
      assert.ok(!body.includes('\n'), 'one line');
    }),
  );
});

test('two lines that differ have different bytes', () => {
  fc.assert(
    fc.property(lines, lines, (left, right) => {
      const same = encodeLine(left) === encodeLine(right);
      assert.equal(same, JSON.stringify(left, spelled) === JSON.stringify(right, spelled));
    }),
  );
});

test('a link covers every byte, the order and number of its lines, its place and its time', () => {
  const hash = linkHash(1, 5, genesisHash, 1000, ['[1]', '[2]', '[3]']);
  for (const other of [
    linkHash(2, 5, genesisHash, 1000, ['[1]', '[2]', '[3]']),
    linkHash(1, 6, genesisHash, 1000, ['[1]', '[2]', '[3]']),
    linkHash(1, 5, hash, 1000, ['[1]', '[2]', '[3]']),
    linkHash(1, 5, genesisHash, 1001, ['[1]', '[2]', '[3]']),
    linkHash(1, 5, genesisHash, 1000, ['[1]', '[3]', '[2]']),
    linkHash(1, 5, genesisHash, 1000, ['[1]', '[2]']),
    linkHash(1, 5, genesisHash, 1000, ['[1]', '[2]', '[3]', '[3]']),
    linkHash(1, 5, genesisHash, 1000, ['[1]', '[2]', '[4]']),
  ]) {
    assert.notEqual(other, hash);
  }
});

test('a batch without lines has no link; one with lines follows its head', () => {
  const head = { chain: 1, position: 7, number: 3, hash: 'a'.repeat(64), at: 5 };
  assert.equal(sealLines(head, [], 9), null);
  const link = sealLines(head, ['[1]', '[2]'], 9);
  assert.deepEqual(link, {
    chain: 1,
    number: 4,
    firstPosition: 8,
    lastPosition: 9,
    at: 9,
    previous: head.hash,
    hash: linkHash(1, 4, head.hash, 9, ['[1]', '[2]']),
  });
});

function spelled(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value;
}
