import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { encodeMessage, encodeEvent as event, stringValue } from '../testing/encode-eventstream.ts';
import { EventStreamDecoder, type EventStreamMessage } from './eventstream.ts';

const stream = Buffer.concat([
  event('messageStart', '{"role":"assistant"}'),
  event('empty', ''),
  event('metadata', '{"usage":{"inputTokens":3}}'),
]);

function readAll(decoder: EventStreamDecoder, chunks: readonly Uint8Array[]): EventStreamMessage[] {
  return chunks.flatMap((chunk) => [...decoder.push(chunk)]);
}

test('messages come out the same in whatever chunks they arrive', () => {
  const whole = readAll(new EventStreamDecoder(), [stream]);
  assert.deepEqual(
    whole.map((message) => message.headers[':event-type']),
    ['messageStart', 'empty', 'metadata'],
  );
  assert.equal(new TextDecoder().decode(whole[2]?.payload), '{"usage":{"inputTokens":3}}');
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 }), (cuts) => {
      const borders = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const chunks = borders.slice(1).map((end, index) => stream.subarray(borders[index], end));
      const decoder = new EventStreamDecoder();
      assert.deepEqual(readAll(decoder, chunks), whole);
      assert.equal(decoder.pendingBytes, 0);
    }),
    { numRuns: 2000 },
  );
});

test('a payload given out survives the chunks that come after it', () => {
  const decoder = new EventStreamDecoder();
  const [first] = decoder.push(event('one', 'first payload'));
  for (const byte of event('two', 'SECOND PAYLOAD, LONGER THAN THE FIRST')) decoder.push(Uint8Array.of(byte));
  assert.equal(new TextDecoder().decode(first?.payload), 'first payload');
});

test('a stream cut at any byte gives the whole messages before the cut and says that more was coming', () => {
  const borders = [0, event('messageStart', '{"role":"assistant"}').length];
  borders.push((borders[1] as number) + event('empty', '').length, stream.length);
  for (let cut = 0; cut <= stream.length; cut++) {
    const decoder = new EventStreamDecoder();
    const messages = readAll(decoder, [stream.subarray(0, cut)]);
    const border = borders.filter((at) => at <= cut);
    assert.equal(messages.length, border.length - 1);
    assert.equal(decoder.pendingBytes, cut - (border.at(-1) as number));
    assert.equal(decoder.intact, true);
  }
});

test('a flipped bit anywhere is noticed, and nothing after it is believed', () => {
  for (let bit = 0; bit < stream.length * 8; bit++) {
    const damaged = Buffer.from(stream);
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    const decoder = new EventStreamDecoder();
    const messages = readAll(decoder, [damaged, stream]);
    assert.equal(decoder.intact, false, `bit ${bit}`);
    assert.ok(messages.length < 3);
    assert.equal(decoder.pendingBytes, 0);
  }
});

test('all ten header types are stepped over; only strings are kept', () => {
  const message = encodeMessage(
    [
      ['true', Buffer.from([0])],
      ['false', Buffer.from([1])],
      ['byte', Buffer.from([2, 9])],
      ['short', Buffer.from([3, 9, 9])],
      ['integer', Buffer.from([4, 9, 9, 9, 9])],
      ['long', Buffer.from([5, 1, 2, 3, 4, 5, 6, 7, 8])],
      ['bytes', Buffer.from([6, 0, 2, 9, 9])],
      ['time', Buffer.from([8, 1, 2, 3, 4, 5, 6, 7, 8])],
      ['uuid', Buffer.concat([Buffer.from([9]), Buffer.alloc(16)])],
      ['kept', stringValue('yes')],
    ],
    Buffer.from('x'),
  );
  assert.deepEqual(
    new EventStreamDecoder().push(message).map((each) => each.headers),
    [{ kept: 'yes' }],
  );
});

test('headers that do not fit their space, though the checksums hold, end the stream', () => {
  const cases: readonly (readonly [string, Buffer])[] = [
    ['unknown type', Buffer.from([10])],
    ['value longer than the headers', Buffer.from([5, 1])],
    ['no length', Buffer.from([7, 0])],
    ['string longer than the headers', Buffer.from([7, 0, 9, 65])],
    ['no value', Buffer.alloc(0)],
  ];
  for (const [name, value] of cases) {
    const decoder = new EventStreamDecoder();
    assert.deepEqual(decoder.push(encodeMessage([['a', value]], Buffer.from('x'))), [], name);
    assert.equal(decoder.intact, false, name);
  }
});

test('a length beyond the protocol is refused at once, not waited for', () => {
  const cases: readonly (readonly [number, number, boolean])[] = [
    [16, 0, true],
    [15, 0, false],
    [16 + 24 * 1024 * 1024, 0, true],
    [17 + 24 * 1024 * 1024, 0, false],
    [16 + 128 * 1024, 128 * 1024, true],
    [17 + 128 * 1024, 128 * 1024 + 1, false],
    [100, 85, false],
  ];
  for (const [total, headers, accepted] of cases) {
    const prelude = Buffer.alloc(12);
    prelude.writeUInt32BE(total, 0);
    prelude.writeUInt32BE(headers, 4);
    prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
    const decoder = new EventStreamDecoder();
    decoder.push(prelude);
    assert.equal(decoder.intact, accepted, `${total}/${headers}`);
  }
});
