import type { ReadingItem, ServedTerms } from './reading.ts';
import type { Usage } from './usage.ts';

/**
 * One provider's wire format, for whole JSON bodies and streams alike: both arrive as payloads.
 *
 * To add a format:
 * 1. Write `formats/<name>.ts` that exports one `WireFormat`; read counts with `counts.ts` (never with `Number`),
 *    money and the raw usage object with `exact.ts`, and build on `formats/openai-chat.ts` when it is a dialect.
 * 2. Put it into the table of `registry.ts` or `formats/other-providers.ts`: a dialect stands before the format it
 *    could be mistaken for.
 * 3. Give it a test per documented trap, and a row in docs/provider-formats.md (what input and output include, source, date).
 */
export interface WireFormat {
  /** The provider's name in readings and catalogs: `openai`, `anthropic` … */
  readonly provider: string;
  /** The API's name: `chat.completions`, `messages` … (the path, without the version, with dots). */
  readonly api: string;
  /**
   * Which stream payloads are worth parsing: those with counts, plus what the format needs besides. Tested on the
   * raw payload, one char per byte, so only ASCII can be asked for. No `g` or `y` flag. The first two payloads and
   * whole JSON bodies are always parsed. Quotes inside the answer are escaped (`\"usage\"`), so `"usage"` in quotes
   * is a key and never the model's prose.
   */
  readonly wanted: RegExp;
  /** Names of JSON members whose string value is answer text; their bytes are `Reading.produced`. */
  readonly answerKeys: readonly string[];
  /** Longest stream payload in bytes, where payloads carry images; 1 MiB unless said otherwise. */
  readonly eventBytesMax?: number;
  /** True when this payload can be nothing else; used only where the caller does not name provider and API. */
  fits(json: JsonObject): boolean;
  /** State for one response. */
  open(): FormatReader;
}

export interface FormatReader {
  /** One whole body or one stream payload, in order. `text` is its exact JSON text. */
  payload(json: JsonObject, text: string): void;
  /** `ended`: the body or stream was seen to its end (its JSON is whole; the last event was not cut). */
  finish(ended: boolean): ReadingParts;
}

/** What a format knows at the end; the reader adds the rest of the `Reading`. */
export interface ReadingParts {
  readonly model: string | null;
  readonly usage: Usage;
  /** The provider's last word on this response's counts was seen; false labels the reading `partial`. */
  readonly final: boolean;
  readonly terms: ServedTerms;
  readonly items: readonly ReadingItem[];
  readonly billedNanocents: bigint | null;
  readonly responseId: string | null;
  readonly toolCalls: number | null;
  /** The usage object's exact text. */
  readonly raw: string | null;
  /** What is wrong with the counts, one sentence each; any problem labels the reading `partial`. */
  readonly problems: readonly string[];
}

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}
