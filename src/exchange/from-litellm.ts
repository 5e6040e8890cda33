import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BatchCollector } from './collect-batches.ts';
import { csvHeading, csvRecords } from './csv-records.ts';
import { fileLines } from './file-lines.ts';
import type { ImportMarks } from './import-marks.ts';
import type { ImportBatch, ImportSource } from './import-source.ts';
import { type JsonElement, jsonElements } from './json-elements.ts';
import { litellmCall } from './litellm-row.ts';
import { markOf, openTextFile, type TextFile } from './text-file.ts';

interface Options {
  readonly reprice: boolean;
}

/** Rows of LiteLLM_SpendLogs: JSON lines, one JSON array (also inside `{"data": [...]}`), or CSV with their column names. */
export async function litellmSource(
  name: string,
  options: Options,
  marks: ImportMarks | null,
): Promise<ImportSource> {
  const key = `litellm:${resolve(name)}`;
  const file = await openTextFile(name, marks?.get(key));
  const form = await formOf(file.path);
  return {
    name: 'litellm',
    places: [name],
    total: file.bytes,
    passedOver: { calls: 0, files: file.unchanged ? 1 : 0 },
    notes: () => [],
    batches: () => (file.unchanged ? none() : readers[form](file, key, options)),
  };
}

async function* none(): AsyncGenerator<ImportBatch> {}

async function formOf(path: string): Promise<'lines' | 'array' | 'csv'> {
  const file = await open(path, 'r');
  try {
    const start = Buffer.alloc(4096);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    const text = start.toString('utf8', 0, bytesRead).replace(/^\ufeff/, '');
    if (/^\s*(\{\s*"data"\s*:\s*)?\[/.test(text)) return 'array';
    return /^\s*(\{|$)/.test(text) ? 'lines' : 'csv';
  } finally {
    await file.close();
  }
}

const readers = { lines: readLines, array: readArray, csv: readCsv };

async function* readLines(file: TextFile, key: string, options: Options): AsyncGenerator<ImportBatch> {
  const collector = new BatchCollector();
  let { offset, lines: number } = file.from;
  for await (const lines of fileLines(file.path, file.from)) {
    for (const line of lines) {
      // A last line without its line feed may still be growing: it is looked at again next time.
      if (!line.ended && !isObject(line.text)) break;
      if (line.ended) ({ end: offset, number } = line);
      if (line.text.trim() === '' && !line.tooLong) continue;
      addElement(collector, `${file.name}:${line.number}`, line, options);
      if (collector.isFull)
        yield collector.take(offset, new Map([[key, await markOf(file, offset, number)]]));
    }
  }
  yield collector.take(offset, new Map([[key, await markOf(file, offset, number)]]));
}

async function* readArray(file: TextFile, key: string, options: Options): AsyncGenerator<ImportBatch> {
  const collector = new BatchCollector();
  for await (const { elements, bytes } of jsonElements(file.path)) {
    for (const element of elements) {
      addElement(collector, `${file.name}, element ${element.number}`, element, options);
      if (collector.isFull) yield collector.take(bytes);
    }
  }
  yield collector.take(file.bytes, new Map([[key, await markOf(file, file.bytes, 0)]]));
}

async function* readCsv(file: TextFile, key: string, options: Options): AsyncGenerator<ImportBatch> {
  const { columns, separator, first } = await csvHeading(file.path, file.name);
  const collector = new BatchCollector();
  let from = file.from.offset > 0 ? file.from : { offset: first.end, lines: first.lastLine };
  for await (const records of csvRecords(file.path, separator, from)) {
    for (const record of records) {
      const where = `${file.name}:${record.line}`;
      if (record.ended) from = { offset: record.end, lines: record.lastLine };
      if (record.problem !== null) collector.bad(where, record.problem);
      else {
        const row = Object.fromEntries(columns.map((column, index) => [column, record.fields[index]]));
        collector.add(where, () => litellmCall(row, options, where));
      }
      if (collector.isFull)
        yield collector.take(from.offset, new Map([[key, await markOf(file, from.offset, from.lines)]]));
    }
  }
  yield collector.take(from.offset, new Map([[key, await markOf(file, from.offset, from.lines)]]));
}

function addElement(
  collector: BatchCollector,
  where: string,
  { text, tooLong }: Pick<JsonElement, 'text' | 'tooLong'>,
  options: Options,
): void {
  const row = tooLong ? null : parsed(text);
  if (row === null) collector.bad(where, tooLong ? 'too long' : 'not a JSON object');
  else collector.add(where, () => litellmCall(row, options, where));
}

function isObject(text: string): boolean {
  return parsed(text) !== null;
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    // Counted by the caller.
    return null;
  }
}
