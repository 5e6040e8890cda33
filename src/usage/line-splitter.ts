/**
 * Cuts text (one char per byte, in any chunking) into lines that end in LF, CR or CRLF; a byte order mark before the
 * first is dropped. A line over the bound is passed over.
 */
export class LineSplitter {
  readonly #line: (line: string) => void;
  readonly #tooLong: () => void;
  readonly #lineBytesMax: number;
  /** The start of a line whose end has not come; never searched again. */
  #carry = '';
  #overlong = false;
  #afterReturn = false;
  #first = true;

  constructor(lineBytesMax: number, line: (line: string) => void, tooLong: () => void) {
    this.#lineBytesMax = lineBytesMax;
    this.#line = line;
    this.#tooLong = tooLong;
  }

  push(text: string): void {
    if (text === '') return;
    let start = this.#afterReturn && text.charCodeAt(0) === lineFeed ? 1 : 0;
    this.#afterReturn = false;
    let feed = text.indexOf('\n', start);
    let back = text.indexOf('\r', start);
    while (feed !== -1 || back !== -1) {
      const isReturn = back !== -1 && (feed === -1 || back < feed);
      const end = isReturn ? back : feed;
      this.#complete(text.slice(start, end));
      start = end + 1;
      if (isReturn) {
        if (start === text.length) this.#afterReturn = true;
        else if (feed === start) start += 1;
        back = text.indexOf('\r', start);
      }
      if (feed !== -1 && feed < start) feed = text.indexOf('\n', start);
    }
    if (start < text.length) this.#keep(start === 0 ? text : text.slice(start));
  }

  /** The line that has begun, without its end. */
  rest(): string {
    const rest = this.#withoutMark(this.#carry);
    this.#carry = '';
    return rest;
  }

  #complete(end: string): void {
    const line = this.#withoutMark(this.#carry === '' ? end : this.#carry + end);
    this.#carry = '';
    this.#first = false;
    const overlong = this.#overlong || line.length > this.#lineBytesMax;
    this.#overlong = false;
    if (overlong) this.#tooLong();
    else this.#line(line);
  }

  #keep(start: string): void {
    if (this.#overlong) return;
    this.#carry += start;
    if (this.#carry.length <= this.#lineBytesMax + byteOrderMark.length) return;
    this.#carry = '';
    this.#overlong = true;
  }

  get overlong(): boolean {
    return this.#overlong;
  }

  #withoutMark(line: string): string {
    return this.#first && line.startsWith(byteOrderMark) ? line.slice(byteOrderMark.length) : line;
  }
}

/** UTF-8's mark, one char per byte. */
export const byteOrderMark = '\xef\xbb\xbf';
const lineFeed = 10;
