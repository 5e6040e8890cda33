import { decodeDraft } from '../core/booked-entry.ts';
import type { Context } from '../core/context.ts';
import { writeEnding } from '../core/ending.ts';
import { type HoldInput, holdRequest } from '../core/hold.ts';
import { quantitiesOf } from '../core/quantities.ts';
import { idempotencyOf } from '../core/track.ts';
import { type UnitChargeInput, unitCost } from '../core/unit-charge.ts';
import type { Charged } from './books.ts';
import { throwFailure } from './failure.ts';
import { hold, throwSpooled } from './reserve.ts';

/** Holds what a unit costs, and books it. The same thing asked for again is the same charge, whatever it would cost by now. */
export async function chargeUnit(
  context: Context,
  input: UnitChargeInput & Pick<HoldInput, 'run'>,
): Promise<Charged> {
  const cost = await unitCost(context, input);
  const { idempotencyKey, run, ...who } = input;
  const request = holdRequest(context, { ...who, run, nanocents: cost.nanocents });
  const idempotency = idempotencyOf('charge', idempotencyKey, { ...who, idempotencyKey });
  const held = await hold(context, { ...request, idempotency });
  if (held.outcome === 'refused') return held;
  const { remaining, reservation } = held;
  const { id, state, draft } = reservation;
  if (state !== 'open') {
    const page = { filter: {}, from: null, to: null, reservationId: id, limit: 1 };
    const { entries } = await context.ledger.reads.entries(page);
    if (entries[0]) return { outcome: 'charged', entry: entries[0], remaining, replayed: true };
  }
  const entry = { ...decodeDraft(draft!).entry, ...cost, id: context.ids.uuid() };
  const quantities = quantitiesOf(entry);
  const result = await writeEnding(context, { kind: 'settle', id, quantities, attributes: null, entry });
  if (result.outcome === 'spooled') return throwSpooled(context, id, cost.nanocents);
  if ((result.outcome !== 'settled' && result.outcome !== 'settled_late') || !result.entry)
    return throwFailure(result);
  return { outcome: 'charged', entry: result.entry, remaining, replayed: held.replayed };
}
