/**
 * Texts one after the other as bytes: thousands of them are three arrays, which cross a thread as they are and which no collector
 * has to carry from one place to the next.
 */
export interface TextCells {
  /** UTF-8. */
  readonly bytes: Uint8Array;
  /** Where in `bytes` each cell ends; it begins where the one before ends. */
  readonly ends: Uint32Array;
  /** 0 where the cell is null. */
  readonly isGiven: Uint8Array;
}

const firstBytesPerCell = 96;
/** UTF-8 of one UTF-16 unit. */
const bytesPerUnitMax = 3;

/** Cells that are filled one by one, `capacity` of them at most. */
export function openTextCells(capacity: number): { add(text: string | null): void; finish(): TextCells } {
  const ends = new Uint32Array(capacity);
  const isGiven = new Uint8Array(capacity);
  let bytes = Buffer.allocUnsafeSlow(capacity * firstBytesPerCell);
  let used = 0;
  let count = 0;
  return {
    add(text) {
      if (text !== null) {
        roomFor(text.length * bytesPerUnitMax);
        used += bytes.write(text, used, 'utf8');
        isGiven[count] = 1;
      }
      ends[count++] = used;
    },
    finish: () => ({
      // Copied: what crosses a thread is the whole memory that a view is of.
      bytes: new Uint8Array(bytes.subarray(0, used)),
      ends: ends.subarray(0, count),
      isGiven: isGiven.subarray(0, count),
    }),
  };

  function roomFor(length: number): void {
    if (used + length <= bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, used + length));
    bytes.copy(larger, 0, 0, used);
    bytes = larger;
  }
}

/** Reads cells by their number. */
export function textReader({ bytes, ends, isGiven }: TextCells): (cell: number) => string | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (cell) =>
    isGiven[cell] === 0 ? null : buffer.toString('utf8', cell === 0 ? 0 : ends[cell - 1]!, ends[cell]!);
}
