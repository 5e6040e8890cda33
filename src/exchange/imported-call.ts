import type { ServedTerms } from '../usage/reading.ts';
import type { Usage } from '../usage/usage.ts';

/** One call as another program's records tell it, not yet priced and not yet booked. */
export interface ImportedCall {
  /**
   * What makes it this call in every copy of its source, whatever file it stands in: the provider's own id wherever there
   * is one, so that two programs that logged the same response are one call. Hashed, never shown.
   */
  readonly identity: string;
  /** Where it stands, for a person: `file:line`. */
  readonly where: string;
  /** The provider's id of the response; a row of the gateway with the same one is the same call. */
  readonly responseId: string | null;
  /** Epoch milliseconds UTC. */
  readonly at: number;
  /** As served. */
  readonly model: string;
  /** As asked for, where that is another name. */
  readonly requestedModel: string | null;
  /** Null leaves it to the model's name. */
  readonly provider: string | null;
  readonly usage: Usage;
  /** Where the parts do not say. */
  readonly totalTokens: number | null;
  readonly localPromptTokens: number | null;
  readonly localCompletionTokens: number | null;
  readonly localTotalTokens: number | null;
  readonly terms: ServedTerms;
  /** What the source says it cost; null has it priced by the catalog at its own instant. */
  readonly nanocents: bigint | null;
  /** Where it comes from and how sure its counts are, for a person. */
  readonly remark: string;
  readonly executionMicroseconds: number | null;
  readonly username: string | null;
  readonly caller: string | null;
  readonly project: string | null;
  readonly session: string | null;
  readonly purpose: string | null;
  readonly key: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** The usage as the source has it, JSON text. */
  readonly rawUsage: string | null;
  /** False for a further model billed inside a response that stands as a call of its own. */
  readonly isCall: boolean;
}

/** Everything of a call that most sources do not say. */
export const unsaid = {
  responseId: null,
  requestedModel: null,
  provider: null,
  totalTokens: null,
  localPromptTokens: null,
  localCompletionTokens: null,
  localTotalTokens: null,
  terms: {},
  nanocents: null,
  executionMicroseconds: null,
  username: null,
  caller: null,
  project: null,
  session: null,
  purpose: null,
  key: null,
  tags: {},
  rawUsage: null,
  isCall: true,
} as const satisfies Partial<ImportedCall>;

/**
 * Shorter ids are not unique: some local servers make up three digits (`chatcmpl-742`). Those of the
 * providers have 24 characters and more.
 */
const providerIdCharactersMin = 20;

/** A provider's response id that is fit to tell calls apart, or null. */
export function providerId(id: unknown): string | null {
  return typeof id === 'string' && id.length >= providerIdCharactersMin && id.length <= 256 ? id : null;
}

/** `item` counts models billed inside one response, from 0. */
export function responseIdentity(responseId: string, item = 0): string {
  return `response\n${responseId}\n${item}`;
}
