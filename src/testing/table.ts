/** One row of a story: what is done, and behind `->` what must come of it. */
export interface Row {
  /** Counted from 1 inside the table. */
  readonly number: number;
  readonly text: string;
  /** Begins with `&`: happens at the same moment as the row before it. */
  readonly together: boolean;
  readonly verb: string;
  /** Bare words, in order. */
  readonly words: readonly string[];
  /** `name=value` words. */
  readonly fields: ReadonlyMap<string, string>;
  readonly expected: {
    readonly words: readonly string[];
    readonly fields: ReadonlyMap<string, string>;
  } | null;
}

/** Reads aligned rows of words. Empty lines and lines that begin with `#` are for the reader alone. */
export function parseTable(table: string): Row[] {
  return table.split('\n').flatMap((line, index) => {
    const text = line.trim();
    return text === '' || text.startsWith('#') ? [] : [parseRow(text, index + 1)];
  });
}

function parseRow(text: string, number: number): Row {
  const together = text.startsWith('&');
  const [done = '', expected] = text.slice(together ? 1 : 0).split(/\s->\s/);
  const { words, fields } = parseWords(done);
  const [verb, ...rest] = words;
  if (verb === undefined) throw new Error(`row ${number} has no verb: ${text}`);
  return {
    number,
    text,
    together,
    verb,
    words: rest,
    fields,
    expected: expected === undefined ? null : parseWords(expected),
  };
}

function parseWords(text: string): { words: string[]; fields: Map<string, string> } {
  const words: string[] = [];
  const fields = new Map<string, string>();
  for (const word of text.trim().split(/\s+/)) {
    const equals = word.indexOf('=');
    if (equals <= 0) words.push(word);
    else fields.set(word.slice(0, equals), word.slice(equals + 1));
  }
  return { words, fields };
}

/** Whole numbers as people write them at the edges: `40`, `-3`, `1_000`, `2^53+1`, `2^63-1`. */
export function parseWhole(text: string): bigint {
  const power = /^(\d+)\^(\d+)([+-]\d+)?$/.exec(text);
  if (power) return BigInt(power[1]!) ** BigInt(power[2]!) + BigInt(power[3] ?? 0);
  if (!/^[+-]?\d[\d_]*$/.test(text)) throw new Error(`${text} is no whole number`);
  return BigInt(text.replace(/^\+/, '').replaceAll('_', ''));
}

/** `90s`, `10m`, `1h`, `2d` in milliseconds; a bare number is milliseconds. */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d+)(s|m|h|d)?$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`${text} is no duration`);
  const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit ?? ''] ?? 1;
  return Number.parseInt(count, 10) * unitMs;
}
