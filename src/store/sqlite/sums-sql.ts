import { joinHalves } from '../../money/totals.ts';
import { type SumField, type Sums, sumFields } from '../rollup.ts';
import type { Value } from './connection.ts';

/** All input of a row of nanocent_entries; null when no input kind is known. */
export const promptTokensSql = `CASE WHEN coalesce(input, cache_read, cache_write_5m, cache_write_1h, cache_write) IS NOT NULL
  THEN coalesce(input, 0) + coalesce(cache_read, 0) + coalesce(cache_write_5m, 0) + coalesce(cache_write_1h, 0) + coalesce(cache_write, 0) END`;

/** Total as given, else input plus output where both are known. */
export const totalTokensSql = `coalesce(total_tokens, ${promptTokensSql} + output)`;

/** What one row of nanocent_entries adds to each sum. Money is apart: see rowValues. */
const rowSql: Readonly<Record<Exclude<SumField, 'nanocents'>, string>> = {
  calls: 'calls',
  entries: '1',
  input: 'input',
  cacheRead: 'cache_read',
  cacheWrite: 'coalesce(cache_write_5m, 0) + coalesce(cache_write_1h, 0) + coalesce(cache_write, 0)',
  output: 'output',
  reasoning: 'reasoning',
  promptTokens: promptTokensSql,
  totalTokens: totalTokensSql,
  localPromptTokens: 'local_prompt_tokens',
  localCompletionTokens: 'local_completion_tokens',
  localTotalTokens: 'local_total_tokens',
  executionMicroseconds: 'execution_microseconds',
  unpricedCalls: 'nanocents IS NULL',
};

const countFields = sumFields.filter((field) => field !== 'nanocents');

/**
 * Columns of a rollup, in the order of every list below. Money is kept in two halves, n >> 32 and n & (2^32 − 1),
 * because SUM over 64-bit columns overflows where a total passes $92M; the halves are exact for 2^31 rows.
 */
export const sumColumns = [...countFields.map(snake), 'nanocents_high', 'nanocents_low'];

/** What one row of nanocent_entries adds to each of sumColumns. */
const rowValues = [
  ...countFields.map((field) => `coalesce(${rowSql[field]}, 0)`),
  'coalesce(nanocents >> 32, 0)',
  'coalesce(nanocents & 4294967295, 0)',
];

/** The same, named. */
export const rowValuesSql = rowValues.map((value, index) => `${value} AS ${sumColumns[index]}`).join(', ');

/** Sums over rows of nanocent_entries. */
export const rowSumsSql = rowValues.map((value) => `coalesce(sum(${value}), 0)`).join(', ');

/** Sums over rows of a rollup. */
export const rollupSumsSql = sumColumns.map((column) => `coalesce(sum(${column}), 0)`).join(', ');

/** The values of sumColumns in a row, from `start` on. */
export function sumsOf(row: readonly Value[], start: number): Sums {
  const sums = Object.fromEntries(
    countFields.map((field, index) => [field, row[start + index] as bigint]),
  ) as Sums;
  const high = row[start + countFields.length] as bigint;
  sums.nanocents = joinHalves(high, row[start + countFields.length + 1] as bigint);
  return sums;
}

function snake(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
