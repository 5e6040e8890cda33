import type { Basis, Reading } from '../usage/reading.ts';
import { inputKinds, type Usage } from '../usage/usage.ts';
import type { Ending } from './call.ts';

/** Counts good enough to be priced, and how they are known. */
export interface KnownCounts {
  readonly usage: Usage;
  readonly basis: Exclude<Basis, 'reserved' | 'imported'>;
  /** What was estimated and from what; null when the provider said it all. */
  readonly remark: string | null;
}

/** Bytes of JSON or prose that make about one token, for estimates only: never a bound. */
const bytesPerToken = 4;

/**
 * The provider's counts; where its last word is missing, its first ones completed by what was seen of the answer.
 * Null when the answer cannot be known from what was seen: then only the hold is.
 */
export function knownCounts(reading: Reading, ending: Ending, requestBytes: number): KnownCounts | null {
  const { usage } = reading;
  if (reading.basis === 'provider' || reading.billedNanocents !== null) {
    return { usage, basis: reading.basis, remark: null };
  }
  const outputSeen = ending.streamed || ending.ended === 'complete';
  if (!outputSeen || !hasBegun(reading)) return null;
  if (!ending.streamed && reading.produced.bytes === 0 && usage.output === null) return null;

  const inputKnown = inputKinds.some((kind) => usage[kind] !== null);
  const output = Math.max(usage.output ?? 0, reading.produced.events, tokensOf(reading.produced.bytes));
  return {
    usage: {
      ...estimatedParts(usage),
      input: inputKnown ? (usage.input ?? 0) : tokensOf(requestBytes),
      output,
    },
    basis: inputKnown ? 'partial' : 'estimated',
    remark: remarkOf(reading, inputKnown ? null : requestBytes),
  };
}

/** In an estimate what is not known of caches and reasoning is taken as none: all input is fresh, all output plain. */
function estimatedParts(usage: Usage): Usage {
  const kinds = inputKinds.map((kind) => [kind, usage[kind] ?? 0]);
  return { ...usage, ...Object.fromEntries(kinds), reasoning: usage.reasoning ?? 0 };
}

/** Something of the answer itself was read, so its input has been taken in. */
function hasBegun(reading: Reading): boolean {
  return reading.responseId !== null || reading.model !== null || reading.produced.events > 0;
}

/** At least 1, so that what happened never counts as nothing; 0 bytes are none. */
function tokensOf(bytes: number): number {
  return Math.ceil(bytes / bytesPerToken);
}

function remarkOf(reading: Reading, requestBytes: number | null): string {
  const { events, bytes } = reading.produced;
  const output = `output estimated from ${bytes} bytes in ${events} events`;
  const input = requestBytes === null ? '' : `, input from ${requestBytes} bytes of request`;
  const problems = reading.problems.length === 0 ? '' : `; ${reading.problems.join('; ')}`;
  return `no final counts: ${output}${input}${problems}`.slice(0, remarkCharactersMax);
}

const remarkCharactersMax = 1000;
