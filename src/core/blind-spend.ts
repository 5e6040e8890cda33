import { legsFor } from '../limits/pick.ts';
import { attributesOf } from './attribution.ts';
import type { Context } from './context.ts';
import type { EntryDraft } from './request.ts';

/**
 * The cost limit, most specific first, that a call without a price would pass unseen; null where none may refuse it.
 * A limit that begins after this answer finds the call already in flight.
 */
export async function costLimitOver(context: Context, entry: EntryDraft): Promise<number | null> {
  const { limits } = await context.ledger.reads.limits();
  const legs = legsFor(limits, attributesOf(entry), context.clock.now());
  const leg = legs.find(({ account, maximum }) => account.measure === 'cost' && maximum !== null);
  return leg?.account.limitId ?? null;
}
