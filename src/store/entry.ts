import type { Basis } from '../usage/reading.ts';
import type { Usage } from '../usage/usage.ts';

export type CostSource = 'given' | 'priced' | 'provider' | 'unpriced';

/**
 * `call`: the first row of a call. `attempt`: a further row of the same call (retry, fallback, item billed inside).
 * `expiry`: a hold that ran out and was charged. `late`: the signed rest after it. `adjustment`: a correction.
 */
export type EntryKind = 'call' | 'attempt' | 'expiry' | 'late' | 'adjustment';

/** Who and what a call was for. Text fields compare by bytes, at most 256 characters, no NUL. */
export interface Attribution {
  readonly model: string;
  readonly requestedModel: string | null;
  readonly provider: string | null;
  /** Route called, such as `/v1/chat/completions`. */
  readonly endpoint: string | null;
  readonly caller: string | null;
  readonly username: string | null;
  readonly project: string | null;
  readonly session: string | null;
  readonly purpose: string | null;
  /** Id of the virtual key, or the keyed hash of a forwarded credential. */
  readonly key: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** One usage row. Money and times as everywhere: bigint nanocents, epoch milliseconds UTC. */
export interface Entry extends Attribution {
  /** UUIDv7 of its recording, text. */
  readonly id: string;
  readonly kind: EntryKind;
  /** When the call happened. */
  readonly at: number;
  /** The store's clock when it was booked. */
  readonly recordedAt: number;
  readonly usage: Usage;
  /** Given by the caller or provider where the parts do not say; else the sum of the parts. Null is unknown. */
  readonly totalTokens: number | null;
  readonly localPromptTokens: number | null;
  readonly localCompletionTokens: number | null;
  readonly localTotalTokens: number | null;
  readonly toolCalls: number | null;
  /** Null: unpriced. Signed on `late` and `adjustment` rows only. */
  readonly nanocents: bigint | null;
  readonly costSource: CostSource;
  readonly basis: Basis;
  readonly priceId: string | null;
  /** The charge's lines as JSON text (amounts as decimal strings), or null. */
  readonly charge: string | null;
  /** Why it is unpriced, or what was odd about its counts; null when nothing. */
  readonly remark: string | null;
  readonly executionMicroseconds: number | null;
  readonly callId: string;
  readonly reservationId: string | null;
  /** The entry that this one corrects. */
  readonly adjusts: string | null;
  /** The provider's response id. */
  readonly responseId: string | null;
  /** The provider's usage object as sent. */
  readonly rawUsage: string | null;
  /** 1 on the row that counts the call in `stats`, 0 on further rows of the same call. */
  readonly calls: 0 | 1;
  /** Random hex mixed into the journal's digest of this row, so that a purged row cannot be guessed back. */
  readonly salt: string;
}

/** All input, cached included: the seeds' `prompt_tokens`. Null when no input kind is known. */
export function promptTokens(usage: Usage): number | null {
  return sumKnown([usage.input, usage.cacheRead, usage.cacheWrite5m, usage.cacheWrite1h, usage.cacheWrite]);
}

/** Total as given, else input plus output where both are known. */
export function totalTokens(entry: Pick<Entry, 'usage' | 'totalTokens'>): number | null {
  if (entry.totalTokens !== null) return entry.totalTokens;
  const prompt = promptTokens(entry.usage);
  return prompt === null || entry.usage.output === null ? null : prompt + entry.usage.output;
}

function sumKnown(counts: readonly (number | null)[]): number | null {
  let sum: number | null = null;
  for (const count of counts) if (count !== null) sum = (sum ?? 0) + count;
  return sum;
}
