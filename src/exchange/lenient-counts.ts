import { type Counts, type CountsInput, parseCounts } from '../core/counts.ts';
import { NanocentError } from '../errors/error.ts';

/** What is left out, one after the other, until the counts agree: the least said for a charge goes first. */
const doubtful = [
  [],
  ['reasoningTokens'],
  ['reasoningTokens', 'cachedTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens', 'cacheWriteTokens'],
  [
    'reasoningTokens',
    'cachedTokens',
    'cacheWrite5mTokens',
    'cacheWrite1hTokens',
    'cacheWriteTokens',
    'totalTokens',
    'localTotalTokens',
  ],
] as const satisfies readonly (readonly (keyof CountsInput)[])[];

/**
 * Counts that another program wrote down, which need not agree with each other: what contradicts the others is left out and
 * named. Throws usage_invalid for what is no count.
 */
export function lenientCounts(input: CountsInput): {
  readonly counts: Counts;
  readonly leftOut: readonly string[];
} {
  let failure: unknown;
  for (const leftOut of doubtful) {
    const kept = Object.fromEntries(
      Object.entries(input).filter(([name]) => !leftOut.includes(name as never)),
    );
    try {
      return { counts: parseCounts(kept), leftOut: leftOut.filter((name) => input[name] !== undefined) };
    } catch (error) {
      if (!NanocentError.is(error) || error.code !== 'usage_inconsistent') throw error;
      failure = error;
    }
  }
  throw failure;
}
