import { NanocentError } from '../errors/error.ts';
import { type FileLine, fileLines } from './file-lines.ts';

/** A record may go over several lines where a field is quoted; not over more than these. */
const recordLinesMax = 10_000;
const recordCharactersMax = 1_048_576;

export interface CsvRecord {
  /** Of the line it begins on, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** As it stands in the file. */
  readonly text: string;
  /** Why it is no record, or null. */
  readonly problem: string | null;
  /** Bytes and lines of the file up to behind it. */
  readonly end: number;
  readonly lastLine: number;
  /** False where the file may go on in this record. */
  readonly ended: boolean;
}

/** RFC 4180 records of a file, a chunk's worth at a time. */
export async function* csvRecords(
  path: string,
  separator: string,
  from?: { readonly offset: number; readonly lines: number },
): AsyncGenerator<readonly CsvRecord[]> {
  let open: FileLine[] = [];
  let characters = 0;
  let isQuoted = false;
  for await (const lines of fileLines(path, from)) {
    const records: CsvRecord[] = [];
    for (const line of lines) {
      open.push(line);
      characters += line.text.length;
      if (hasOddQuotes(line.text)) isQuoted = !isQuoted;
      if (isQuoted && open.length < recordLinesMax && characters < recordCharactersMax) continue;
      if (open.length > 1 || line.text !== '' || line.tooLong) records.push(recordOf(open, separator));
      open = [];
      characters = 0;
      isQuoted = false;
    }
    if (records.length > 0) yield records;
  }
  if (open.length > 0) yield [recordOf(open, separator)];
}

/** A quoted field begins or ends in this line. */
function hasOddQuotes(text: string): boolean {
  let odd = false;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) odd = !odd;
  return odd;
}

function recordOf(lines: readonly FileLine[], separator: string): CsvRecord {
  const last = lines.at(-1)!;
  const text = lines.map((line) => line.text).join('\n');
  const tooLong = lines.some((line) => line.tooLong);
  const fields = tooLong ? null : csvFields(text, separator);
  return {
    line: lines[0]!.number,
    fields: fields ?? [],
    text,
    problem: tooLong ? 'the line is too long' : fields === null ? 'a quoted field does not end' : null,
    end: last.end,
    lastLine: last.number,
    ended: last.ended,
  };
}

/** The fields of one record; null where a quoted field does not end. */
export function csvFields(text: string, separator: string): string[] | null {
  if (!text.includes('"')) return text.split(separator);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = '';
    if (text[at] === '"') {
      let end = text.indexOf('"', at + 1);
      while (end !== -1 && text[end + 1] === '"') {
        field += text.slice(at + 1, end + 1);
        at = end + 1;
        end = text.indexOf('"', at + 1);
      }
      if (end === -1) return null;
      field += text.slice(at + 1, end);
      at = end + 1;
    }
    const next = text.indexOf(separator, at);
    field += text.slice(at, next === -1 ? text.length : next);
    fields.push(field);
    if (next === -1) return fields;
    at = next + separator.length;
  }
}

/** The heading of a file and what separates its fields: the one of `,` `;` tab that its first line has most of. */
export async function csvHeading(
  path: string,
  name: string,
): Promise<{ readonly columns: readonly string[]; readonly separator: string; readonly first: CsvRecord }> {
  for await (const lines of fileLines(path)) {
    const text = lines[0]!.text;
    const separator = [',', ';', '\t'].reduce((most, one) =>
      count(text, one) > count(text, most) ? one : most,
    );
    for await (const records of csvRecords(path, separator)) {
      const first = records[0]!;
      if (first.problem !== null) break;
      return { columns: first.fields.map((field) => field.trim()), separator, first };
    }
    break;
  }
  throw new NanocentError('body_malformed', `${name} has no heading line`, {
    field: 'FILE',
    fix: 'give a CSV file whose first line names its columns',
  });
}

function count(text: string, character: string): number {
  return text.split(character).length;
}
