import { reserveWithAccountants } from '../core/accountants.ts';
import type { Context } from '../core/context.ts';
import { writeEnding } from '../core/ending.ts';
import type { holdRequest } from '../core/hold.ts';
import { NanocentError } from '../errors/error.ts';
import type { Subject } from '../ledger/account.ts';
import { limitStates } from '../reports/limit-states.ts';
import type { Reserved, Settled } from './books.ts';
import { throwFailure } from './failure.ts';

/** Takes a hold, or says which limits have no room. Throws spool_behind while too much waits to be booked. */
export async function hold(context: Context, request: ReturnType<typeof holdRequest>): Promise<Reserved> {
  context.spool?.admit();
  const result = await reserveWithAccountants(context, request);
  if (result.outcome === 'refused')
    return { outcome: 'refused', refusals: result.refusals, insufficient: null };
  if (result.outcome === 'insufficient') {
    const { accountant, error } = result;
    return { outcome: 'refused', refusals: [], insufficient: { accountant, error } };
  }
  if (result.outcome === 'replayed') {
    const reservation = await context.ledger.reads.reservation(result.id);
    if (reservation)
      return {
        ...remainingFor(context, reservation.attributes),
        outcome: 'reserved',
        reservation,
        replayed: true,
      };
    throw new NanocentError('reservation_not_found', `there is no reservation ${result.id}`);
  }
  if (result.outcome !== 'reserved') return throwFailure(result);
  const { reservation, replayed } = result;
  return { ...remainingFor(context, reservation.attributes), outcome: 'reserved', reservation, replayed };
}

/** Books an amount for a hold, in full, and frees the rest. Throws store_spooled when the store is away and it is kept. */
export async function settle(context: Context, id: string, nanocents: bigint): Promise<Settled> {
  if (nanocents < 0n) {
    throw new NanocentError('amount_invalid', 'what was spent cannot be negative', { field: 'nanocents' });
  }
  const quantities = { cost: nanocents };
  const result = await writeEnding(context, {
    kind: 'settle',
    id,
    quantities,
    attributes: null,
    entry: null,
  });
  if (result.outcome === 'spooled') return throwSpooled(context, id, nanocents);
  if (result.outcome !== 'settled' && result.outcome !== 'settled_late') return throwFailure(result);
  const { outcome, reservation, entry, replayed } = result;
  const left = remainingFor(context, reservation.attributes);
  return { ...left, outcome, reservation, entry, overrunNanocents: result.overrun, replayed };
}

/** Read when asked for: who does not ask does not pay for it. */
export function remainingFor({ ledger, clock }: Context, attributes: Subject) {
  return {
    remaining: async () => {
      const { limits } = await ledger.reads.limits();
      return limitStates(ledger.reads, limits, attributes, clock.now());
    },
  };
}

export function throwSpooled({ spool }: Context, id: string, nanocents: bigint): never {
  throw new NanocentError(
    'store_spooled',
    `the store did not take the settle of ${id} with ${nanocents} nanocents in time: it is kept in ${spool?.state.folder}`,
    {
      fix: 'nothing has to be done: it is booked when the store is back; do not settle it with another amount',
      data: { reservationId: id, nanocents: String(nanocents) },
    },
  );
}
