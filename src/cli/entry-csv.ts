import { entryDocument } from '../books/documents.ts';
import type { Entry } from '../store/entry.ts';
import type { CsvValue } from './csv.ts';

/** The columns of entries as CSV: the names of the JSON document, its usage as `usage.input` …, tags as JSON. */
const columns = [
  ...['id', 'kind', 'at', 'model', 'requestedModel', 'provider', 'endpoint', 'toolCalls'],
  ...['promptTokens', 'completionTokens', 'totalTokens', 'cachedTokens', 'reasoningTokens'],
  ...['localPromptTokens', 'localCompletionTokens', 'localTotalTokens'],
  ...['usage.input', 'usage.cacheRead', 'usage.cacheWrite5m', 'usage.cacheWrite1h', 'usage.cacheWrite'],
  ...['usage.output', 'usage.units', 'nanocents', 'usd', 'costSource', 'basis', 'priceId', 'remark'],
  ...['executionSeconds', 'caller', 'username', 'project', 'session', 'purpose', 'key', 'tags'],
  ...['callId', 'reservationId', 'adjusts', 'responseId'],
];

export function entriesCsv(entries: readonly Entry[]) {
  const rows = entries.map((entry) => {
    const flat = flatEntry(entry);
    return columns.map((column) => flat[column]);
  });
  return { columns, rows };
}

function flatEntry(entry: Entry): Readonly<Record<string, CsvValue>> {
  const { usage, tags, ...fields } = entryDocument(entry);
  const counts = Object.entries(usage).map(([name, value]) => [`usage.${name}`, jsonUnlessPlain(value)]);
  return {
    ...fields,
    ...Object.fromEntries(counts),
    tags: Object.keys(tags).length === 0 ? null : JSON.stringify(tags),
  };
}

function jsonUnlessPlain(value: unknown): CsvValue {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as CsvValue);
}
