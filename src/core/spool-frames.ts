import { crc32c } from './crc32c.ts';
import type { EndingRequest } from './ending.ts';

/**
 * One ending in a spool file: marker, length, CRC-32C over length and payload, payload (JSON, money as decimal strings).
 * Whole numbers are little-endian, 32 bits. The marker lets a reader find the next frame behind a damaged one.
 */
const marker = Buffer.from('NCs1');
const headBytes = 12;
/** An ending with a raw usage and a charge in it has some 20 kB. */
export const payloadBytesMax = 1 << 20;

export interface SpooledEnding {
  /** When it was kept, epoch milliseconds by this machine's clock. */
  readonly at: number;
  /** Whose it is: a spool that stands beside another ledger is not booked there. */
  readonly ledgerId: string;
  readonly request: EndingRequest;
}

export function encodeFrame(ending: SpooledEnding): Buffer {
  const payload = Buffer.from(encodeEnding(ending));
  const frame = Buffer.alloc(headBytes + payload.length);
  marker.copy(frame, 0);
  frame.writeUInt32LE(payload.length, 4);
  payload.copy(frame, headBytes);
  frame.writeUInt32LE(checksum(frame), 8);
  return frame;
}

export interface ReadFrames {
  readonly endings: readonly SpooledEnding[];
  /** Stretches that are no frame: torn at the end, or damaged anywhere. */
  readonly damaged: readonly { readonly offset: number; readonly bytes: Buffer }[];
}

/** Every whole frame, whatever stands between and behind them. Never throws. */
export function readFrames(file: Buffer): ReadFrames {
  const endings: SpooledEnding[] = [];
  const damaged: { offset: number; bytes: Buffer }[] = [];
  let badFrom: number | null = null;
  for (let offset = 0; offset < file.length; ) {
    const frame = frameAt(file, offset);
    if (frame === null) {
      badFrom ??= offset;
      const next = file.indexOf(marker, offset + 1);
      offset = next < 0 ? file.length : next;
      continue;
    }
    if (badFrom !== null) damaged.push({ offset: badFrom, bytes: file.subarray(badFrom, offset) });
    badFrom = null;
    endings.push(frame.ending);
    offset += frame.bytes;
  }
  if (badFrom !== null) damaged.push({ offset: badFrom, bytes: file.subarray(badFrom) });
  return { endings, damaged };
}

function frameAt(file: Buffer, offset: number): { ending: SpooledEnding; bytes: number } | null {
  if (file.length - offset < headBytes || file.compare(marker, 0, 4, offset, offset + 4) !== 0) return null;
  const length = file.readUInt32LE(offset + 4);
  if (length > payloadBytesMax || offset + headBytes + length > file.length) return null;
  const frame = file.subarray(offset, offset + headBytes + length);
  if (frame.readUInt32LE(8) !== checksum(frame)) return null;
  try {
    return { ending: decodeEnding(frame.toString('utf8', headBytes)), bytes: frame.length };
  } catch {
    // Written whole, and yet not ours to read: a later version's, perhaps. It is kept with what is damaged.
    return null;
  }
}

function checksum(frame: Buffer): number {
  return crc32c(Buffer.concat([frame.subarray(4, 8), frame.subarray(headBytes)]));
}

/** The fields of a request that hold quantities by measure. */
const quantityFields = ['quantities', 'ends', 'keep'] as const;

function encodeEnding({ at, ledgerId, request }: SpooledEnding): string {
  return JSON.stringify({ at, ledgerId, request }, (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

function decodeEnding(text: string): SpooledEnding {
  const { at, ledgerId, request } = JSON.parse(text);
  for (const field of quantityFields) {
    if (request[field] === undefined) continue;
    request[field] = Object.fromEntries(
      Object.entries<string>(request[field]).map(([measure, quantity]) => [measure, BigInt(quantity)]),
    );
  }
  if (request.caps) {
    request.caps = request.caps.map((cap: { id: string; max: string }) => ({ ...cap, max: BigInt(cap.max) }));
  }
  if (request.entry && request.entry.nanocents !== null)
    request.entry.nanocents = BigInt(request.entry.nanocents);
  if (!['settle', 'capture', 'void'].includes(request.kind)) throw new TypeError('no ending');
  return { at, ledgerId, request };
}
