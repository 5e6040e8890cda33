import { hash } from 'node:crypto';
import type { Entry } from './entry.ts';

/**
 * Salted SHA-256 of a usage row, hex: what the journal keeps of it. The order of the fields is part of it; a new field is
 * added at the end. Field by field, because looping over names costs twice as much and every call pays it.
 */
export function entryDigest(entry: Omit<Entry, 'recordedAt'>): string {
  const { usage } = entry;
  const text = JSON.stringify([
    entry.id,
    entry.kind,
    entry.at,
    entry.model,
    entry.requestedModel,
    entry.provider,
    entry.endpoint,
    entry.caller,
    entry.username,
    entry.project,
    entry.session,
    entry.purpose,
    entry.key,
    entry.totalTokens,
    entry.localPromptTokens,
    entry.localCompletionTokens,
    entry.localTotalTokens,
    entry.toolCalls,
    entry.nanocents === null ? null : String(entry.nanocents),
    entry.costSource,
    entry.basis,
    entry.priceId,
    entry.charge,
    entry.remark,
    entry.executionMicroseconds,
    entry.callId,
    entry.reservationId,
    entry.adjusts,
    entry.responseId,
    entry.rawUsage,
    entry.calls,
    usage.input,
    usage.cacheRead,
    usage.cacheWrite5m,
    usage.cacheWrite1h,
    usage.cacheWrite,
    usage.output,
    usage.reasoning,
    usage.inputAudio ?? null,
    usage.cacheReadAudio ?? null,
    usage.inputImage ?? null,
    usage.outputAudio ?? null,
    usage.outputImage ?? null,
    usage.toolUseInput ?? null,
    sortedPairs(usage.units),
    sortedPairs(entry.tags),
    ...laterCounts(usage),
  ]);
  return hash('sha256', `${entry.salt}\n${text}`, 'hex');
}

/** Counts that came later stand at the end, and only where there are any: the digests of all other rows stay as they were. */
function laterCounts({ cacheReadImage, inputVideo, outputVideo }: Entry['usage']): unknown[] {
  if (cacheReadImage === undefined && inputVideo === undefined && outputVideo === undefined) return [];
  return [[cacheReadImage ?? null, inputVideo ?? null, outputVideo ?? null]];
}

function sortedPairs(record: Readonly<Record<string, string | number>>): unknown[] {
  return Object.keys(record)
    .sort()
    .map((name) => [name, record[name]]);
}
