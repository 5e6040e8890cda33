import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unknownEntry } from './booked-entry.ts';
import { crc32c } from './crc32c.ts';
import type { EndingRequest } from './ending.ts';
import { encodeFrame, readFrames, type SpooledEnding } from './spool-frames.ts';

const ending = (id: string, nanocents: bigint): SpooledEnding => ({
  at: 1_795_348_800_000,
  ledgerId: 'a'.repeat(32),
  request: { kind: 'settle', id, quantities: { cost: nanocents }, attributes: null, entry: null },
});

test('CRC-32C gives the check value of its standard', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.equal(crc32c(Buffer.alloc(0)), 0);
});

test('an ending comes back as it was, every digit of it', () => {
  const entry = {
    ...unknownEntry,
    id: '1',
    at: 5,
    callId: 'c',
    reservationId: 'r',
    salt: 's',
    model: 'm',
    requestedModel: null,
    provider: null,
    endpoint: null,
    caller: null,
    username: 'Ünï NCs1',
    project: null,
    session: null,
    purpose: null,
    key: null,
    tags: { nanocents: '12' },
    nanocents: 9_223_372_036_854_775_807n,
  };
  const requests: EndingRequest[] = [
    { kind: 'settle', id: 'r', quantities: { cost: 9_007_199_254_740_993n }, attributes: null, entry },
    {
      kind: 'capture',
      id: 'r',
      quantities: { cost: 1n },
      ends: { requests: 1n },
      caps: [{ id: 'run', max: 2_000_000_000_000n }],
      attributes: { model: 'm' },
      entry: { ...entry, nanocents: null },
    },
    { kind: 'void', id: 'r', keep: { requests: 1n } },
  ];
  const spooled = requests.map((request) => ({ ...ending('r', 0n), request }));
  const read = readFrames(Buffer.concat(spooled.map(encodeFrame)));
  assert.deepEqual(read, { endings: spooled, damaged: [] });
});

test('torn at every byte: the frames before it are whole, the rest is kept as damaged, nothing is thrown', () => {
  const frames = [ending('one', 1n), ending('two', 2n), ending('three', 3n)].map(encodeFrame);
  const file = Buffer.concat(frames);
  for (let length = 0; length <= file.length; length++) {
    const { endings, damaged } = readFrames(file.subarray(0, length));
    let whole = 0;
    let end = 0;
    while (whole < frames.length && end + frames[whole]!.length <= length) end += frames[whole++]!.length;
    assert.equal(endings.length, whole, `cut at ${length}`);
    assert.equal(Buffer.concat(damaged.map(({ bytes }) => bytes)).length, length - end);
  }
});

test('any one byte changed anywhere loses one ending at most, and that one is kept as damaged', () => {
  const frames = [ending('one', 1n), ending('two', 2n), ending('three', 3n)].map(encodeFrame);
  const file = Buffer.concat(frames);
  for (let at = 0; at < file.length; at++) {
    const changed = Buffer.from(file);
    changed[at]! ^= 0x41;
    const { endings, damaged } = readFrames(changed);
    const hit = at < frames[0]!.length ? 0 : at < frames[0]!.length + frames[1]!.length ? 1 : 2;
    const expected = ['one', 'two', 'three'].filter((_, index) => index !== hit);
    assert.deepEqual(
      endings.map(({ request }) => request.id),
      expected,
      `byte ${at}`,
    );
    assert.equal(Buffer.concat(damaged.map(({ bytes }) => bytes)).length, frames[hit]!.length);
  }
});

test('noise is no ending, whatever markers stand in it', () => {
  const noise = Buffer.concat(Array.from({ length: 1000 }, (_, index) => Buffer.from(`NCs1${index}`)));
  const { endings, damaged } = readFrames(Buffer.concat([noise, encodeFrame(ending('one', 1n)), noise]));
  assert.equal(endings.length, 1);
  assert.equal(damaged.length, 2);
});
