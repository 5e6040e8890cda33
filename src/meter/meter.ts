import { costLimitOver } from '../core/blind-spend.ts';
import type { Context } from '../core/context.ts';
import { reserveInRoom } from '../core/expire-due.ts';
import { holdRequest } from '../core/hold.ts';
import type { WriteRequest, WriteResult } from '../core/request.ts';
import { NanocentError } from '../errors/error.ts';
import type { Begun, CallInput } from './call.ts';
import { HeldCall } from './held-call.ts';
import { holdMsDefault, holdMsMax, holdMsMin, type MeterOptions } from './options.ts';
import { type HoldSize, sizeHold } from './size-hold.ts';

/** Reserves before a call and settles after it, whatever carries the call. */
export interface Meter {
  /**
   * Sets money aside, or says why the call may not be made. Throws what the store throws when it cannot answer
   * (store_busy, store_unreachable …) and field_invalid for attribution that cannot be stored: then nothing is held.
   */
  begin(call: CallInput): Promise<Begun>;
}

export function createMeter(context: Context, options: MeterOptions = {}): Meter {
  const holdMs = options.holdMs ?? holdMsDefault;
  if (!Number.isInteger(holdMs) || holdMs < holdMsMin || holdMs > holdMsMax) {
    throw new NanocentError('field_invalid', `holdMs is ${holdMs}, not ${holdMsMin} to ${holdMsMax}`, {
      field: 'holdMs',
    });
  }
  return { begin: (call) => begin(context, { ...options, holdMs }, call) };
}

type Reserve = Extract<WriteRequest, { kind: 'reserve' }>;

async function begin(
  context: Context,
  options: MeterOptions & { holdMs: number },
  call: CallInput,
): Promise<Begun> {
  const startedAt = performance.now();
  const pricedAs = call.pricedAs ?? call.provider;
  await context.catalog.ready({ provider: pricedAs });
  const size = sizeHold(call, context.catalog, context.clock.now());
  const request = reserveRequest(context, call, size, options.holdMs);
  if (size.outcome === 'unpriced' && context.unpriced !== 'allow') {
    const limitId = await costLimitOver(context, request.expiry);
    if (limitId !== null) return { outcome: 'unpriced', reason: size.reason, nearest: size.nearest, limitId };
  }
  const result = await reserveInRoom(context.ledger, request);
  if (result.outcome !== 'reserved') return otherwise(context, result);
  return {
    outcome: 'held',
    call: new HeldCall(context, options, {
      call,
      pricedAs,
      startedAt,
      draft: request.expiry,
      reservationId: request.id,
      heldNanocents: request.quantities.cost ?? 0n,
      fence: result.reservation.fence,
    }),
  };
}

function reserveRequest(context: Context, call: CallInput, size: HoldSize, ttlMs: number): Reserve {
  const sized = size.outcome === 'sized';
  const {
    idempotency = null,
    request: _,
    requestBytes: __,
    pricedAs: ___,
    readAs: ____,
    api: _____,
    ...who
  } = call;
  const request = holdRequest(context, {
    ...who,
    requestedModel: call.model,
    nanocents: sized ? size.nanocents : 0n,
    quantities: sized ? size.quantities : {},
    ttlMs,
  });
  // A hold without the measure of money runs out as unpriced, one of 0 as free.
  const { cost: _cost, ...unpriced } = request.quantities;
  return { ...request, quantities: sized ? request.quantities : unpriced, idempotency };
}

async function otherwise(context: Context, result: WriteResult): Promise<Begun> {
  switch (result.outcome) {
    case 'refused':
      return { outcome: 'refused', refusals: result.refusals };
    case 'again':
      return { outcome: 'in_flight', callId: '', nanocents: null };
    case 'replayed':
      return replayed(context, result.id);
    case 'failed':
      if (result.code === 'idempotency_conflict') return { outcome: 'conflict', message: result.message };
      throw new NanocentError(result.code, result.message, { data: result.data });
    default:
      throw new NanocentError('plan_impossible', `a reserve was answered with ${result.outcome}`);
  }
}

async function replayed(context: Context, callId: string): Promise<Begun> {
  const first = await context.ledger.reads.reservation(callId);
  const open = first === null || first.state === 'open';
  return { outcome: open ? 'in_flight' : 'done', callId, nanocents: first?.posted.cost ?? null };
}
