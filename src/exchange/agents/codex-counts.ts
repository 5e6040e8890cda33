import type { JsonObject } from '../../usage/format.ts';
import { callCountMax } from './message-table.ts';

/** The five counts of a Codex counter, as it has them. */
export interface CodexCounts {
  readonly input: number;
  /** Part of the input. */
  readonly cached: number;
  readonly output: number;
  /** Part of the output. */
  readonly reasoning: number;
  readonly total: number;
}

/** null for no counter; a count it leaves out is 0, and one that is no count makes it no counter. */
export function codexCounts(usage: JsonObject | null): CodexCounts | null {
  if (usage === null) return null;
  const input = countOf(usage.input_tokens);
  const output = countOf(usage.output_tokens);
  const counts = {
    input,
    cached: countOf(usage.cached_input_tokens ?? usage.cache_read_input_tokens),
    output,
    reasoning: countOf(usage.reasoning_output_tokens),
    total: usage.total_tokens === undefined ? input + output : countOf(usage.total_tokens),
  };
  return Object.values(counts).some(Number.isNaN) ? null : counts;
}

/** What was added since the total before. A total that fell counts from zero again. */
export function codexDifference(total: CodexCounts, before: CodexCounts | null): CodexCounts {
  if (before === null) return total;
  const names = ['input', 'cached', 'output', 'reasoning', 'total'] as const;
  if (names.some((name) => total[name] < before[name])) return total;
  return {
    input: total.input - before.input,
    cached: total.cached - before.cached,
    output: total.output - before.output,
    reasoning: total.reasoning - before.reasoning,
    total: total.total - before.total,
  };
}

export function isSame(left: CodexCounts, right: CodexCounts): boolean {
  return (
    left.input === right.input &&
    left.cached === right.cached &&
    left.output === right.output &&
    left.reasoning === right.reasoning &&
    left.total === right.total
  );
}

export function isNothing({ input, output, total }: CodexCounts): boolean {
  return input === 0 && output === 0 && total === 0;
}

/** A running total may be larger than one call's counts. */
const totalMax = callCountMax * 1_000;

function countOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= totalMax
    ? value
    : Number.NaN;
}
