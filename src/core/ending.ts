import { NanocentError } from '../errors/error.ts';
import type { Quantities } from '../ledger/account.ts';
import { tellAccountants } from './accountants.ts';
import type { Context } from './context.ts';
import type { LedgerService } from './ledger.ts';
import type { WriteRequest, WriteResult } from './request.ts';

/** How a call or a scope ends in the ledger: money that is gone, or proven not to be. */
export type EndingRequest = Extract<WriteRequest, { kind: 'settle' | 'capture' | 'void' }>;

/** The store did not take it in time: it stands in the spool, synced to disk, and is booked when the store is back. */
export interface Spooled {
  readonly outcome: 'spooled';
}

/** Pauses before an ending that the store did not take is tried again. */
export const endingPausesMsDefault: readonly number[] = [20, 100, 500, 1_500];

/** Every measure at nothing: absent ones would be posted as held. */
export const nothingSpent: Quantities = {
  cost: 0n,
  requests: 0n,
  concurrent_requests: 0n,
  input_tokens: 0n,
  output_tokens: 0n,
  total_tokens: 0n,
};

/**
 * Books an ending, asking again for a while where the store is busy or away, and keeps it in the spool after that. Throws
 * what the store says where there is no spool, spool_failed where that cannot take it either: the hold then stands.
 */
export async function writeEnding(
  context: Pick<Context, 'ledger' | 'spool' | 'accountants'>,
  request: EndingRequest,
  pausesMs: readonly number[] = endingPausesMsDefault,
): Promise<WriteResult | Spooled> {
  let asked = 0;
  for (;;) {
    try {
      const before = asked > 0 ? await capturedBefore(context.ledger, request) : null;
      const result = before ?? (await bookEnding(context.ledger, request));
      await tellAccountants(context, result);
      return result;
    } catch (error) {
      if (!NanocentError.is(error) || error.kind !== 'unavailable') throw error;
      const pauseMs = error.code === 'store_closed' ? undefined : pausesMs[asked++];
      if (pauseMs === undefined) return spooled(context, request, error);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

async function spooled(
  { spool }: Pick<Context, 'spool'>,
  request: EndingRequest,
  storeError: NanocentError,
): Promise<Spooled> {
  // Units that end without a row are freed with the scope they are in: there is no money in them to be kept.
  if (!spool || (request.kind === 'capture' && request.rowless)) throw storeError;
  await spool.append(request, storeError);
  return { outcome: 'spooled' };
}

/** A settle is known again by its reservation's id; a capture is not: `capturedBefore` tells. */
export async function bookEnding(ledger: LedgerService, request: EndingRequest): Promise<WriteResult> {
  const result = await ledger.write(request);
  const ended = result.outcome === 'failed' && result.code === 'reservation_ended';
  if (!ended || request.kind !== 'void') return result;
  // It ran out meanwhile and was charged, though it was never billed: that is given back.
  return ledger.write({
    kind: 'settle',
    id: request.id,
    quantities: { ...nothingSpent, ...request.keep },
    attributes: null,
    entry: null,
    rowless: true,
  });
}

/** Captures may be many for one reservation: what tells them apart is the row. Null where it is not booked, or no capture. */
export async function capturedBefore(
  { reads }: LedgerService,
  request: EndingRequest,
): Promise<WriteResult | null> {
  if (request.kind !== 'capture' || request.entry === null) return null;
  const { id, entry } = request;
  const found = await reads.entry(entry.id);
  const reservation = found ? await reads.reservation(id) : null;
  if (!found || !reservation) return null;
  const over = (reservation.posted.cost ?? 0n) - (reservation.admitted.cost ?? 0n);
  return {
    outcome: 'captured',
    reservation,
    amount: found.entry.nanocents ?? 0n,
    overrun: over > 0n ? over : 0n,
    replayed: true,
    entry: found.entry,
  };
}
