import { EventStreamDecoder } from './eventstream.ts';
import { byteOrderMark, LineSplitter } from './line-splitter.ts';
import { readableJson } from './salvage.ts';

/** How a body is cut into payloads; `auto` decides by its first bytes. */
export type Framing = 'json' | 'sse' | 'lines' | 'eventstream' | 'auto';

/**
 * Cuts bytes into payloads. Text is held as one char per byte (latin1): cutting is by ASCII characters, so a
 * character of several bytes may be split anywhere without harm, and only payloads worth parsing are decoded.
 */
export interface Framer {
  push(bytes: Uint8Array): void;
  /** No more will come. */
  end(): void;
}

export interface PayloadSink {
  /** A payload, one char per byte. */
  payload(text: string): void;
  /** What was left without its end when no more came. It may still be whole. */
  tail(text: string): void;
  /** Something was passed over because it is larger than its bound, or unreadable. */
  lost(what: string): void;
}

export interface FramingBounds {
  /** Longest payload of a stream, in bytes; a longer one is passed over. */
  readonly eventBytesMax: number;
  /** Longest JSON body, in bytes. */
  readonly bodyBytesMax: number;
}

export const defaultBounds: FramingBounds = { eventBytesMax: 1024 * 1024, bodyBytesMax: 64 * 1024 * 1024 };

export function openFramer(framing: Framing, sink: PayloadSink, bounds: FramingBounds): Framer {
  switch (framing) {
    case 'json':
      return new BodyFramer(sink, bounds.bodyBytesMax);
    case 'sse':
      return new SseFramer(sink, bounds.eventBytesMax);
    case 'lines':
      return new LinesFramer(sink, bounds.eventBytesMax);
    case 'eventstream':
      return new EventStreamFramer(sink);
    case 'auto':
      return new AutoFramer(sink, bounds);
  }
}

/** One char per byte → text. */
export function textOf(latin1: string): string {
  return nonAscii.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
}

const nonAscii = /[\x80-\xff]/;

function latin1Of(bytes: Uint8Array): string {
  return latin1Slice.call(bytes, 0, bytes.byteLength);
}

/** What `toString('latin1')` calls; here without a Buffer around every chunk, which costs as much again. */
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
};

/** Server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html (checked 2026-11-22). */
class SseFramer implements Framer {
  readonly #sink: PayloadSink;
  readonly #eventBytesMax: number;
  readonly #lines: LineSplitter;
  #data: string | null = null;
  #tooLong = false;

  constructor(sink: PayloadSink, eventBytesMax: number) {
    this.#sink = sink;
    this.#eventBytesMax = eventBytesMax;
    // A line is its payload and the field's name.
    this.#lines = new LineSplitter(eventBytesMax + 'data: '.length, (line) => this.#line(line), this.#skip);
  }

  push(bytes: Uint8Array): void {
    this.#lines.push(latin1Of(bytes));
  }

