import { type SumField, type Sums, sumFields } from '../rollup.ts';
import type { Value } from '../row.ts';

/** All input of a row of nanocent_entries; null when no input kind is known. */
export const promptTokensSql = `CASE WHEN coalesce(input, cache_read, cache_write_5m, cache_write_1h, cache_write) IS NOT NULL
  THEN coalesce(input, 0) + coalesce(cache_read, 0) + coalesce(cache_write_5m, 0) + coalesce(cache_write_1h, 0) + coalesce(cache_write, 0) END`;

/** Total as given, else input plus output where both are known. */
export const totalTokensSql = `coalesce(total_tokens, ${promptTokensSql} + output)`;

/** What one row of nanocent_entries adds to each sum. */
const rowSql: Readonly<Record<SumField, string>> = {
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
  unpricedCalls: 'CASE WHEN nanocents IS NULL THEN 1 ELSE 0 END',
  nanocents: 'nanocents',
};

/** Columns of a rollup, in the order of every list below. */
export const sumColumns = sumFields.map(snake);

/** What one row of nanocent_entries adds to each of sumColumns, named. PostgreSQL sums bigints as numeric: nothing overflows. */
export const rowValuesSql = sumFields
  .map((field, index) => `coalesce(${rowSql[field]}, 0) AS ${sumColumns[index]}`)
  .join(', ');

/** Sums over rows of nanocent_entries. */
export const rowSumsSql = sumFields.map((field) => `coalesce(sum(${rowSql[field]}), 0)`).join(', ');

/** Sums over rows of a rollup. */
export const rollupSumsSql = sumColumns.map((column) => `coalesce(sum(${column}), 0)`).join(', ');

/** The values of sumColumns in a row, from `start` on. */
export function sumsOf(row: readonly Value[], start: number): Sums {
  return Object.fromEntries(sumFields.map((field, index) => [field, row[start + index] as bigint])) as Sums;
}

function snake(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
