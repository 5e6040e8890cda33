import { closeSync, openSync, readSync } from 'node:fs';

/** Read at a time; fits the processor's second cache. */
const windowBytes = 256 * 1024;
/** Longer lines are passed over: no line with usage is that long, only lines with pictures in them. */
export const lineBytesMax = 32 * 1024 * 1024;

const lineFeed = 10;

export interface LineReader {
  /**
   * Every line of a file that holds one of the patterns, one byte a character, in order. Lines that hold none are never made into
   * texts. Returns how many lines were too long to look at. Throws what the file system throws.
   */
  read(path: string, patterns: readonly Buffer[], onLine: (line: string) => void): number;
}

/** Keeps one buffer for all files. */
export function openLineReader(): LineReader {
  let buffer = Buffer.allocUnsafe(windowBytes);
  return {
    read(path, patterns, onLine) {
      const descriptor = openSync(path, 'r');
      let filled = 0;
      let tooLong = 0;
      let skipping = false;
      try {
        for (;;) {
          const read = readSync(descriptor, buffer, filled, buffer.length - filled, null);
          filled += read;
          const whole = read === 0 ? filled : buffer.lastIndexOf(lineFeed, filled - 1) + 1;
          if (whole === 0 && read > 0) {
            if (filled < buffer.length) continue;
            if (buffer.length < lineBytesMax) {
              buffer = Buffer.concat([buffer], buffer.length * 2);
              continue;
            }
            skipping = true;
            filled = 0;
            continue;
          }
          const lines = buffer.subarray(0, whole);
          emit(skipping ? afterFirstLine(lines) : lines, patterns, onLine);
          if (skipping) tooLong += 1;
          skipping = false;
          buffer.copy(buffer, 0, whole, filled);
          filled -= whole;
          if (read === 0) return tooLong;
        }
      } finally {
        closeSync(descriptor);
        if (buffer.length > windowBytes) buffer = Buffer.allocUnsafe(windowBytes);
      }
    },
  };
}

function afterFirstLine(lines: Buffer): Buffer {
  const end = lines.indexOf(lineFeed);
  return lines.subarray(end === -1 ? lines.length : end + 1);
}

function emit(lines: Buffer, patterns: readonly Buffer[], onLine: (line: string) => void): void {
  const next = patterns.map((pattern) => lines.indexOf(pattern));
  for (;;) {
    let found = -1;
    for (const at of next) if (at !== -1 && (found === -1 || at < found)) found = at;
    if (found === -1) return;
    const from = found === 0 ? 0 : lines.lastIndexOf(lineFeed, found) + 1;
    const lineEnd = lines.indexOf(lineFeed, found);
    const to = lineEnd === -1 ? lines.length : lineEnd;
    onLine(lines.toString('latin1', from, to));
    for (let index = 0; index < next.length; index += 1) {
      if (next[index]! !== -1 && next[index]! < to) next[index] = lines.indexOf(patterns[index]!, to);
    }
  }
}
