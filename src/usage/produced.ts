import { stringEnd } from './exact.ts';

/**
 * Counts the answer that goes by, for estimates where usage never comes: how many payloads carried some and how
 * many bytes of UTF-8 it was. It finds the members' names in the raw payload instead of parsing it; a quote inside
 * a string is escaped, so a name in quotes with a colon after it is a member.
 */
export class AnswerMeasure {
  readonly #keys: readonly string[];
  /** Made when the first payload of a stream comes; a whole body needs another one. */
  #member: RegExp | null = null;
  #events = 0;
  #bytes = 0;

  constructor(keys: readonly string[]) {
    this.#keys = keys;
  }

  get produced(): { readonly events: number; readonly bytes: number } {
    return { events: this.#events, bytes: this.#bytes };
  }

  /** One stream payload, one char per byte. */
  event(text: string): void {
    this.#member ??= memberOf(this.#keys);
    this.#add(text, this.#member);
  }

  /** A whole body, or what came of one: here the answer stands under the names of whole messages. */
  body(text: string): void {
    this.#add(text, memberOf([...new Set([...this.#keys, ...bodyKeys])]));
  }

  #add(text: string, member: RegExp): void {
    const before = this.#bytes;
    member.lastIndex = 0;
    while (member.test(text)) {
      const start = member.lastIndex;
      const end = stringEnd(text, start - 1);
      member.lastIndex = end;
      this.#bytes += stringBytes(text.slice(start, text[end - 1] === '"' ? end - 1 : end));
    }
    if (this.#bytes > before) this.#events += 1;
  }
}

const bodyKeys: readonly string[] = [
  'content',
  'text',
  'thinking',
  'arguments',
  'reasoning_content',
  'b64_json',
];

function memberOf(keys: readonly string[]): RegExp {
  return new RegExp(`"(?:${keys.join('|')})"\\s*:\\s*"`, 'g');
}

/** Bytes of UTF-8 that a JSON string stands for; its raw text is given one char per byte. */
function stringBytes(raw: string): number {
  let bytes = raw.length;
  for (let at = raw.indexOf('\\'); at !== -1; at = raw.indexOf('\\', at)) {
    const isCode = raw[at + 1] === 'u';
    bytes -= isCode ? 6 - codeBytes(Number.parseInt(raw.slice(at + 2, at + 6), 16)) : 1;
    at += isCode ? 6 : 2;
  }
  return Math.max(bytes, 0);
}

/** Half of a surrogate pair is half of four bytes. */
function codeBytes(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800 || (code >= 0xd800 && code < 0xe000)) return 2;
  return 3;
}
