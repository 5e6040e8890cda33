import { NanocentError } from '../errors/error.ts';
import type { Quantities } from '../ledger/account.ts';
import type { OnExpire } from '../ledger/reservation.ts';
import { nanocentsMax } from '../money/nanocents.ts';
import { type AttributionInput, attributesOf, parseAttribution } from './attribution.ts';
import { unknownEntry } from './booked-entry.ts';
import type { Context } from './context.ts';
import type { EntryDraft, WriteRequest } from './request.ts';
import { idempotencyOf } from './track.ts';

export interface HoldInput extends AttributionInput {
  /** Money to set aside. */
  readonly nanocents: bigint;
  /** Upper bounds of other measures (`input_tokens` …); one request and one slot are always held. */
  readonly quantities?: Quantities | undefined;
  /** 1 second to 24 hours; 10 minutes when left out. */
  readonly ttlMs?: number | undefined;
  readonly onExpire?: OnExpire | undefined;
  readonly callId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

export const holdTtlMs = 600_000;
const ttlMsMin = 1_000;
const ttlMsMax = 24 * 3_600_000;

/** A reservation, with the row that is booked for it when nobody settles it in time. */
export function holdRequest(context: Context, input: HoldInput): Extract<WriteRequest, { kind: 'reserve' }> {
  const attribution = parseAttribution(input);
  const ttlMs = input.ttlMs ?? holdTtlMs;
  if (!Number.isSafeInteger(ttlMs) || ttlMs < ttlMsMin || ttlMs > ttlMsMax) {
    throw new NanocentError('field_invalid', `a hold lasts from 1 second to 24 hours, not ${ttlMs} ms`, {
      field: 'ttl',
    });
  }
  if (input.nanocents < 0n || input.nanocents > nanocentsMax) {
    throw new NanocentError('amount_invalid', `cannot reserve ${input.nanocents} nanocents`, {
      field: 'nanocents',
      fix: 'give an amount from 0 to 92233720.36854775807 USD',
    });
  }
  const id = context.ids.uuid();
  const expiry: EntryDraft = {
    ...unknownEntry,
    ...attribution,
    id: context.ids.uuid(),
    at: context.clock.now(),
    callId: input.callId ?? id,
    reservationId: id,
    salt: context.ids.salt(),
  };
  return {
    kind: 'reserve',
    id,
    quantities: { requests: 1n, concurrent_requests: 1n, ...input.quantities, cost: input.nanocents },
    attributes: attributesOf(attribution),
    ttlMs,
    onExpire: input.onExpire ?? 'charge',
    expiry,
    idempotency: idempotencyOf('reserve', input.idempotencyKey, input),
  };
}
