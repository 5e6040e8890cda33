import { NanocentError } from '../errors/error.ts';
import { countMax, type Usage, unknownUsage } from '../usage/usage.ts';

/** Counts as people and the seeds write them: input with cache inside, output with reasoning inside. */
export interface CountsInput {
  readonly promptTokens?: number | undefined;
  readonly completionTokens?: number | undefined;
  readonly totalTokens?: number | undefined;
  readonly localPromptTokens?: number | undefined;
  readonly localCompletionTokens?: number | undefined;
  readonly localTotalTokens?: number | undefined;
  /** Read from a cache: part of promptTokens. */
  readonly cachedTokens?: number | undefined;
  readonly cacheWrite5mTokens?: number | undefined;
  readonly cacheWrite1hTokens?: number | undefined;
  readonly cacheWriteTokens?: number | undefined;
  /** Part of completionTokens. */
  readonly reasoningTokens?: number | undefined;
  readonly toolCalls?: number | undefined;
}

export interface Counts {
  readonly usage: Usage;
  /** Only where it is not the sum of the parts. */
  readonly totalTokens: number | null;
  readonly localPromptTokens: number | null;
  readonly localCompletionTokens: number | null;
  readonly localTotalTokens: number | null;
  readonly toolCalls: number | null;
}

/** Throws usage_invalid for a count that is none, usage_inconsistent for counts that contradict each other. */
export function parseCounts(input: CountsInput): Counts {
  const count = (field: keyof CountsInput) => parseCount(input[field], field);
  const prompt = count('promptTokens');
  const completion = count('completionTokens');
  const reasoning = count('reasoningTokens');
  const total = agreeingTotal(prompt, completion, count('totalTokens'), 'totalTokens');
  const side = sideFromTotal(prompt, completion, total);
  // Who counts the prompt and says nothing of a cache means that there was none (the seeds' default too).
  const unsaid = side.prompt === null ? null : 0;
  const parts = {
    cacheRead: count('cachedTokens') ?? unsaid,
    cacheWrite5m: count('cacheWrite5mTokens') ?? unsaid,
    cacheWrite1h: count('cacheWrite1hTokens') ?? unsaid,
    cacheWrite: count('cacheWriteTokens') ?? unsaid,
  };
  const cached = Object.values(parts).reduce((sum: number, part) => sum + (part ?? 0), 0);
  if (cached > 0 && (side.prompt === null || cached > side.prompt)) {
    throw inconsistent(
      'cachedTokens',
      `cached tokens (${cached}) are part of the prompt tokens (${side.prompt ?? 'not given'})`,
    );
  }
  if (reasoning !== null && reasoning > 0 && (side.completion === null || reasoning > side.completion)) {
    const whole = side.completion ?? 'not given';
    throw inconsistent(
      'reasoningTokens',
      `reasoning tokens (${reasoning}) are part of the completion tokens (${whole})`,
    );
  }
  return {
    usage: {
      ...unknownUsage,
      ...parts,
      input: side.prompt === null ? null : side.prompt - cached,
      output: side.completion,
      reasoning,
    },
    totalTokens: side.prompt === null || side.completion === null ? total : null,
    ...localCounts(count),
    toolCalls: count('toolCalls'),
  };
}

function localCounts(count: (field: keyof CountsInput) => number | null) {
  const prompt = count('localPromptTokens');
  const completion = count('localCompletionTokens');
  const total = agreeingTotal(prompt, completion, count('localTotalTokens'), 'localTotalTokens');
  return { localPromptTokens: prompt, localCompletionTokens: completion, localTotalTokens: total };
}

/** The total as given or as the sum; both must agree. */
function agreeingTotal(
  prompt: number | null,
  completion: number | null,
  total: number | null,
  field: string,
): number | null {
  const sum = prompt === null || completion === null ? null : prompt + completion;
  if (total === null) return sum;
  if (sum !== null && sum !== total) {
    throw inconsistent(
      field,
      `${field} is ${total}, but prompt and completion make ${prompt} + ${completion} = ${sum}`,
    );
  }
  if (total < (prompt ?? 0) + (completion ?? 0)) {
    throw inconsistent(field, `${field} is ${total}, less than the part that is given`);
  }
  return total;
}

/** A total and one side give the other. */
function sideFromTotal(prompt: number | null, completion: number | null, total: number | null) {
  if (total !== null && prompt !== null && completion === null) return { prompt, completion: total - prompt };
  if (total !== null && prompt === null && completion !== null)
    return { prompt: total - completion, completion };
  return { prompt, completion };
}

function parseCount(value: unknown, field: string): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > countMax) {
    throw new NanocentError(
      'usage_invalid',
      `${field} is ${String(value)}, not a whole number from 0 to ${countMax}`,
      {
        field,
        fix: `give ${field} as a whole number that is not negative, or leave it out`,
      },
    );
  }
  return value;
}

function inconsistent(field: string, message: string): NanocentError {
  return new NanocentError('usage_inconsistent', message, {
    field,
    fix: 'correct one of the counts, or leave one out',
  });
}
