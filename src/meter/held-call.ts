import type { CallObserver, ObservedEnd } from '../core/call-observer.ts';
import type { Context } from '../core/context.ts';
import { type EndingRequest, type Spooled, writeEnding } from '../core/ending.ts';
import type { EntryDraft, WriteResult } from '../core/request.ts';
import type { Sizing } from '../core/reservation-rules.ts';
import type { Scope } from '../core/scope.ts';
import { NanocentError } from '../errors/error.ts';
import { openReader } from '../usage/reader.ts';
import type { ResponseReader } from '../usage/reading.ts';
import type { Booked, CallInput, Ending, MeteredCall } from './call.ts';
import type { MeterOptions } from './options.ts';
import { endingRequest } from './settlement.ts';

export interface HeldCallState {
  readonly call: CallInput;
  readonly pricedAs: string;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly draft: EntryDraft;
  readonly id: string;
  readonly heldNanocents: bigint;
  readonly sizing: Sizing | null;
  /** Its own reservation, with its fence, or the scope that it is a part of. */
  readonly holder: { readonly fence: number } | { readonly scope: Scope };
}

/** A call between its hold and its settle: reads along, renews the hold, and ends it exactly once. */
export class HeldCall implements MeteredCall {
  readonly #context: Context;
  readonly #options: MeterOptions & { readonly holdMs: number };
  readonly #state: HeldCallState;
  readonly #reader: ResponseReader;
  readonly #observer: CallObserver | null;
  #fence: number;
  #renewal: NodeJS.Timeout | null;
  #booked: Promise<Booked> | null = null;

  constructor(context: Context, options: MeterOptions & { readonly holdMs: number }, state: HeldCallState) {
    const { call, holder } = state;
    this.#context = context;
    this.#options = options;
    this.#state = state;
    this.#fence = 'fence' in holder ? holder.fence : 0;
    this.#reader = openReader({ provider: call.readAs ?? call.provider, api: call.api, framing: 'auto' });
    const { id, draft } = state;
    this.#observer =
      context.observe?.({
        id,
        at: draft.at,
        attribution: draft,
        request: call.said ?? null,
        keepPrompt: call.keepPrompt,
      }) ?? null;
    // A scope renews its hold for everything inside.
    this.#renewal = 'fence' in holder ? this.#nextRenewal() : null;
  }

  get id(): string {
    return this.#state.id;
  }

  get heldNanocents(): bigint {
    return this.#state.heldNanocents;
  }

  get sizing(): Sizing | null {
    return this.#state.sizing;
  }

  chunk(bytes: Uint8Array): void {
    this.#reader.chunk(bytes);
    this.#observer?.chunk(bytes);
  }

  finish(ending: Ending): Promise<Booked> {
    this.#booked ??= this.#end(ending);
    return this.#booked;
  }

  async #end(ending: Ending): Promise<Booked> {
    if (this.#renewal !== null) clearTimeout(this.#renewal);
    this.#renewal = null;
    const { draft, id, heldNanocents, pricedAs, startedAt, call, holder } = this.#state;
    const settled = endingRequest(
      {
        reservationId: id,
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
    this.#observer?.end(observedEnd(settled));
    const request = 'scope' in holder ? holder.scope.captureOf(id, settled) : settled;
    try {
      const booked = await this.#book(request);
      if (booked.outcome === 'spooled') this.#options.onSpooled?.(request);
      return booked;
    } catch (error) {
      this.#options.onUnsettled?.(request, error);
      return { outcome: 'unsettled', callId: id, error };
    }
  }

  async #book(request: EndingRequest): Promise<Booked> {
    const { holder, id } = this.#state;
    const pausesMs = this.#options.settlePausesMs;
    if (!('scope' in holder) || request.kind !== 'capture') {
      return bookedAs(id, request, await writeEnding(this.#context, request, pausesMs));
    }
    const { outcome, entry, overrunNanocents } = await holder.scope.capture(id, request, pausesMs);
    const said = entry ?? request.entry;
    if (said === null) return { outcome: 'voided', callId: id };
    const { nanocents, basis } = said;
    if (outcome === 'spooled') return { outcome, callId: id, nanocents };
    return { outcome: 'settled', callId: id, nanocents, overrunNanocents, basis };
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

function bookedAs(callId: string, request: EndingRequest, result: WriteResult | Spooled): Booked {
  switch (result.outcome) {
    case 'voided':
      return { outcome: 'voided', callId };
    case 'spooled':
      return { outcome: 'spooled', callId, nanocents: spooledCost(request) };
    case 'settled':
    case 'settled_late': {
      // A hold that ran out and was never billed: its charge has been given back.
      if (request.kind === 'void') return { outcome: 'voided', callId };
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

function spooledCost(request: EndingRequest): bigint | null {
  return request.kind === 'void' ? 0n : (request.entry?.nanocents ?? null);
}

function observedEnd(request: EndingRequest): ObservedEnd {
  if (request.kind === 'void')
    return { inputTokens: null, outputTokens: null, responseId: null, voided: true };
  const { input_tokens: input, output_tokens: output } = request.quantities;
  return {
    inputTokens: input === undefined ? null : Number(input),
    outputTokens: output === undefined ? null : Number(output),
    responseId: request.entry?.responseId ?? null,
    voided: false,
  };
}
