/**
 * The binary framing of Bedrock's streams (`application/vnd.amazon.eventstream`), as AWS publishes it:
 * https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream
 * and https://smithy.io/2.0/aws/amazon-eventstream.html (both from the researched notes, 2026-11-22).
 *
 *   total length u32 · headers length u32 · CRC-32 of these 8 bytes · headers · payload · CRC-32 of all before
 */
export interface EventStreamMessage {
  /** Headers whose value is a string, such as `:event-type`; the protocol's other value types are left out. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
}

const preludeBytes = 12;
const checksumBytes = 4;
/** The protocol's own bounds: headers of 128 KiB, a payload of 24 MiB. */
const headersBytesMax = 128 * 1024;
const payloadBytesMax = 24 * 1024 * 1024;

/** Feed it bytes in any chunking; it gives the messages that became complete and whose checksums hold. */
export class EventStreamDecoder {
  /** False once a length or checksum was wrong: message borders are lost, and what follows cannot be trusted. */
  intact = true;
  #buffer: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  /** Length of the message at `#start` once its prelude has been checked; 0 before. */
  #messageBytes = 0;
  readonly #table = crcTable();

  push(bytes: Uint8Array): readonly EventStreamMessage[] {
    if (!this.intact) return [];
    this.#append(bytes);
    const messages: EventStreamMessage[] = [];
    for (let message = this.#next(); message !== null; message = this.#next()) messages.push(message);
    return messages;
  }

  /** Bytes of a message that has not arrived whole: above zero at the end of a stream, the stream was cut. */
  get pendingBytes(): number {
    return this.#end - this.#start;
  }

  #append(bytes: Uint8Array): void {
    const needed = this.pendingBytes + bytes.length;
    if (this.#end + bytes.length > this.#buffer.length) {
      const grown = needed > this.#buffer.length ? new Uint8Array(needed * 2) : this.#buffer;
      // copyWithin semantics: set() handles overlap when the buffer is compacted in place.
      grown.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = grown;
      this.#end = this.pendingBytes;
      this.#start = 0;
    }
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #next(): EventStreamMessage | null {
    if (this.#messageBytes === 0 && !this.#readPrelude()) return null;
    if (this.pendingBytes < this.#messageBytes) return null;
    const message = this.#buffer.subarray(this.#start, this.#start + this.#messageBytes);
    const view = viewOf(message);
    const checkedBytes = message.length - checksumBytes;
    if (crc32(this.#table, message.subarray(0, checkedBytes)) !== view.getUint32(checkedBytes)) {
      return this.#lose();
    }
    const headersEnd = preludeBytes + view.getUint32(4);
    const headers = readHeaders(message.subarray(preludeBytes, headersEnd));
    if (headers === null) return this.#lose();
    // A copy: the buffer is written over by later chunks.
    const payload = message.slice(headersEnd, checkedBytes);
    this.#start += message.length;
    this.#messageBytes = 0;
    return { headers, payload };
  }

  #readPrelude(): boolean {
    if (this.pendingBytes < preludeBytes) return false;
    const prelude = this.#buffer.subarray(this.#start, this.#start + preludeBytes);
    const view = viewOf(prelude);
    const totalBytes = view.getUint32(0);
    const headersBytes = view.getUint32(4);
    const payloadBytes = totalBytes - headersBytes - preludeBytes - checksumBytes;
    const sane = headersBytes <= headersBytesMax && payloadBytes >= 0 && payloadBytes <= payloadBytesMax;
    if (!sane || crc32(this.#table, prelude.subarray(0, 8)) !== view.getUint32(8)) {
      this.#lose();
      return false;
    }
    this.#messageBytes = totalBytes;
    return true;
  }

  #lose(): null {
    this.intact = false;
    this.#buffer = new Uint8Array(0);
    this.#start = 0;
    this.#end = 0;
    return null;
  }
}

const stringType = 7;
/** Bytes of a header's value by type: true, false, byte, short, integer, long, bytes, string, timestamp, uuid. */
const valueBytes: readonly (number | 'prefixed')[] = [0, 0, 1, 2, 4, 8, 'prefixed', 'prefixed', 8, 16];

/** null when the headers do not fill their space exactly. */
function readHeaders(bytes: Uint8Array): Record<string, string> | null {
  const view = viewOf(bytes);
  const text = new TextDecoder();
  const headers: Record<string, string> = {};
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + view.getUint8(at);
    if (nameEnd >= bytes.length) return null;
    const type = view.getUint8(nameEnd);
    let valueStart = nameEnd + 1;
    let length = valueBytes[type];
    if (length === undefined) return null;
    if (length === 'prefixed') {
      if (valueStart + 2 > bytes.length) return null;
      length = view.getUint16(valueStart);
      valueStart += 2;
    }
    const valueEnd = valueStart + length;
    if (valueEnd > bytes.length) return null;
    if (type === stringType) {
      headers[text.decode(bytes.subarray(at + 1, nameEnd))] = text.decode(
        bytes.subarray(valueStart, valueEnd),
      );
    }
    at = valueEnd;
  }
  return headers;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The reflected polynomial of CRC-32 (ISO 3309), as zip and Ethernet use it. */
const polynomial = 0xedb88320;

function crcTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let index = 0; index < 256; index++) {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    table[index] = value;
  }
  return table;
}

function crc32(table: Uint32Array, bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ (table[(value ^ byte) & 0xff] as number);
  return (value ^ 0xffffffff) >>> 0;
}
