import type { LedgerService } from './ledger.ts';

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
