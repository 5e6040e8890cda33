import type { AddGrant, EndGrant } from '../core/grant-change.ts';
import type { Quantities } from '../ledger/account.ts';
import type { Grant, Limit } from '../limits/limit.ts';
import { type Answer, type Movements, most, namesOf, type Part } from './reference-hold.ts';
import { type Counter, whoOf } from './reference-limits.ts';

/** Prepaid credit once more: a list of grants for each pool, looked through from the start each time. */

/** What one account of a pool is given. */
interface Given {
  readonly account: string;
  readonly quantity: bigint;
}

type Names = Pick<Part, 'account' | 'holder'>;

/** Grants that may be spent for something of an instant, the first to be spent first. */
function spendable(pool: Limit, at: number, now: number): Grant[] {
  const found = pool.grants.filter((grant) => {
    const begun = at >= now || grant.createdAt <= at;
    const over = grant.endedAt !== null || (grant.expiresAt !== null && grant.expiresAt <= at);
    return begun && !over;
  });
  const endless = 2 ** 50;
  const rank = ({ priority, expiresAt, id }: Grant) => [priority, expiresAt ?? endless, id] as const;
  return found.sort((left, right) => {
    const [one, other] = [rank(left), rank(right)];
    const differing = one.findIndex((value, index) => value !== other[index]);
    return differing < 0 ? 0 : one[differing]! - other[differing]!;
  });
}

export class ReferencePools {
  readonly #movements: Movements;
  #grants = 0;

  constructor(movements: Movements) {
    this.#movements = movements;
  }

  add(limits: Limit[], { pool, grant }: AddGrant, now: number): Answer {
    if (grant.expiresAt !== null && grant.expiresAt <= now)
      return { outcome: 'failed', code: 'time_invalid' };
    let known = limits.find(
      (limit) =>
        limit.kind === 'grants' && limit.endedAt === null && whoOf(limit.selector) === whoOf(pool.selector),
    );
    if (known && total(known.grants) + grant.amount > most)
      return { outcome: 'failed', code: 'amount_overflow' };
    if (!known) {
      known = freshPool(pool, limits.length + 1, now);
      limits.push(known);
    }
    const last = known.grants.at(-1)?.createdAt ?? 0;
    const id = ++this.#grants;
    const createdAt = last < now ? now : last + 1;
    const added = { ...grant, id, createdAt, endedAt: null, refunded: 0n };
    replace(limits, known, [...known.grants, added]);
    return { outcome: 'ruled', grantId: id };
  }

  end(limits: Limit[], { grantId }: EndGrant, now: number): Answer {
    const pool = limits.find(({ grants }) => grants.some(({ id }) => id === grantId));
    const grant = pool?.grants.find(({ id }) => id === grantId);
    if (!pool || !grant) return { outcome: 'failed', code: 'grant_not_found' };
    if (grant.endedAt !== null) return { outcome: 'replayed', id: String(grantId) };
    const room = this.#room(pool, grant);
    const ended = { ...grant, endedAt: now, refunded: room > 0n ? room : 0n };
    replace(
      limits,
      pool,
      pool.grants.map((one) => (one === grant ? ended : one)),
    );
    return { outcome: 'ruled' };
  }

  /** `used held` and why there is no room; null where there is. */
  refusal(pool: Limit, asked: bigint, now: number): string | null {
    let [left, used, held] = [0n, 0n, 0n];
    for (const grant of spendable(pool, now, now)) {
      const { settled, reserved } = this.#movements.sum(nameOf(pool, grant));
      left += this.#room(pool, grant);
      used += settled;
      held += reserved;
    }
    if (asked === 0n || asked <= left) return null;
    return `${used} ${held} ${asked} ${asked <= left + held ? 'held' : 'spent'}`;
  }

  /** What each grant gives to something of an instant; what no grant has room for is the last one's. Null before the pool. */
  taken(pool: Limit, quantity: bigint, at: number, now: number): Given[] | null {
    if (at < now && at < pool.createdAt) return null;
    const grants = spendable(pool, at, now);
    if (grants.length === 0) return [{ account: `${pool.id}|${whoOf(pool.selector)}|0`, quantity }];
    let rest = quantity;
    const given = grants.map((grant) => {
      const room = this.#room(pool, grant);
      const part = room <= 0n ? 0n : room < rest ? room : rest;
      rest -= part;
      return { account: nameOf(pool, grant), quantity: part };
    });
    const last = given.at(-1)!;
    given[given.length - 1] = { ...last, quantity: last.quantity + rest };
    const some = given.filter((one) => one.quantity > 0n);
    return some.length > 0 ? some : given.slice(0, 1);
  }

  /** What a record of an instant posts on behalf of a counter, which is a pool or not. */
  posted(counter: Counter, quantities: Quantities, at: number, now: number): (Given & Names)[] {
    const { limit } = counter;
    const quantity = quantities[limit.type] ?? 0n;
    if (limit.kind !== 'grants') return [{ ...namesOf(counter), quantity }];
    const given = this.taken(limit, quantity, at, now) ?? [];
    return given.map((one) => ({ ...one, holder: one.account }));
  }

  /** Moves what the last part on each pool is given above what it covers to grants that have room now. */
  spill(
    limits: readonly Limit[],
    hold: { parts: Part[]; shares: bigint[] },
    covered: (part: Part) => bigint,
    now: number,
  ): void {
    const { parts, shares } = hold;
    for (const pool of limits) {
      if (pool.kind !== 'grants' || pool.endedAt !== null) continue;
      const name = `${pool.id}|${whoOf(pool.selector)}`;
      const last = parts.findLastIndex(({ counter }) => counter === name);
      if (last < 0 || spendable(pool, now, now).length === 0) continue;
      const over = shares[last]! - covered(parts[last]!);
      if (over <= 0n) continue;
      shares[last]! -= over;
      for (const { account, quantity } of this.taken(pool, over, now, now)!) {
        const index = parts.findIndex((part) => part.account === account);
        if (index >= 0) shares[index]! += quantity;
        else {
          parts.push({ ...parts[last]!, account, holder: account, held: 0n, atEnd: 0n });
          shares.push(quantity);
        }
      }
    }
  }

  #room(pool: Limit, grant: Grant): bigint {
    const { settled, reserved } = this.#movements.sum(nameOf(pool, grant));
    return grant.amount - settled - reserved;
  }
}

function nameOf(pool: Limit, grant: Grant): string {
  return `${pool.id}|${whoOf(pool.selector)}|${grant.createdAt}`;
}

function total(grants: readonly Grant[]): bigint {
  return grants.reduce((sum, grant) => sum + grant.amount - grant.refunded, 0n);
}

function replace(limits: Limit[], pool: Limit, grants: readonly Grant[]): void {
  limits[limits.findIndex(({ id }) => id === pool.id)] = { ...pool, grants, max: total(grants) };
}

function freshPool({ scope, selector }: AddGrant['pool'], id: number, createdAt: number): Limit {
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
