import type { Context } from '../core/context.ts';
import type { EntryDraft, WriteResult } from '../core/request.ts';
import { NanocentError } from '../errors/error.ts';
import { openReader } from '../usage/reader.ts';
import type { ResponseReader } from '../usage/reading.ts';
import type { Booked, CallInput, Ending, MeteredCall } from './call.ts';
import { type MeterOptions, settlePausesMsDefault } from './options.ts';
import { type EndingRequest, endingRequest } from './settlement.ts';

export interface HeldCallState {
  readonly call: CallInput;
  readonly pricedAs: string;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly draft: EntryDraft;
  readonly reservationId: string;
  readonly heldNanocents: bigint;
  readonly fence: number;
}

/** A call between its hold and its settle: reads along, renews the hold, and ends it exactly once. */
export class HeldCall implements MeteredCall {
  readonly #context: Context;
  readonly #options: MeterOptions & { readonly holdMs: number };
  readonly #state: HeldCallState;
  readonly #reader: ResponseReader;
  #fence: number;
  #renewal: NodeJS.Timeout | null;
  #booked: Promise<Booked> | null = null;

  constructor(context: Context, options: MeterOptions & { readonly holdMs: number }, state: HeldCallState) {
    const { call } = state;
    this.#context = context;
    this.#options = options;
    this.#state = state;
    this.#fence = state.fence;
    this.#reader = openReader({ provider: call.readAs ?? call.provider, api: call.api, framing: 'auto' });
    this.#renewal = this.#nextRenewal();
  }

  get id(): string {
    return this.#state.reservationId;
  }

  get heldNanocents(): bigint {
    return this.#state.heldNanocents;
  }

  chunk(bytes: Uint8Array): void {
    this.#reader.chunk(bytes);
  }

  finish(ending: Ending): Promise<Booked> {
    this.#booked ??= this.#end(ending);
    return this.#booked;
  }

  async #end(ending: Ending): Promise<Booked> {
    if (this.#renewal !== null) clearTimeout(this.#renewal);
    this.#renewal = null;
    const { draft, reservationId, heldNanocents, pricedAs, startedAt, call } = this.#state;
    const request = endingRequest(
      {
        reservationId,
        heldNanocents,
        draft,
        pricedAs,
        requestBytes: call.requestBytes,
        entryId: this.#context.ids.uuid(),
        salt: this.#context.ids.salt(),
        executionMicroseconds: Math.round((performance.now() - startedAt) * 1000),
      },
      ending,
      this.#reader.finish(),
      this.#context.catalog,
    );
    try {
      return bookedAs(request.id, await this.#write(request));
    } catch (error) {
      this.#options.onUnsettled?.(request, error);
      return { outcome: 'unsettled', callId: reservationId, error };
    }
  }

  /** The same request again is the same movement, so a store that was busy or away may be asked again. */
  async #write(request: EndingRequest): Promise<WriteResult> {
    for (const pauseMs of this.#options.settlePausesMs ?? settlePausesMsDefault) {
      try {
        return await this.#context.ledger.write(request);
      } catch (error) {
        if (!NanocentError.is(error) || error.kind !== 'unavailable') throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    return this.#context.ledger.write(request);
  }

  #nextRenewal(): NodeJS.Timeout {
    return setTimeout(() => void this.#renew(), this.#options.holdMs / 3).unref();
  }

  async #renew(): Promise<void> {
    try {
      const result = await this.#context.ledger.write({
        kind: 'extend',
        id: this.id,
        fence: this.#fence,
        quantities: {},
        attributes: {},
        ttlMs: this.#options.holdMs,
      });
      if (result.outcome !== 'extended') throw renewalError(result);
      this.#fence = result.reservation.fence;
    } catch (error) {
      // The call goes on: a hold that runs out is charged, and the settle then corrects it.
      this.#options.onRenewFailed?.(this.id, error);
    }
    if (this.#booked === null) this.#renewal = this.#nextRenewal();
  }
}

function renewalError(result: WriteResult): NanocentError {
  if (result.outcome === 'failed') return new NanocentError(result.code, result.message);
  return new NanocentError('limit_refused', `the renewal of a hold was answered with ${result.outcome}`);
}

function bookedAs(callId: string, result: WriteResult): Booked {
  switch (result.outcome) {
    case 'voided':
      return { outcome: 'voided', callId };
    case 'settled':
    case 'settled_late': {
      const { entry, reservation, overrun } = result;
      // A late row holds only the difference to what the expiry charged.
      const whole = entry === null || result.outcome === 'settled_late';
      const nanocents = whole ? (reservation.posted.cost ?? null) : entry.nanocents;
      return {
        outcome: 'settled',
        callId,
        nanocents,
        overrunNanocents: overrun,
        basis: entry?.basis ?? 'reserved',
      };
    }
    case 'failed':
      throw new NanocentError(result.code, result.message, { data: result.data });
    default:
      throw new NanocentError('plan_impossible', `the end of a call was answered with ${result.outcome}`);
  }
}
