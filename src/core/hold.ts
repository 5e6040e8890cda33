import { NanocentError } from '../errors/error.ts';
import type { Quantities } from '../ledger/account.ts';
import type { OnExpire } from '../ledger/reservation.ts';
import type { Attribution } from '../store/entry.ts';
import { type AmountInput, amountOf } from './amount-input.ts';
import { type AttributionInput, attributesOf, parseAttribution } from './attribution.ts';
import { unknownEntry } from './booked-entry.ts';
import type { Context } from './context.ts';
import type { EntryDraft, WriteRequest } from './request.ts';
import { inRun, type Run } from './run.ts';
import { idempotencyOf } from './track.ts';

/** Exactly one of `usd` and `nanocents` says how much money to set aside. */
export interface HoldInput extends AttributionInput, AmountInput {
  /** Upper bounds of other measures (`input_tokens` …); one request and one slot are always held. */
  readonly quantities?: Quantities | undefined;
  /** 1 second to 24 hours; 10 minutes when left out. */
  readonly ttlMs?: number | undefined;
  readonly onExpire?: OnExpire | undefined;
  readonly callId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** The run whose cap holds for it; the one it is made in when left out, none where null. */
  readonly run?: Run | null | undefined;
}

export const holdTtlMs = 600_000;
const ttlMsMin = 1_000;
const ttlMsMax = 24 * 3_600_000;

/** A reservation, with the row that is booked for it when nobody settles it in time. */
export function holdRequest(context: Context, input: HoldInput): Extract<WriteRequest, { kind: 'reserve' }> {
  const { run, ...said } = input;
  const { caps, input: asked } = inRun(context, said, run);
  const attribution = parseAttribution(asked);
  const ttlMs = checkedTtl(input.ttlMs);
  const id = context.ids.uuid();
  return {
    kind: 'reserve',
    id,
    quantities: { requests: 1n, concurrent_requests: 1n, ...input.quantities, cost: amountOf(input) },
    attributes: attributesOf(attribution),
    ttlMs,
    onExpire: input.onExpire ?? 'charge',
    expiry: draftOf(context, attribution, { id, callId: input.callId ?? id }),
    idempotency: idempotencyOf('reserve', input.idempotencyKey, said),
    ...caps,
  };
}

/** 10 minutes when left out. Throws field_invalid outside of 1 second to 24 hours. */
export function checkedTtl(ttlMs: number = holdTtlMs): number {
  if (Number.isSafeInteger(ttlMs) && ttlMs >= ttlMsMin && ttlMs <= ttlMsMax) return ttlMs;
  throw new NanocentError('field_invalid', `a hold lasts from 1 second to 24 hours, not ${ttlMs} ms`, {
    field: 'ttl',
  });
}

/** The row of something of which only its hold is known. */
export function draftOf(
  context: Context,
  attribution: Attribution,
  { id, callId }: { readonly id: string; readonly callId: string },
): EntryDraft {
  return {
    ...unknownEntry,
    ...attribution,
    id: context.ids.uuid(),
    at: context.clock.now(),
    callId,
    reservationId: id,
    salt: context.ids.salt(),
  };
}
