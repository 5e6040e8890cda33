import type { EndingRequest } from '../core/ending.ts';

/** How long holds live, and how often a settle is tried again. */
export interface MeterOptions {
  /** How long a hold lives without being renewed; it is renewed every third of that. 1 to 10 minutes. */
  readonly holdMs?: number;
  /** Pauses before a settle that the store did not take is tried again. */
  readonly settlePausesMs?: readonly number[];
  /**
   * Takes what could neither be settled in time nor kept in the spool. Its hold stands until it runs out; what is kept here can
   * still be settled late.
   */
  readonly onUnsettled?: (request: EndingRequest, error: unknown) => void;
  /** An end that the store did not take, and the spool did: it is booked when the store is back. */
  readonly onSpooled?: (request: EndingRequest) => void;
  /** A hold that could not be renewed: the call goes on, and is settled late if the hold runs out. */
  readonly onRenewFailed?: (callId: string, error: unknown) => void;
}

export const holdMsDefault = 120_000;
export const holdMsMin = 60_000;
export const holdMsMax = 600_000;
