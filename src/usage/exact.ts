const nanocentDigits = 11; // 1 USD = 10^11 nanocents

/**
 * The exact text of a member of a JSON object, e.g. `['usage', 'cost']` → `0.0076509169000000005`; null when it is
 * not there. Of repeated names the last counts, as in JSON.parse. The text must be valid JSON.
 */
export function rawAt(text: string, path: readonly string[]): string | null {
  let start = skipSpace(text, 0);
  let end = text.length;
  for (const key of path) {
    if (text[start] !== '{') return null;
    const member = lastMember(text, start, key);
    if (member === null) return null;
    [start, end] = member;
  }
  return text.slice(start, end);
}

/**
 * The exact texts of a JSON array's elements; null when the text is not an array. Of a text that was cut or is no JSON
 * it gives what it can make out, the last of which may be cut as well.
 */
export function rawElements(text: string): readonly string[] | null {
  let position = skipSpace(text, 0);
  if (text[position] !== '[') return null;
  const elements: string[] = [];
  position = skipSpace(text, position + 1);
  while (position < text.length && text[position] !== ']') {
    const end = valueEnd(text, position);
    elements.push(text.slice(position, end));
    position = skipSpace(text, end);
    if (text[position] !== ',') break;
    position = skipSpace(text, position + 1);
  }
  return elements;
}

/**
 * Nanocents of a decimal in US dollars as the provider wrote it (`0.025265`, `1.5e-7`); to the nearest nanocent,
 * since providers print binary fractions with their noise. Null when it is no decimal, negative, or not below
 * one billion dollars.
 */
export function nanocentsOfUsd(decimal: string | null): bigint | null {
  const amount = decimal === null ? null : scaledDecimal(decimal, nanocentDigits);
  return amount === null || amount >= billMax ? null : amount;
}

/** One billion dollars in nanocents. */
const billMax = 10n ** 20n;

/** A non-negative decimal times 10^scale, to the nearest whole number, halves up; null when it is none. */
export function scaledDecimal(decimal: string, scale: number): bigint | null {
  const match = /^"?(\d{1,20})(?:\.(\d{1,60}))?(?:[eE]([+-]?\d{1,2}))?"?$/.exec(decimal);
  if (match === null) return null;
  const fraction = match[2] ?? '';
  const shift = scale - fraction.length + Number(match[3] ?? 0);
  const digits = BigInt(match[1] + fraction);
  if (shift >= 0) return shift > 30 ? null : digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return (digits * 2n + divisor) / (divisor * 2n);
}

/** `[start, end)` of the value of the last member with this name. */
function lastMember(text: string, objectStart: number, key: string): [number, number] | null {
  let found: [number, number] | null = null;
  let position = skipSpace(text, objectStart + 1);
  while (text[position] === '"') {
    const nameEnd = stringEnd(text, position);
    const name = text.slice(position + 1, nameEnd - 1);
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = valueEnd(text, start);
    if (name === key) found = [start, end];
    position = skipSpace(text, end);
    if (text[position] !== ',') break;
    position = skipSpace(text, position + 1);
  }
  return found;
}

function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  if (first === '{' || first === '[') return containerEnd(text, start);
  let end = start;
  while (end < text.length && !/[\s,\]}]/.test(text[end]!)) end += 1;
  return end;
}

function containerEnd(text: string, start: number): number {
  const structural = /["{}[\]]/g;
  structural.lastIndex = start;
  let depth = 0;
  for (let match = structural.exec(text); match !== null; match = structural.exec(text)) {
    if (match[0] === '"') {
      structural.lastIndex = stringEnd(text, match.index);
    } else {
      depth += match[0] === '{' || match[0] === '[' ? 1 : -1;
      if (depth === 0) return match.index + 1;
    }
  }
  return text.length;
}

/** The position after the closing quote of the string that starts here. */
export function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

function isEscaped(text: string, position: number): boolean {
  let backslashes = 0;
  while (text[position - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

function skipSpace(text: string, start: number): number {
  let position = start;
  while (
    text[position] === ' ' ||
    text[position] === '\n' ||
    text[position] === '\r' ||
    text[position] === '\t'
  ) {
    position += 1;
  }
  return position;
}
