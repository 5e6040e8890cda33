import { crc32 } from 'node:zlib';

/** Written from the protocol's page alone, with zlib's CRC, so that the decoder is checked against another hand. */
export function encodeMessage(headers: readonly (readonly [string, Buffer])[], payload: Uint8Array): Buffer {
  const head = Buffer.concat(
    headers.map(([name, value]) => Buffer.concat([Buffer.from([name.length]), Buffer.from(name), value])),
  );
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + head.length + payload.length, 0);
  prelude.writeUInt32BE(head.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const body = Buffer.concat([prelude, head, payload]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([body, checksum]);
}

export function stringValue(text: string): Buffer {
  const value = Buffer.alloc(3 + Buffer.byteLength(text));
  value[0] = 7;
  value.writeUInt16BE(Buffer.byteLength(text), 1);
  value.write(text, 3);
  return value;
}

/** One event of a Bedrock stream. */
export function encodeEvent(type: string, payload: string): Buffer {
  return encodeMessage(
    [
      [':event-type', stringValue(type)],
      [':message-type', stringValue('event')],
    ],
    Buffer.from(payload),
  );
}
