import { attributesOf, parseAttribution } from '../core/attribution.ts';
import type { Context } from '../core/context.ts';
import type { CallInput } from '../meter/call.ts';
import { limitStates } from '../reports/limit-states.ts';

/** What the tightest cost limit still leaves for calls such as this one, in nanocents; null where none bounds them. */
export async function remainingMoney(context: Context, call: CallInput): Promise<bigint | null> {
  const { limits } = await context.ledger.reads.limits();
  const cost = limits.filter(({ type, endedAt }) => type === 'cost' && endedAt === null);
  if (cost.length === 0) return null;
  const attributes = attributesOf(parseAttribution({ ...call, requestedModel: call.model }));
  const states = await limitStates(context.ledger.reads, cost, attributes, context.clock.now());
  let least: bigint | null = null;
  for (const { refusesAbove, remaining } of states) {
    if (refusesAbove === null || remaining === null) continue;
    if (least === null || remaining < least) least = remaining;
  }
  return least;
}
