import type { Ids } from '../core/context.ts';
import type { LimitDraft, WriteRequest } from '../core/request.ts';
import type { Quantities, Subject } from '../ledger/account.ts';
import type { LimitScope } from '../limits/limit.ts';
import type { Clock } from '../time/clock.ts';
import { entryDraft } from './drafts.ts';

type Request<Kind extends WriteRequest['kind']> = Extract<WriteRequest, { kind: Kind }>;

/** Short ways to ask a ledger for something, for proofs that ask for much. */
export function requestsFor(ids: Ids, clock: Clock) {
  const draft = (attributes: Subject, nanocents: bigint | null) =>
    entryDraft(attributes, { id: ids.uuid(), at: clock.now(), salt: ids.salt(), nanocents });
  return {
    reserve(
      cost: bigint,
      attributes: Subject = {},
      more: Partial<Request<'reserve'>> = {},
    ): Request<'reserve'> {
      const id = ids.uuid();
      const expiry = { ...draft(attributes, null), reservationId: more.id ?? id };
      const quantities: Quantities = { cost };
      const rest = { ttlMs: 600_000, onExpire: 'charge', idempotency: null } as const;
      return { kind: 'reserve', id, quantities, attributes, expiry, ...rest, ...more };
    },
    settle(id: string, cost: bigint): WriteRequest {
      return { kind: 'settle', id, quantities: { cost }, attributes: null, entry: null };
    },
    record(cost: bigint, attributes: Subject = {}, more: Partial<Request<'record'>> = {}): Request<'record'> {
      const entry = draft(attributes, cost);
      return { kind: 'record', quantities: { cost }, attributes, entry, idempotency: null, ...more };
    },
  };
}

/** A hard cost limit for ever: over everyone, or one counter per value of a field. */
export function costLimit(max: bigint, per: 'username' | 'model' | null = null): Request<'setLimit'> {
  const scope: LimitScope = per === null ? 'GLOBAL' : per === 'username' ? 'USER' : 'MODEL';
  const limit: LimitDraft = {
    kind: 'limit',
    scope,
    type: 'cost',
    max,
    window: { kind: 'lifetime' },
    selector: per === null ? {} : { [per]: '*' },
    enforcement: 'hard',
    thresholds: [],
    source: 'command',
    file: null,
  };
  return { kind: 'setLimit', limit, fromNow: false };
}
