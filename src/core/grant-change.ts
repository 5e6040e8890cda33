import type { AccountName, Subject } from '../ledger/account.ts';
import {
  type GrantDraft,
  grantAccount,
  liveGrantsMax,
  type Pool,
  rememberedGrantsMax,
} from '../limits/grant.ts';
import { type Grant, isLive, type Limit } from '../limits/limit.ts';
import { nanocentsMax } from '../money/nanocents.ts';
import type { Head, Held } from '../store/port.ts';
import type { RuleChange } from './limit-change.ts';
import type { Idempotency, WriteResult } from './request.ts';

/** Prepaid credit is added to a pool, which begins with its first grant. */
export interface AddGrant {
  readonly kind: 'addGrant';
  readonly pool: Pool;
  readonly grant: GrantDraft;
  readonly idempotency: Idempotency | null;
}

/** Takes back what is neither spent nor held of a grant. */
export interface EndGrant {
  readonly kind: 'endGrant';
  readonly grantId: number;
}

/** What a change of grants looks at: a grant that ends, or those of a pool that is full. */
export function grantAccounts(request: AddGrant | EndGrant, head: Head): readonly AccountName[] {
  if (request.kind === 'endGrant') {
    const found = findGrant(request.grantId, head);
    return found ? [grantAccount(found.pool, subjectOf(found.pool), found.grant)] : [];
  }
  const pool = poolInForce(request.pool, head);
  const live = pool ? liveOf(pool, head) : [];
  return live.length < liveGrantsMax ? [] : live.map((grant) => grantAccount(pool!, subjectOf(pool!), grant));
}

/** The answer to a change of grants that changes nothing; null where it is to be made. */
export function earlyGrantResult(request: AddGrant | EndGrant, head: Head): WriteResult | null {
  if (request.kind === 'addGrant') return null;
  const found = findGrant(request.grantId, head);
  if (!found) {
    const message = `there is no grant ${request.grantId}`;
    const data = { grantId: request.grantId };
    return { outcome: 'failed', code: 'grant_not_found', message, data, entry: null };
  }
  return found.grant.endedAt === null
    ? null
    : { outcome: 'replayed', id: String(found.grant.id), entry: null };
}

/** Why a grant cannot be added, once the accounts of its pool are known; null where it can. */
export function grantFailure(request: AddGrant, head: Head, held: Held): WriteResult | null {
  const { expiresAt } = request.grant;
  const fails = (
    code: 'limit_invalid' | 'amount_overflow' | 'time_invalid',
    message: string,
  ): WriteResult => {
    return { outcome: 'failed', code, message, data: {}, entry: null };
  };
  if (expiresAt !== null && expiresAt <= head.now) {
    return fails('time_invalid', 'expires is past: such a grant could never be spent');
  }
  const pool = poolInForce(request.pool, head);
  if (!pool) return null;
  if (sumOf(pool.grants) + request.grant.amount > nanocentsMax) {
    return fails(
      'amount_overflow',
      `the grants of pool ${pool.id} would come to more than 2^63 − 1 nanocents`,
    );
  }
  const live = liveOf(pool, head).filter((grant) => !isSpent(pool, grant, held));
  if (live.length < liveGrantsMax) return null;
  return fails(
    'limit_invalid',
    `pool ${pool.id} has ${liveGrantsMax} grants that are not spent: refund or use some`,
  );
}

export function grantChange(request: AddGrant | EndGrant, head: Head, held: Held): RuleChange {
  return request.kind === 'addGrant' ? added(request, head, held) : ended(request, head, held);
}

