import { NanocentError } from '../errors/error.ts';
import { rawElements } from './exact.ts';
import type { FormatReader, JsonObject, ReadingParts, WireFormat } from './format.ts';
import { defaultBounds, type Framer, type Framing, openFramer, type PayloadSink, textOf } from './framing.ts';
import { AnswerMeasure } from './produced.ts';
import type { Reading, ResponseReader } from './reading.ts';
import { formatOf, knownApis } from './registry.ts';
import { readableJson, wholeMembers } from './salvage.ts';

/** Whose answer is read, and in which form it comes. */
export interface ReaderOptions {
  readonly provider: string;
  /** `chat.completions`, `messages` … or the path: `/v1/chat/completions`. */
  readonly api: string;
  readonly framing: Framing;
  /** Longest stream payload looked at, in bytes; a longer one is passed over and the reading is `partial`. */
  readonly eventBytesMax?: number;
  /** Longest JSON body looked at, in bytes. */
  readonly bodyBytesMax?: number;
}

/**
 * Watches one response. Neither `chunk` nor `finish` throws, whatever the bytes are.
 * Throws `field_invalid` when no format is known for the API.
 */
export function openReader(options: ReaderOptions): ResponseReader {
  const format = formatOf(options.provider, options.api);
  if (format === null) {
    throw new NanocentError('field_invalid', `No usage format is known for the API ${options.api}.`, {
      field: 'api',
      fix: `Use one of: ${knownApis().join(', ')}.`,
    });
  }
  return new FormattedReader(format, options);
}

/** The first payloads of a stream carry its id and model: always parsed. */
const payloadsAlwaysParsed = 2;

class FormattedReader implements ResponseReader, PayloadSink {
  readonly #provider: string;
  readonly #format: WireFormat;
  readonly #state: FormatReader;
  readonly #framer: Framer;
  readonly #answer: AnswerMeasure;
  readonly #problems: string[] = [];
  #payloads = 0;
  #ended = true;
  #salvaged = false;
  #reading: Reading | null = null;

  constructor(format: WireFormat, options: ReaderOptions) {
    this.#provider = options.provider;
    this.#format = format;
    this.#state = format.open();
    this.#answer = new AnswerMeasure(format.answerKeys);
    this.#framer = openFramer(options.framing, this, {
      eventBytesMax: options.eventBytesMax ?? format.eventBytesMax ?? defaultBounds.eventBytesMax,
      bodyBytesMax: options.bodyBytesMax ?? defaultBounds.bodyBytesMax,
    });
  }

  chunk(bytes: Uint8Array): void {
    if (this.#reading === null) this.#framer.push(bytes);
  }

  finish(): Reading {
    if (this.#reading === null) {
      this.#framer.end();
      this.#reading = this.#result(this.#state.finish(this.#ended));
    }
    return this.#reading;
  }

  payload(text: string): void {
    this.#payloads += 1;
    this.#answer.event(text);
    if (this.#payloads > payloadsAlwaysParsed && !this.#format.wanted.test(text)) return;
    if (this.#read(textOf(text)) || !/^\s*\{/.test(text)) return; // `[DONE]` and keep-alives are not JSON
    this.#note(`payload ${this.#payloads} is not valid JSON`);
  }

  tail(text: string): void {
    if (this.#payloads === 0) this.#answer.body(text);
    else this.#answer.event(text);
    const decoded = textOf(text);
    if (this.#read(decoded) || this.#readList(decoded) || text.trim() === '[DONE]') return;
    this.#ended = false;
    if (this.#payloads > 0) return;
    const whole = wholeMembers(decoded);
    this.#salvaged = whole !== null && this.#read(whole);
  }

  lost(what: string): void {
    this.#note(what);
  }

  #read(text: string): boolean {
    const json: JsonObject | null = readableJson(text);
    if (json !== null) this.#state.payload(json, text);
    return json !== null;
  }

  /** A stream that was asked for as JSON comes as one list of its payloads. */
  #readList(text: string): boolean {
    if (!/^\s*\[\s*\{/.test(text)) return false;
    for (const element of rawElements(text) ?? []) this.#read(element);
    return isJson(text);
  }

  #note(problem: string): void {
    if (this.#problems.length < problemsMax) this.#problems.push(problem);
  }

  #result(parts: ReadingParts): Reading {
    const { final, ...known } = parts;
    const problems = [...parts.problems, ...this.#problems];
    const whole = final && !this.#salvaged && problems.length === 0;
    return {
      provider: this.#provider,
      api: this.#format.api,
      ...known,
      basis: whole ? 'provider' : 'partial',
      produced: this.#answer.produced,
      problems,
    };
  }
}

const problemsMax = 20;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Cut or damaged: the caller goes on with what came whole.
    return false;
  }
}
