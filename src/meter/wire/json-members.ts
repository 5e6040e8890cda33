/** One member of the outermost object, by its place in the text. */
export interface JsonMember {
  /** Decoded. */
  readonly name: string;
  /** `[valueStart, valueEnd)`, white space around it left out on the left only. */
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Members of the outermost object and the deepest nesting, in one pass that skips strings. The text may be invalid. */
export function jsonMembers(text: string): {
  readonly members: readonly JsonMember[];
  readonly depth: number;
} {
  const structural = /["{}[\],:]/g;
  const members: JsonMember[] = [];
  let depth = 0;
  let deepest = 0;
  let name: string | null = null;
  let lastString = '';
  let valueStart = 0;
  for (let match = structural.exec(text); match !== null; match = structural.exec(text)) {
    const at = match.index;
    switch (match[0]) {
      case '"': {
        const end = stringEnd(text, at);
        if (depth === 1 && name === null) lastString = text.slice(at, end);
        structural.lastIndex = end;
        break;
      }
      case ':':
        if (depth === 1 && name === null) {
          name = decoded(lastString);
          valueStart = at + 1;
        }
        break;
      case ',':
        if (depth === 1 && name !== null) {
          members.push({ name, valueStart, valueEnd: at });
          name = null;
        }
        break;
      case '{':
      case '[':
        depth += 1;
        deepest = Math.max(deepest, depth);
        break;
      default:
        if (depth === 1 && name !== null) members.push({ name, valueStart, valueEnd: at });
        depth -= 1;
    }
  }
  return { members, depth: deepest };
}

function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

function isEscaped(text: string, position: number): boolean {
  let backslashes = 0;
  while (text[position - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

function decoded(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    // The whole text is then invalid too, and is refused as that.
    return literal;
  }
}
