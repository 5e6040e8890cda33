import type { Attribution } from '../store/entry.ts';

/** A call that was held and is about to be made. */
export interface ObservedCall {
  readonly id: string;
  readonly at: number;
  readonly attribution: Attribution;
  /** What its caller said of the prompt log; undefined leaves it to the settings. */
  readonly keepPrompt: boolean | undefined;
  /** The request as its client wrote it; null where the transport does not have it as JSON. */
  readonly request: Readonly<Record<string, unknown>> | null;
}

export interface ObservedEnd {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly responseId: string | null;
  /** Nothing was billed: the call was never sent, or refused. */
  readonly voided: boolean;
}

/** Reads along with one call for a log. What it throws is nobody's: it must not throw. */
export interface CallObserver {
  chunk(bytes: Uint8Array): void;
  end(ended: ObservedEnd): void;
}

/** Null for a call that no log wants. */
export type ObserveCall = (call: ObservedCall) => CallObserver | null;
