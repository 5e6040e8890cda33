import type { LedgerService } from './ledger.ts';
import type { WriteRequest, WriteResult } from './request.ts';

/** Holds closed in one sweep; more are left to the next one. */
const sweepMax = 10_000;
const pageSize = 256;

/** Closes every hold whose deadline has passed on the store's clock. Any process may; asking twice changes nothing. */
export async function expireDue(ledger: LedgerService): Promise<number> {
  let closed = 0;
  while (closed < sweepMax) {
    const { ids } = await ledger.reads.dueReservations(pageSize);
    const results = await Promise.all(ids.map((id) => ledger.write({ kind: 'expire', id })));
    const ended = results.filter((result) => result.outcome === 'expired').length;
    closed += ended;
    if (ids.length < pageSize || ended === 0) break;
  }
  return closed;
}

/** A reserve, or more of one. Holds that nobody renewed may stand in its way: they are closed, and the question is put once more. */
export async function reserveInRoom(
  ledger: LedgerService,
  request: Extract<WriteRequest, { kind: 'reserve' | 'extend' }>,
): Promise<WriteResult> {
  const result = await ledger.write(request);
  const held = result.outcome === 'refused' && result.refusals.some(({ reason }) => reason === 'held');
  if (!held || (await expireDue(ledger)) === 0) return result;
  return ledger.write(request);
}
