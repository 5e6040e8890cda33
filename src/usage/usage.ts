/**
 * What a provider says was consumed. The six token counts are disjoint and exhaustive; the subsets below
 * them are never added again. `null` is unknown, 0 is zero. All counts are safe non-negative integers.
 */
export interface Usage {
  /** Input tokens neither read from nor written to a cache. */
  readonly input: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite5m: number | null;
  readonly cacheWrite1h: number | null;
  /** Written to a cache whose time to live the provider does not say. */
  readonly cacheWrite: number | null;
  /** All output tokens, reasoning included. */
  readonly output: number | null;

  /** Subset of `output`. */
  readonly reasoning: number | null;
  /** Subsets with possible rates of their own; absent when the provider does not say. */
  readonly inputAudio?: number;
  readonly cacheReadAudio?: number;
  readonly inputImage?: number;
  readonly cacheReadImage?: number;
  readonly inputVideo?: number;
  readonly outputAudio?: number;
  readonly outputImage?: number;
  readonly outputVideo?: number;
  /** Subset of `input`: tokens the provider's own tools put into the prompt. */
  readonly toolUseInput?: number;

  /** Billed beside tokens, by unit name (camelCase, singular): `webSearch`, `audioSecond`, `image`, `page` … */
  readonly units: Readonly<Record<string, number>>;
}

/** Every kind of tokens, each counted apart: no token is in two of them. */
export const tokenKinds = [
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'cacheWrite',
  'output',
] as const;
/** The kinds that a call's tokens are divided into. */
export type TokenKind = (typeof tokenKinds)[number];

/** The kinds of tokens that are input. */
export const inputKinds = ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'cacheWrite'] as const;

/** Nothing is known, which is not the same as nothing used. */
export const unknownUsage: Usage = {
  input: null,
  cacheRead: null,
  cacheWrite5m: null,
  cacheWrite1h: null,
  cacheWrite: null,
  output: null,
  reasoning: null,
  units: {},
};

/** The largest count believed: above it a count is bad input (10^12 tokens). */
export const countMax = 1_000_000_000_000;
