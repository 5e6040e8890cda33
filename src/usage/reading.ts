import type { Usage } from './usage.ts';

/** How the counts of a row are known. */
export type Basis = 'provider' | 'partial' | 'estimated' | 'reserved' | 'imported';

/** Conditions of a served request that prices may depend on; absent means the provider's standard. */
export interface ServedTerms {
  /** As served, lower case: `batch`, `flex`, `priority`, `fast` … never the requested "auto"; absent when standard. */
  readonly tier?: string;
  /** Where it was served, when the price may depend on it: `us`, `eu`. */
  readonly region?: string;
}

/**
 * Another model, or a fee, billed inside the same response, beside its own usage. Only items of the reason `compound`
 * are that usage once more, broken down by the models that a compound system called: either is priced, never both.
 */
export interface ReadingItem {
  readonly model: string | null;
  readonly usage: Usage;
  /** Why it stands apart: `advisor`, `fallback`, `compound`, `fee` … */
  readonly reason: string;
  /** What the provider says it charged for this item, where it says so. */
  readonly billedNanocents?: bigint;
}

/** What one provider response says about its consumption. */
export interface Reading {
  readonly provider: string;
  readonly api: string;
  /** The model that served, as the provider names it; null when the response does not say. */
  readonly model: string | null;
  readonly usage: Usage;
  /** `partial`: the response was cut, and the counts are what was known by then. */
  readonly basis: 'provider' | 'partial';
  readonly terms: ServedTerms;
  readonly items: readonly ReadingItem[];
  /** The provider's own bill for the whole response, from the raw text; it wins over any catalog. */
  readonly billedNanocents: bigint | null;
  /** The provider's id of the response, for reconciliation and deduplication. */
  readonly responseId: string | null;
  /** Number of tool calls the model asked for; null when unknown. */
  readonly toolCalls: number | null;
  /** The usage object as sent, JSON text; null when none was seen. */
  readonly raw: string | null;
  /** For estimates where usage never came: what was seen of the answer. */
  readonly produced: { readonly events: number; readonly bytes: number };
  /** Why counts are unknown or partial although the provider sent some: one sentence each, numbers only. */
  readonly problems: readonly string[];
}

/** Watches one response body. Feed it bytes in any chunking; `finish` may be called at any point, once. */
export interface ResponseReader {
  chunk(bytes: Uint8Array): void;
  /** Never throws on malformed input: what was known is labelled `partial`. */
  finish(): Reading;
}
