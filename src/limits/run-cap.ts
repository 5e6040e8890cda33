import { accountKey, capLimitId, type Leg } from '../ledger/account.ts';
import type { Limit } from './limit.ts';

/** The account of a run's cap: outside of all limits, for as long as the run lasts. */
export function capLeg({ id, max }: { readonly id: string; readonly max: bigint }): Leg {
  const subject = { run: id };
  const account = {
    key: accountKey(capLimitId, subject, 0),
    limitId: capLimitId,
    subject,
    measure: 'cost',
    windowStart: 0,
    windowEnd: null,
  };
  return { account, maximum: max, role: 'whole' };
}

/** A cap as the limit that refused. */
export function capLimit(max: bigint): Limit {
  return {
    id: capLimitId,
    kind: 'limit',
    scope: 'RUN',
    type: 'cost',
    max,
    window: { kind: 'lifetime' },
    selector: {},
    enforcement: 'hard',
    thresholds: [],
    source: 'command',
    file: null,
    raises: [],
    grants: [],
    createdAt: 0,
    endedAt: null,
  };
}
