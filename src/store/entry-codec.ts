import type { Usage } from '../usage/usage.ts';
import type { Entry } from './entry.ts';
import { extraUsageOf, extraUsageText } from './extra-usage.ts';
import { idOf } from './ids.ts';
import type { Row, Value } from './row.ts';

/** The columns of nanocent_entries in the order of entryValues and entryOf. */
export const entryColumns = [
  'id',
  'line',
  'kind',
  'at',
  'recorded_at',
  'model',
  'requested_model',
  'provider',
  'endpoint',
  'caller',
  'username',
  'project',
  'session',
  'purpose',
  'key',
  'tags',
  'input',
  'cache_read',
  'cache_write_5m',
  'cache_write_1h',
  'cache_write',
  'output',
  'reasoning',
  'usage_extra',
  'total_tokens',
  'local_prompt_tokens',
  'local_completion_tokens',
  'local_total_tokens',
  'tool_calls',
  'nanocents',
  'cost_source',
  'basis',
  'price_id',
  'charge',
  'remark',
  'execution_microseconds',
  'call_id',
  'reservation_id',
  'adjusts',
  'response_id',
  'raw_usage',
  'calls',
  'salt',
] as const;

/** Columns that keep an id as bytes: entryValues gives its text, for an idParameter to take. */
export const entryIdColumns: ReadonlySet<string> = new Set(['id', 'reservation_id', 'adjusts']);

/** One value per column; `line` is the journal position that booked the entry. */
export function entryValues(entry: Entry, line: number): Value[] {
  const { usage } = entry;
  return [
    entry.id,
    line,
    entry.kind,
    entry.at,
    entry.recordedAt,
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
    jsonOrNull(entry.tags),
    usage.input,
    usage.cacheRead,
    usage.cacheWrite5m,
    usage.cacheWrite1h,
    usage.cacheWrite,
    usage.output,
    usage.reasoning,
    extraUsageText(usage),
    entry.totalTokens,
    entry.localPromptTokens,
    entry.localCompletionTokens,
    entry.localTotalTokens,
    entry.toolCalls,
    entry.nanocents,
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
    entry.salt,
  ];
}

/** Reads a row of entryColumns back. */
export function entryOf(row: Row): Entry {
  return {
    id: idOf(row[0]!),
    kind: row[2] as Entry['kind'],
    at: Number(row[3]),
    recordedAt: Number(row[4]),
    model: row[5] as string,
    requestedModel: row[6] as string | null,
    provider: row[7] as string | null,
    endpoint: row[8] as string | null,
    caller: row[9] as string | null,
    username: row[10] as string | null,
    project: row[11] as string | null,
    session: row[12] as string | null,
    purpose: row[13] as string | null,
    key: row[14] as string | null,
    tags: row[15] === null ? {} : JSON.parse(row[15] as string),
    usage: usageOf(row),
    totalTokens: countOf(row[24]),
    localPromptTokens: countOf(row[25]),
    localCompletionTokens: countOf(row[26]),
    localTotalTokens: countOf(row[27]),
    toolCalls: countOf(row[28]),
    nanocents: row[29] as bigint | null,
    costSource: row[30] as Entry['costSource'],
    basis: row[31] as Entry['basis'],
    priceId: row[32] as string | null,
    charge: row[33] as string | null,
    remark: row[34] as string | null,
    executionMicroseconds: countOf(row[35]),
    callId: row[36] as string,
    reservationId: row[37] === null ? null : idOf(row[37]!),
    adjusts: row[38] === null ? null : idOf(row[38]!),
    responseId: row[39] as string | null,
    rawUsage: row[40] as string | null,
    calls: row[41] === 1n ? 1 : 0,
    salt: row[42] as string,
  };
}

/** Journal position of a row of entryColumns. */
export function lineOf(row: Row): number {
  return Number(row[1]);
}

function usageOf(row: Row): Usage {
  return {
    input: countOf(row[16]),
    cacheRead: countOf(row[17]),
    cacheWrite5m: countOf(row[18]),
    cacheWrite1h: countOf(row[19]),
    cacheWrite: countOf(row[20]),
    output: countOf(row[21]),
    reasoning: countOf(row[22]),
    ...extraUsageOf(row[23] as string | null),
  };
}

function countOf(value: Value | undefined): number | null {
  return value === null ? null : Number(value);
}

function jsonOrNull(record: Readonly<Record<string, unknown>>): string | null {
  for (const _ in record) return JSON.stringify(record);
  return null;
}
