import { resolve } from 'node:path';
import { nearestUsd, parseNanocents } from '../money/index.ts';
import { canonicalProvider } from '../prices/index.ts';
import { BatchCollector } from './collect-batches.ts';
import { type ColumnMap, type CsvField, columnPlaces, type Nearest } from './column-map.ts';
import { csvHeading, csvRecords } from './csv-records.ts';
import { foreignCount, foreignInstant, foreignSeconds, foreignText } from './foreign-values.ts';
import type { ImportMarks } from './import-marks.ts';
import type { ImportBatch, ImportSource } from './import-source.ts';
import { type ImportedCall, providerId, responseIdentity, unsaid } from './imported-call.ts';
import { lenientCounts } from './lenient-counts.ts';
import { SeenRows } from './seen-rows.ts';
import { markOf, openTextFile, type TextFile } from './text-file.ts';

export interface CsvOptions {
  /** Null takes the columns that are named like a field. */
  readonly map: ColumnMap | null;
  readonly nearest: Nearest;
  /** IANA zone of times without one. */
  readonly zone: string;
  /** Price by the catalog instead of taking the cost that is given. */
  readonly reprice: boolean;
}

/**
 * Calls in a CSV file, one a record. The same record is booked once: told by its response id or id, else by every word in it
 * and how often it came before. Throws file_not_found, field_invalid for an unknown column, field_missing.
 */
export async function csvSource(
  name: string,
  options: CsvOptions,
  marks: ImportMarks | null,
): Promise<ImportSource> {
  const key = `csv:${resolve(name)}`;
  const file = await openTextFile(name, marks?.get(key));
  const heading = await csvHeading(file.path, name);
  const places = columnPlaces(heading.columns, options.map, options.nearest);
  // Without ids the records before count: the same words may have stood there.
  const resumes = places.has('id') || places.has('response_id');
  const start = { offset: heading.first.end, lines: heading.first.lastLine };
  const from = resumes && file.from.offset > 0 ? file.from : start;
  return {
    name: 'csv',
    places: [name],
    total: file.bytes,
    passedOver: { calls: 0, files: file.unchanged ? 1 : 0 },
    notes: () => [],
    async *batches() {
      if (!file.unchanged) yield* read({ file, key, separator: heading.separator, from, places, options });
    },
  };
}

interface Reading {
  readonly file: TextFile;
  readonly key: string;
  readonly separator: string;
  readonly from: { readonly offset: number; readonly lines: number };
  readonly places: ReadonlyMap<CsvField, number>;
  readonly options: CsvOptions;
}

async function* read({ file, key, separator, from, places, options }: Reading): AsyncGenerator<ImportBatch> {
  const collector = new BatchCollector();
  const seen = new SeenRows();
  let behind = from;
  const marks = async () => new Map([[key, await markOf(file, behind.offset, behind.lines)]]);
  for await (const records of csvRecords(file.path, separator, from)) {
    for (const record of records) {
      const where = `${file.name}:${record.line}`;
      if (record.ended) behind = { offset: record.end, lines: record.lastLine };
      if (record.problem !== null) collector.bad(where, record.problem);
      else {
        const value = (field: CsvField) => record.fields[places.get(field) ?? -1];
        collector.add(where, () => callOf({ value, text: record.text, seen, where }, options));
      }
      if (collector.isFull) yield collector.take(behind.offset, await marks());
    }
  }
  yield collector.take(behind.offset, await marks());
}

interface Record {
  readonly value: (field: CsvField) => string | undefined;
  readonly text: string;
  readonly seen: SeenRows;
  readonly where: string;
}

function callOf(record: Record, options: CsvOptions): ImportedCall {
  const { value, where } = record;
  const count = (field: CsvField) =>
    foreignCount(value(field)?.replace(/(?<=\d)[,' ](?=\d{3}\b)/g, ''), field) ?? undefined;
  const { counts, leftOut } = lenientCounts({
    promptTokens: count('prompt_tokens'),
    completionTokens: count('completion_tokens'),
    totalTokens: count('total_tokens'),
    cachedTokens: count('cached_tokens'),
    cacheWrite5mTokens: count('cache_write_5m_tokens'),
    cacheWrite1hTokens: count('cache_write_1h_tokens'),
    cacheWriteTokens: count('cache_write_tokens'),
    reasoningTokens: count('reasoning_tokens'),
    localPromptTokens: count('local_prompt_tokens'),
    localCompletionTokens: count('local_completion_tokens'),
    localTotalTokens: count('local_total_tokens'),
  });
  const nanocents = options.reprice ? null : costOf(value);
  const text = (field: CsvField) => foreignText(value(field));
  const provider = text('provider');
  const responseId = providerId(text('response_id'));
  const doubt =
    leftOut.length === 0 ? '' : `; ${leftOut.join(', ')} contradicted the other counts and was left out`;
  return {
    ...unsaid,
    identity: identityOf(record, responseId),
    where,
    responseId,
    at: foreignInstant(value('timestamp'), options.zone, 'timestamp'),
    model: text('model') ?? '',
    requestedModel: text('requested_model'),
    provider: provider === null ? null : canonicalProvider(provider),
    usage: counts.usage,
    totalTokens: counts.totalTokens,
    localPromptTokens: counts.localPromptTokens,
    localCompletionTokens: counts.localCompletionTokens,
    localTotalTokens: counts.localTotalTokens,
    nanocents,
    remark: `from a CSV file, ${nanocents === null ? 'counts as given' : 'counts and cost as given'}${doubt}`,
    executionMicroseconds: foreignSeconds(value('execution_time'), 'execution_time'),
    username: text('username'),
    caller: text('caller_name'),
    project: text('project'),
    session: text('session'),
    purpose: text('purpose'),
    key: text('key'),
  };
}

/** The whole record beside an id: ids of two files may be the same small numbers. */
function identityOf({ value, text, seen }: Record, responseId: string | null): string {
  if (responseId !== null) return responseIdentity(responseId);
  const id = foreignText(value('id'));
  if (id !== null) return `csv\n${id}\n${text}`;
  return `csv\n${seen.next(text)}\n${text}`;
}

/** Dollars, with or without their sign; nanocents where there is such a column. */
function costOf(value: Record['value']): bigint | null {
  const nanocents = value('nanocents')?.trim();
  if (nanocents) return parseNanocents(nanocents, { field: 'nanocents' });
  const cost = value('cost')
    ?.trim()
    .replace(/^\$\s*/, '')
    .replace(/(?<=\d),(?=\d{3}\b)/g, '');
  return cost ? nearestUsd(cost, { field: 'cost' }) : null;
}
