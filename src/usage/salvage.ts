import { isObject } from './counts.ts';
import { stringEnd } from './exact.ts';
import type { JsonObject } from './format.ts';

/** The object in a JSON text; null when it is no JSON or no object. */
export function readableJson(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    // A provider's bytes may be anything; that they are unreadable is the answer.
    return null;
  }
}

/**
 * The members that came whole in an object whose text was cut: everything up to the last comma between members,
 * closed. Null when none did. A number before the cut may lack digits, so the member at the cut never counts.
 */
export function wholeMembers(text: string): string | null {
  const comma = lastCommaBetweenMembers(text);
  if (comma === -1) return null;
  const closed = `${text.slice(0, comma)}}`;
  return readableJson(closed) === null ? null : closed;
}

function lastCommaBetweenMembers(text: string): number {
  const structural = /["{}[\],]/g;
  let depth = 0;
  let comma = -1;
  for (let match = structural.exec(text); match !== null; match = structural.exec(text)) {
    const mark = match[0];
    if (mark === '"') structural.lastIndex = stringEnd(text, match.index);
    else if (mark === '{' || mark === '[') depth += 1;
    else if (mark === '}' || mark === ']') depth -= 1;
    else if (depth === 1) comma = match.index;
  }
  return comma;
}
