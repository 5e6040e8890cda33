import type { AttributionInput } from '../core/attribution.ts';
import type { Idempotency, WriteResult } from '../core/request.ts';
import type { Sizing } from '../core/reservation-rules.ts';
import type { Run } from '../core/run.ts';
import type { Scope } from '../core/scope.ts';
import type { InsufficientBalanceError } from '../errors/named.ts';
import type { Basis } from '../usage/reading.ts';

/** One call as it is about to be made, by whatever transport. */
export interface CallInput
  extends Omit<AttributionInput, 'model' | 'requestedModel' | 'provider' | 'endpoint'> {
  /** As asked for. */
  readonly model: string;
  /** The `provider` of its entry. */
  readonly provider: string;
  /** The provider in the catalog whose prices hold; `provider` when absent. */
  readonly pricedAs?: string;
  /** Whose wire format the answer has, when it is not the provider's own. */
  readonly readAs?: string;
  /** `chat.completions`, `responses`, `embeddings`, `messages`. */
  readonly api: string;
  /** Route called, such as `/v1/chat/completions`. */
  readonly endpoint: string;
  /** The request's body, in bytes. */
  readonly requestBytes: number;
  /** What the request says about how large it may become; null where it says nothing, or not everything. */
  readonly request: RequestBounds;
  readonly idempotency?: Idempotency | undefined;
  /** The request as its client wrote it, for the logs; nothing is priced by it. */
  readonly said?: Readonly<Record<string, unknown>> | undefined;
  /** Keeps what is said in the prompt log, or not, whatever its settings; they decide when left out. */
  readonly keepPrompt?: boolean | undefined;
}

/** How one call is to be held, where it is not as the settings say. */
export interface BeginOptions {
  /** The open scope whose money it takes; its attribution holds where the call says nothing. */
  readonly scope?: Scope | undefined;
  /** The run whose cap it comes under; the one it is made in when left out, none where null. */
  readonly run?: Run | null | undefined;
  readonly sizing?: Sizing | undefined;
  /** The amount to hold; alone it means the sizing `fixed`. */
  readonly nanocents?: bigint | undefined;
  /**
   * Models of the same provider to try in this order where a limit refuses the one asked for; `configured`: those that the
   * books were opened with. The outcome says which one is held: that one is to be called, and no other.
   */
  readonly fallbackModels?: readonly string[] | 'configured' | undefined;
}

/** Upper bounds that follow from a request alone. */
export interface RequestBounds {
  /** Null where input comes from outside the body (stored conversations, files, images by address). */
  readonly inputTokensMax: number | null;
  /** Of one choice; null where the request sets no bound. */
  readonly outputTokensMax: number | null;
  /** Answers to one prompt. */
  readonly choices: number;
  /** A service tier that the request asks for by name; it may be served and billed as standard all the same. */
  readonly tier?: string;
}

export type LimitRefusals = Extract<WriteResult, { outcome: 'refused' }>['refusals'];

/** What begins a call: a hold, or a reason not to make it. Nothing but `held` may reach a provider. */
export type Begun =
  | {
      readonly outcome: 'held';
      readonly call: MeteredCall;
      /** To be called: as asked for, or the fallback that fits. */
      readonly model: string;
      /** Why it is another one than asked for; null where it is not. */
      readonly insteadOf: { readonly model: string; readonly refusals: LimitRefusals } | null;
    }
  | { readonly outcome: 'refused'; readonly refusals: LimitRefusals }
  /** An accountant said no. */
  | {
      readonly outcome: 'insufficient';
      readonly accountant: string;
      readonly error: InsufficientBalanceError;
    }
  /** No price is known, and a cost limit holds for this call: it may not be spent blindly. */
  | {
      readonly outcome: 'unpriced';
      readonly reason: string;
      readonly nearest: readonly string[];
      readonly limitId: number;
    }
  /** The idempotency key was used: by a call still in flight, or by one that is done. */
  | { readonly outcome: 'in_flight' | 'done'; readonly callId: string; readonly nanocents: bigint | null }
  /** The idempotency key was used with another request. */
  | { readonly outcome: 'conflict'; readonly message: string };

/** A call whose hold stands: watched until it ends, then settled once. */
export interface MeteredCall {
  /** Of the call, and of its reservation where it has one of its own. */
  readonly id: string;
  readonly heldNanocents: bigint;
  /** How that amount was found; null where the model has no price. */
  readonly sizing: Sizing | null;
  /** Bytes of the answer, in any chunking. */
  chunk(bytes: Uint8Array): void;
  /** Settles or voids; the first call decides, further ones get the same answer. Never rejects. */
  finish(ending: Ending): Promise<Booked>;
}

/** How a call ended, for its settlement. */
export interface Ending {
  /** `complete`: the answer was seen to its end. `aborted`: we stopped it. `error`: the connection or a timeout did. */
  readonly ended: 'complete' | 'aborted' | 'error';
  /** False only where the request provably never left: nobody can have billed it. */
  readonly sent: boolean;
  /** Null where no answer began. */
  readonly httpStatus: number | null;
  /** True where the answer came in pieces as it was made: what was not seen was hardly made. */
  readonly streamed: boolean;
}

/** What the books say of a call that ended. */
export type Booked =
  | {
      readonly outcome: 'settled';
      readonly callId: string;
      /** Null: unpriced. */
      readonly nanocents: bigint | null;
      /** Above the hold; booked all the same. */
      readonly overrunNanocents: bigint;
      readonly basis: Basis;
    }
  /** Proven not billed; nothing is booked. */
  | { readonly outcome: 'voided'; readonly callId: string }
  /** The store was away: it is kept on disk, synced, and booked when the store is back. */
  | { readonly outcome: 'spooled'; readonly callId: string; readonly nanocents: bigint | null }
  /** Neither the store nor the spool took it in time; its hold stands, and is charged when it runs out. */
  | { readonly outcome: 'unsettled'; readonly callId: string; readonly error: unknown };
