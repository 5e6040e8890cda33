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
export function readClaudeLine(text: string): ClaudeLine | 'broken' | 'other' {
  const quick = readAround(text);
  const line = quick ?? parseObject(text);
  if (line === null) return 'broken';
  const message = line.message;
  const usage = isObject(message) ? message.usage : undefined;
  if (!isObject(message) || !isObject(usage) || (line.type ?? 'assistant') !== 'assistant') return 'other';
  return {
    id: textOf(message.id),
    requestId: textOf(line.requestId),
    uuid: textOf(line.uuid),
    model: textOf(message.model),
    session: textOf(line.sessionId),
    cwd: textOf(line.cwd),
    timestamp: textOf(line.timestamp),
    usage,
    isSidechain: line.isSidechain === true,
    isError: line.isApiErrorMessage === true,
    ended: typeof message.stop_reason === 'string',
  };
}

const contentName = '"content":';
/** What Anthropic's API sends behind the content. */
const afterContent = ',"stop_reason":';

/**
 * The line without its conversation, which is most of it: what stands before the content and what stands behind it, each made
 * whole and parsed. That either parses proves that it lies where it should; null when it does not, or there is another
 * order: then the line has to be parsed as it is.
 */
function readAround(text: string): JsonObject | null {
  const contentAt = text.indexOf(contentName);
  const behindAt = text.lastIndexOf(afterContent);
  if (contentAt === -1 || behindAt <= contentAt) return null;
  const before = parseObject(`${text.slice(0, contentAt)}"content":null}}`);
  const behind = parseObject(`{"message":{"content":null${text.slice(behindAt)}`);
  if (!isObject(before?.message) || before.message.content !== null || !isObject(behind?.message))
    return null;
  Object.assign(before.message, behind.message);
  const { message } = before;
  // An older order has the model behind the content.
  if (typeof message.id !== 'string' || typeof message.model !== 'string') return null;
  return Object.assign(before, behind, { message });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