  end(): void {
    if (this.#lines.overlong) this.#skip();
    const rest = this.#lines.rest();
    if (rest !== '') this.#line(rest);
    if (this.#tooLong) this.#dispatch();
    else if (this.#data !== null) this.#sink.tail(this.#data);
    else if (rest !== '') this.#sink.tail(rest);
  }

  #line(line: string): void {
    if (line === '') this.#dispatch();
    else if (line.startsWith('data') && (line.length === 4 || line[4] === ':')) this.#append(line);
  }

  #append(line: string): void {
    const value = line.slice(line[5] === ' ' ? 6 : 5);
    const data = this.#data === null ? value : `${this.#data}\n${value}`;
    if (data.length > this.#eventBytesMax) this.#skip();
    else this.#data = data;
  }

  readonly #skip = (): void => {
    this.#tooLong = true;
    this.#data = null;
  };

  #dispatch(): void {
    if (this.#tooLong) this.#sink.lost(`an event of more than ${this.#eventBytesMax} bytes was passed over`);
    else if (this.#data !== null) this.#sink.payload(this.#data);
    this.#tooLong = false;
    this.#data = null;
  }
}

/** One payload per line. */
class LinesFramer implements Framer {
  readonly #sink: PayloadSink;
  readonly #lines: LineSplitter;
  readonly #tooLong: () => void;

  constructor(sink: PayloadSink, lineBytesMax: number) {
    this.#sink = sink;
    this.#tooLong = () => sink.lost(`a line of more than ${lineBytesMax} bytes was passed over`);
    this.#lines = new LineSplitter(lineBytesMax, (line) => this.#line(line), this.#tooLong);
  }

  push(bytes: Uint8Array): void {
    this.#lines.push(latin1Of(bytes));
  }

  end(): void {
    if (this.#lines.overlong) this.#tooLong();
    const rest = this.#lines.rest();
    if (rest !== '') this.#sink.tail(rest);
  }

  #line(line: string): void {
    if (line !== '') this.#sink.payload(line);
  }
}

/** One body; its payload is the whole of it. */
class BodyFramer implements Framer {
  readonly #sink: PayloadSink;
  readonly #bodyBytesMax: number;
  #chunks: string[] = [];
  #bytes = 0;

  constructor(sink: PayloadSink, bodyBytesMax: number) {
    this.#sink = sink;
    this.#bodyBytesMax = bodyBytesMax;
  }

  push(bytes: Uint8Array): void {
    this.#bytes += bytes.byteLength;
    if (this.#bytes <= this.#bodyBytesMax) this.#chunks.push(latin1Of(bytes));
    else this.#chunks = [];
  }

  end(): void {
    if (this.#bytes > this.#bodyBytesMax) {
      this.#sink.lost(`a body of more than ${this.#bodyBytesMax} bytes was passed over`);
    } else if (this.#bytes > 0) {
      const body = this.#chunks.join('');
      this.#sink.tail(body.startsWith(byteOrderMark) ? body.slice(byteOrderMark.length) : body);
    }
    this.#chunks = [];
  }
}

/** Binary event streams: a message's payload, or the inner payload where it wraps one in base64 (`{"bytes":…}`). */
class EventStreamFramer implements Framer {
  readonly #sink: PayloadSink;
  readonly #decoder = new EventStreamDecoder();

  constructor(sink: PayloadSink) {
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    for (const message of this.#decoder.push(bytes)) {
      const payload = latin1Of(message.payload);
      const wrapped = /^\s*\{\s*"bytes"\s*:\s*"([A-Za-z0-9+/=]*)"/.exec(payload)?.[1];
      this.#sink.payload(wrapped === undefined ? payload : Buffer.from(wrapped, 'base64').toString('latin1'));
    }
  }

  end(): void {
    if (!this.#decoder.intact)
      this.#sink.lost('the binary event stream is damaged: a length or checksum is wrong');
    else if (this.#decoder.pendingBytes > 0) this.#sink.tail('');
  }
}

/** Holds back the beginning until it shows what it is, then hands everything to the framer for that. */
class AutoFramer implements Framer {
  readonly #sink: PayloadSink;
  readonly #bounds: FramingBounds;
  #held: Uint8Array[] = [];
  #start = '';
  #framer: Framer | null = null;

  constructor(sink: PayloadSink, bounds: FramingBounds) {
    this.#sink = sink;
    this.#bounds = bounds;
  }

  push(bytes: Uint8Array): void {
    if (this.#framer === null) this.#hold(bytes);
    else this.#framer.push(bytes);
  }

  end(): void {
    if (this.#framer === null) this.#decide(framingOf(this.#start, true));
    this.#framer?.end();
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes.slice());
    this.#start += latin1Of(bytes);
    this.#decide(framingOf(this.#start, this.#start.length > firstLineBytesMax));
  }

  #decide(framing: Framing | null): void {
    if (framing === null) return;
    this.#framer = openFramer(framing, this.#sink, this.#bounds);
    for (const bytes of this.#held) this.#framer.push(bytes);
    this.#held = [];
    this.#start = '';
  }
}

/** A first line without an end after this many bytes is taken for a whole body in one line. */
const firstLineBytesMax = 64 * 1024;

/** What a body's beginning shows it to be; null while it could still be several things. */
function framingOf(start: string, isAll: boolean): Framing | null {
  if (start === '') return isAll ? 'json' : null;
  if (start.charCodeAt(0) === 0) return 'eventstream'; // the high byte of its length
  if (byteOrderMark.startsWith(start)) return isAll ? 'json' : null;
  const text = start.startsWith(byteOrderMark) ? start.slice(byteOrderMark.length) : start;
  const line = /^\s*([^\r\n]+)([\r\n])?/.exec(text);
  if (line === null) return isAll ? 'sse' : null;
  if (line[1]![0] === '[') return 'json';
  if (line[1]![0] !== '{') return 'sse';
  // An object that is whole within its line is a stream's payload; a body in one line reads the same that way.
  if (line[2] !== undefined) return readableJson(textOf(line[1]!)) === null ? 'json' : 'lines';
  return isAll ? 'json' : null;
}
