import { nearestUsd } from '../money/index.ts';
import type { ForeignRow } from './foreign-sqlite.ts';
import { foreignCount, foreignInstant, foreignSeconds, foreignText } from './foreign-values.ts';
import { type ImportedCall, unsaid } from './imported-call.ts';
import { lenientCounts } from './lenient-counts.ts';

export interface AccountingOptions {
  /** IANA zone of times without one: llm-accounting writes the clock of the machine it ran on. */
  readonly zone: string;
  /** Price by the catalog instead of taking the cost that was given. */
  readonly reprice: boolean;
}

/** The table that all versions keep (llm-accounting 0.1.0–0.1.34). */
export const accountingTable = 'accounting_entries';

/**
 * A row of accounting_entries. The same row of two copies of a database is one call: everything that stands in it, its number
 * included, says which it is. Cached tokens are part of the prompt tokens there.
 */
export function accountingCall(row: ForeignRow, options: AccountingOptions, where: string): ImportedCall {
  const words = (name: string) => row[name] ?? null;
  const count = (name: string) => foreignCount(row[name], name) ?? undefined;
  // Both columns are 0 where nobody said anything: part of an unknown whole, that is unknown.
  const subset = (name: string, wholes: readonly string[]) =>
    wholes.some((whole) => count(whole) !== undefined) ? count(name) : count(name) || undefined;
  const { counts, leftOut } = lenientCounts({
    promptTokens: count('prompt_tokens'),
    completionTokens: count('completion_tokens'),
    totalTokens: count('total_tokens'),
    localPromptTokens: count('local_prompt_tokens'),
    localCompletionTokens: count('local_completion_tokens'),
    localTotalTokens: count('local_total_tokens'),
    cachedTokens: subset('cached_tokens', ['prompt_tokens', 'total_tokens']),
    reasoningTokens: subset('reasoning_tokens', ['completion_tokens', 'total_tokens']),
  });
  const cost = words('cost');
  const nanocents =
    options.reprice || cost === null ? null : nearestUsd(cost as number | string, { field: 'cost' });
  const model = foreignText(row.model) ?? foreignText(row.model_name) ?? '';
  const time = row.timestamp ?? row.datetime;
  const doubt =
    leftOut.length === 0 ? '' : `; ${leftOut.join(', ')} contradicted the other counts and was left out`;
  return {
    ...unsaid,
    identity: `llm-accounting\n${identityOf(row, model, time)}`,
    where,
    at: foreignInstant(time, options.zone, 'timestamp'),
    model,
    usage: counts.usage,
    totalTokens: counts.totalTokens,
    localPromptTokens: counts.localPromptTokens,
    localCompletionTokens: counts.localCompletionTokens,
    localTotalTokens: counts.localTotalTokens,
    nanocents,
    remark: `from llm-accounting, ${nanocents === null ? 'counts as given' : 'counts and cost as given'}${doubt}`,
    executionMicroseconds: foreignSeconds(row.execution_time, 'execution_time'),
    username: foreignText(row.username),
    caller: foreignText(row.caller_name),
    project: foreignText(row.project),
    session: foreignText(row.session),
  };
}

/** Numbers are written alike whether SQLite or PostgreSQL kept them: a database that was moved is the same rows. */
function identityOf(row: ForeignRow, model: string, time: unknown): string {
  const number = (name: string) => (row[name] === null || row[name] === undefined ? null : Number(row[name]));
  const moment = String(time ?? '')
    .replace('T', ' ')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
  return JSON.stringify([
    number('id'),
    moment,
    model,
    number('prompt_tokens'),
    number('completion_tokens'),
    number('cost'),
    foreignText(row.username),
    foreignText(row.caller_name),
  ]);
}
