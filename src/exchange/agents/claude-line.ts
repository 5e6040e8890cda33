import { isObject } from '../../usage/counts.ts';
import type { JsonObject } from '../../usage/format.ts';
import { parseObject } from './agent-reader.ts';

/** What is wanted of one line with usage. Lines are read one byte a character, and so are the texts here. */
export interface ClaudeLine {
  readonly id: string;
  readonly requestId: string;
  readonly uuid: string;
  readonly model: string;
  readonly session: string;
  readonly cwd: string;
  readonly timestamp: string;
  readonly usage: JsonObject;
  readonly isSidechain: boolean;
  readonly isError: boolean;
  /** The provider said why the response ended: its counts are final. */
  readonly ended: boolean;
}

/** `broken`: no JSON object. `other`: no response of the model. */
export type ReadLine = ClaudeLine | 'broken' | 'other';

/**
 * Reads lines without their conversation, which is most of them: what stands before the content and what stands behind
 * it, each made whole and parsed. That either parses proves that it lies where it should. Where it does not, or the
 * members have another order, the line is parsed as it is.
 */
export function openClaudeLineReader(): (text: string) => ReadLine {
  const readHead = openHeadReader();
  return (text) => {
    const head = readHead(text);
    const tail = head === null ? null : parseTail(text, head.end);
    if (head !== null && tail !== null) return lineOf({ ...head, tail });
    const whole = parseObject(text);
    if (whole === null) return 'broken';
    const message = isObject(whole.message) ? whole.message : {};
    return lineOf({ head: whole, tail: whole, id: textOf(message.id), model: textOf(message.model) });
  };
}

function lineOf(of: { head: JsonObject; tail: JsonObject; id: string; model: string }): ClaudeLine | 'other' {
  const { head, tail, id, model } = of;
  const { message } = tail;
  const usage = isObject(message) ? message.usage : undefined;
  const type = tail.type ?? head.type ?? 'assistant';
  if (!isObject(message) || !isObject(usage) || type !== 'assistant') return 'other';
  return {
    id,
    model,
    usage,
    requestId: textOf(tail.requestId ?? head.requestId),
    uuid: textOf(tail.uuid ?? head.uuid),
    session: textOf(tail.sessionId ?? head.sessionId),
    cwd: textOf(tail.cwd ?? head.cwd),
    timestamp: textOf(tail.timestamp ?? head.timestamp),
    isSidechain: (tail.isSidechain ?? head.isSidechain) === true,
    isError: (tail.isApiErrorMessage ?? head.isApiErrorMessage) === true,
    ended: typeof message.stop_reason === 'string',
  };
}

/** What Anthropic's API sends behind the content. */
const afterContent = ',"stop_reason":';

function parseTail(text: string, from: number): JsonObject | null {
  const at = text.lastIndexOf(afterContent);
  if (at < from) return null;
  const tail = parseObject(`{"message":{"content":null${text.slice(at)}`);
  return isObject(tail?.message) ? tail : null;
}

interface Head {
  readonly head: JsonObject;
  readonly id: string;
  readonly model: string;
  /** Where the content begins. */
  readonly end: number;
}

const contentName = '"content":';
const parentName = '{"parentUuid":';

/** What lines of a session have in common before their content, but for their parent and the id of the message. */
interface Beginning {
  readonly head: JsonObject;
  readonly model: string;
  /** From behind the parent to the id, and from behind the id to the content. */
  readonly between: string;
  readonly after: string;
}

/** Beginnings remembered: the models and folders that a session goes back and forth between. */
const beginningsMax = 6;

/** Parses a beginning once, and knows it again. */
function openHeadReader(): (text: string) => Head | null {
  const known: Beginning[] = [];
  return (text) => {
    const parentEnd = endOfParent(text);
    if (parentEnd === -1) return parseHead(text)?.head ?? null;
    for (const beginning of known) {
      const head = knownHead(text, parentEnd, beginning);
      if (head !== null) return head;
    }
    const parsed = parseHead(text);
    if (parsed === null) return null;
    const { head, idFrom } = parsed;
    const idTo = idFrom + head.id.length;
    if (idFrom > parentEnd && idTo < head.end) {
      known.unshift({
        head: head.head,
        model: head.model,
        between: ownCopy(text.slice(parentEnd, idFrom)),
        after: ownCopy(text.slice(idTo, head.end)),
      });
      known.length = Math.min(known.length, beginningsMax);
    }
    return head;
  };
}

function knownHead(text: string, parentEnd: number, { head, model, between, after }: Beginning): Head | null {
  // Equal slices are compared many bytes at a time, startsWith goes one by one.
  if (text.slice(parentEnd, parentEnd + between.length) !== between) return null;
  const idFrom = parentEnd + between.length;
  const idTo = text.indexOf('"', idFrom);
  if (idTo === -1 || text.charCodeAt(idTo - 1) === backslash) return null;
  if (text.slice(idTo, idTo + after.length) !== after) return null;
  return { head, id: text.slice(idFrom, idTo), model, end: idTo + after.length };
}

function parseHead(text: string): { readonly head: Head; readonly idFrom: number } | null {
  const end = text.indexOf(contentName) + contentName.length;
  if (end < contentName.length) return null;
  const head = parseObject(`${text.slice(0, end)}null}}`);
  const message = head?.message;
  if (!head || !isObject(message) || message.content !== null) return null;
  const { id, model } = message;
  // An older order has the model behind the content.
  if (typeof id !== 'string' || typeof model !== 'string') return null;
  const name = '"id":"';
  return { head: { head, id, model, end }, idFrom: text.indexOf(`${name}${id}"`) + name.length };
}

/** A slice keeps the line that it was cut from, and is slower to compare with. */
function ownCopy(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** Behind the first value of a line that begins with its parent, or −1. */
function endOfParent(text: string): number {
  const from = parentName.length;
  if (!text.startsWith(parentName)) return -1;
  if (text.startsWith('null', from)) return from + 4;
  if (text.charCodeAt(from) !== quote) return -1;
  const end = text.indexOf('"', from + 1);
  return end !== -1 && text.charCodeAt(end - 1) !== backslash ? end + 1 : -1;
}

const quote = 34;
const backslash = 92;

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
