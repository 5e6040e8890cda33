/** Longer lines are not kept: their beginning stands for them. 1 MiB. */
export const lineBytesMax = 1_048_576;

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  readonly tooLong: boolean;
}

/** Lines of a byte stream, one at a time, in bounded memory; CRLF and a missing last line feed are fine. */
export async function* readLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 0;
  let kept: Uint8Array[] = [];
  let bytes = 0;
  const end = (): Line => {
    number += 1;
    const text = Buffer.concat(kept).toString('utf8').replace(/\r$/, '');
    const line = {
      number,
      text: number === 1 ? text.replace(/^\ufeff/, '') : text,
      tooLong: bytes > lineBytesMax,
    };
    kept = [];
    bytes = 0;
    return line;
  };
  for await (const chunk of input) {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, at));
      yield end();
      from = at + 1;
    }
    keep(chunk.subarray(from));
  }
  if (bytes > 0) yield end();

  function keep(part: Uint8Array): void {
    const room = lineBytesMax - bytes;
    if (room > 0 && part.length > 0) kept.push(part.subarray(0, room));
    bytes += part.length;
  }
}
