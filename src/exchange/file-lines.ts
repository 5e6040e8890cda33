import { type FileHandle, open } from 'node:fs/promises';

/** Longer lines are reported and passed over: 16 MiB. */
export const lineBytesMax = 16 * 1024 * 1024;
/** Read at once. */
const chunkBytes = 256 * 1024;

export interface FileLine {
  /** From 1. */
  readonly number: number;
  /** Without its line end; empty where `tooLong`. */
  readonly text: string;
  readonly tooLong: boolean;
  /** Bytes of the file up to behind this line's end. */
  readonly end: number;
  /** False for a last line whose line feed is not there yet: it may still be growing. */
  readonly ended: boolean;
}

/** Lines of a file from an offset on, a chunk's worth at a time, in bounded memory. Throws what the file system throws. */
export async function* fileLines(
  path: string,
  from: { readonly offset: number; readonly lines: number } = { offset: 0, lines: 0 },
): AsyncGenerator<readonly FileLine[]> {
  const file = await open(path, 'r');
  try {
    yield* linesOf(file, from);
  } finally {
    await file.close();
  }
}

async function* linesOf(
  file: FileHandle,
  from: { readonly offset: number; readonly lines: number },
): AsyncGenerator<readonly FileLine[]> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let number = from.lines;
  let offset = from.offset;
  const keep = (part: Buffer) => {
    keptBytes += part.length;
    // The chunk is read into again; a line of one chunk is never copied.
    if (keptBytes <= lineBytesMax) kept.push(Buffer.from(part));
    else kept = [];
  };
  const line = (part: Buffer, end: number, ended: boolean): FileLine => {
    const tooLong = keptBytes + part.length > lineBytesMax;
    const bytes = kept.length === 0 ? part : Buffer.concat([...kept, part]);
    const text = tooLong ? '' : textOf(bytes, number === 0);
    number += 1;
    kept = [];
    keptBytes = 0;
    return { number, text, tooLong, end, ended };
  };
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunkBytes, offset);
    if (bytesRead === 0) break;
    const read = chunk.subarray(0, bytesRead);
    const lines: FileLine[] = [];
    let start = 0;
    for (let at = read.indexOf(10); at !== -1; at = read.indexOf(10, start)) {
      lines.push(line(read.subarray(start, at), offset + at + 1, true));
      start = at + 1;
    }
    if (start < bytesRead) keep(read.subarray(start));
    offset += bytesRead;
    if (lines.length > 0) yield lines;
  }
  if (keptBytes > 0) yield [line(Buffer.alloc(0), offset, false)];
}

function textOf(bytes: Buffer, first: boolean): string {
  const from = first && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const to = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length;
  return bytes.toString('utf8', from, to);
}