function added({ pool: of, grant: draft }: AddGrant, head: Head, held: Held): RuleChange {
  const all = head.limits.flatMap(({ grants }) => grants);
  const id = all.reduce((highest, grant) => Math.max(highest, grant.id), 0) + 1; // count: ids, not money
  const known = poolInForce(of, head);
  const before = known?.grants ?? [];
  // Its instant names its account, so no two of a pool may share one.
  const latest = before.reduce((last, grant) => Math.max(last, grant.createdAt), 0); // count: milliseconds
  const createdAt = Math.max(head.now, latest + 1);
  const grant: Grant = { ...draft, id, createdAt, endedAt: null, refunded: 0n };
  const full = known !== undefined && liveOf(known, head).length >= liveGrantsMax;
  const kept = full
    ? before.map((one) =>
        isLive(one, head.now) && isSpent(known, one, held) ? { ...one, endedAt: head.now } : one,
      )
    : before;
  const limitId = head.limits.reduce((highest, limit) => Math.max(highest, limit.id), 0) + 1; // count: ids, not money
  const pool = known ?? newPool(of, limitId, head.now);
  return changeOf(pool, remembered([...kept, grant], head.now), { id, amount: grant.amount });
}

function ended({ grantId }: EndGrant, head: Head, held: Held): RuleChange {
  const { pool, grant } = findGrant(grantId, head)!;
  const { settled, reserved } = held.accounts.get(grantAccount(pool, subjectOf(pool), grant).key)!;
  const left = grant.amount - settled - reserved;
  const refunded = left > 0n ? left : 0n;
  const grants = pool.grants.map((one) =>
    one.id === grantId ? { ...one, endedAt: head.now, refunded } : one,
  );
  return changeOf(pool, grants, { id: grantId, amount: -refunded });
}

/** The journal keeps what was given and taken back, and what the pool's grants come to. */
function changeOf(
  pool: Limit,
  grants: readonly Grant[],
  grant: NonNullable<RuleChange['command']['grant']>,
): RuleChange {
  const limit = { ...pool, grants, max: sumOf(grants) };
  const command = {
    kind: 'limit',
    limitId: pool.id,
    maximum: limit.max,
    ended: pool.endedAt !== null,
    opening: [],
    holds: [],
  } as const;
  return { limit, command: { ...command, grant } };
}

function newPool({ scope, selector }: Pool, id: number, createdAt: number): Limit {
  return {
    id,
    kind: 'grants',
    scope,
    type: 'cost',
    max: 0n,
    window: { kind: 'grants' },
    selector,
    enforcement: 'hard',
    thresholds: [],
    source: 'command',
    file: null,
    raises: [],
    grants: [],
    createdAt,
    endedAt: null,
  };
}

function poolInForce({ scope, selector }: Pool, head: Head): Limit | undefined {
  const [[field, value] = []] = Object.entries(selector);
  return head.limits.find(
    (limit) =>
      limit.kind === 'grants' &&
      limit.endedAt === null &&
      limit.scope === scope &&
      limit.selector[field as keyof Limit['selector']] === value,
  );
}

function findGrant(id: number, head: Head): { readonly pool: Limit; readonly grant: Grant } | null {
  for (const pool of head.limits) {
    const grant = pool.grants.find((one) => one.id === id);
    if (grant) return { pool, grant };
  }
  return null;
}

/** A pool is one subject's: its selector holds no star. */
export function subjectOf({ selector }: Limit): Subject {
  return selector as Subject;
}

function liveOf({ grants }: Limit, { now }: Head): Grant[] {
  return grants.filter((grant) => isLive(grant, now));
}

/** Only of grants whose accounts were loaded: those of a pool that is full. */
function isSpent(pool: Limit, grant: Grant, held: Held): boolean {
  const account = held.accounts.get(grantAccount(pool, subjectOf(pool), grant).key);
  return account !== undefined && account.reserved === 0n && account.settled >= grant.amount;
}

/** What was given and not taken back. */
function sumOf(grants: readonly Grant[]): bigint {
  return grants.reduce((sum, { amount, refunded }) => sum + amount - refunded, 0n);
}

/** Without the oldest of those that are over, where there are too many. */
function remembered(grants: readonly Grant[], now: number): Grant[] {
  let forgotten = grants.length - rememberedGrantsMax;
  return grants.filter((grant) => isLive(grant, now) || forgotten-- <= 0);
}
