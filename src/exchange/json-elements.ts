import { createReadStream } from 'node:fs';

/** Longer elements are reported and passed over, in characters. */
export const elementCharactersMax = 16 * 1024 * 1024;

export interface JsonElement {
  /** From 1. */
  readonly number: number;
  /** JSON text; empty where it is too long. */
  readonly text: string;
  readonly tooLong: boolean;
}

/**
 * The objects of one JSON array, as texts, a chunk's worth at a time: the array may be larger than memory. What stands before
 * the array's bracket is passed over. Bytes counts what was read.
 */
export async function* jsonElements(
  path: string,
): AsyncGenerator<{ readonly elements: readonly JsonElement[]; readonly bytes: number }> {
  const scan = new ElementScan();
  const stream = createReadStream(path, { encoding: 'utf8', highWaterMark: 256 * 1024 });
  for await (const chunk of stream) {
    const elements = scan.feed(chunk as string);
    if (elements.length > 0) yield { elements, bytes: stream.bytesRead };
    if (scan.ended) break;
  }
  const rest = scan.rest();
  if (rest !== null) yield { elements: [rest], bytes: stream.bytesRead };
}

class ElementScan {
  ended = false;
  #inArray = false;
  #depth = 0;
  #inText = false;
  #escaped = false;
  #kept = '';
  #tooLong = false;
  #number = 0;

  feed(chunk: string): JsonElement[] {
    const found: JsonElement[] = [];
    let start = this.#depth > 0 ? 0 : -1;
    for (let at = 0; at < chunk.length && !this.ended; at += 1) {
      const code = chunk.charCodeAt(at);
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (code === backslash) this.#escaped = true;
        else if (code === quote) this.#inText = false;
      } else if (code === quote) this.#inText = true;
      else if (!this.#inArray) this.#inArray = code === openBracket;
      else if (code === openBrace || code === openBracket) {
        if (this.#depth === 0) start = at;
        this.#depth += 1;
      } else if (code === closeBrace || code === closeBracket) {
        this.#depth -= 1;
        if (this.#depth < 0) this.ended = true;
        else if (this.#depth === 0) {
          found.push(this.#element(chunk.slice(start, at + 1)));
          start = -1;
        }
      }
    }
    if (start !== -1) this.#keep(chunk.slice(start));
    return found;
  }

  /** An element that the file ends inside of. */
  rest(): JsonElement | null {
    return this.#depth > 0 ? this.#element('') : null;
  }

  #keep(text: string): void {
    if (this.#kept.length + text.length > elementCharactersMax) this.#tooLong = true;
    this.#kept = this.#tooLong ? '' : this.#kept + text;
  }

  #element(end: string): JsonElement {
    this.#keep(end);
    this.#number += 1;
    const element = { number: this.#number, text: this.#kept, tooLong: this.#tooLong };
    this.#kept = '';
    this.#tooLong = false;
    return element;
  }
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
