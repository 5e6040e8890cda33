import { hash } from 'node:crypto';
import type { Entry } from './entry.ts';

/** The row's fields in the order in which they are digested; a new field is added at the end. */
const digestedFields = [
  'id',
  'kind',
  'at',
  'model',
  'requestedModel',
  'provider',
  'endpoint',
  'caller',
  'username',
  'project',
  'session',
  'purpose',
  'key',
  'totalTokens',
  'localPromptTokens',
  'localCompletionTokens',
  'localTotalTokens',
  'toolCalls',
  'nanocents',
  'costSource',
  'basis',
  'priceId',
  'charge',
  'remark',
  'executionMicroseconds',
  'callId',
  'reservationId',
  'adjusts',
  'responseId',
  'rawUsage',
  'calls',
] as const satisfies readonly (keyof Entry)[];

const usageFields = [
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'cacheWrite',
  'output',
  'reasoning',
  'inputAudio',
  'cacheReadAudio',
  'inputImage',
  'outputAudio',
  'outputImage',
  'toolUseInput',
] as const;

/** Salted SHA-256 of a usage row, hex: what the journal keeps of it. */
export function entryDigest(entry: Entry): string {
  const values: unknown[] = digestedFields.map((field) => {
    const value = entry[field];
    return typeof value === 'bigint' ? String(value) : value;
  });
  for (const field of usageFields) values.push(entry.usage[field] ?? null);
  values.push(sortedPairs(entry.usage.units), sortedPairs(entry.tags));
  return hash('sha256', `${entry.salt}\n${JSON.stringify(values)}`, 'hex');
}

function sortedPairs(record: Readonly<Record<string, string | number>>): unknown[] {
  return Object.keys(record)
    .sort()
    .map((name) => [name, record[name]]);
}
