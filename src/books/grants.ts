import type { Context } from '../core/context.ts';
import type { WriteResult } from '../core/request.ts';
import { idempotencyOf } from '../core/track.ts';
import { NanocentError } from '../errors/error.ts';
import type { Account, Subject } from '../ledger/account.ts';
import {
  checkGrant,
  checkPool,
  type GrantInput,
  grantAccount,
  type PoolOf,
  poolFields,
  spendingOrder,
} from '../limits/grant.ts';
import { type Grant, isLive, type Limit } from '../limits/limit.ts';
import { throwFailure } from './failure.ts';

/** One grant as it stands now. */
export interface GrantState extends Grant {
  /** Whose it is. */
  readonly subject: Subject;
  /** `spent`: nothing is left or held of it. */
  readonly state: 'live' | 'spent' | 'expired' | 'refunded';
  readonly spent: bigint;
  /** Set aside for calls in flight; they settle on it even when it has expired meanwhile. */
  readonly held: bigint;
  /** What a new call may take of it. */
  readonly left: bigint;
  /** What is left of an expired one, and will not be spent. */
  readonly unused: bigint;
  /** Booked above its amount: calls that cost more than was held for them. */
  readonly over: bigint;
}

/** Prepaid credit of one user, key or project: the sums of its live grants. */
export interface Balance {
  readonly granted: bigint;
  readonly spent: bigint;
  readonly held: bigint;
  /** What a new call may cost. */
  readonly available: bigint;
}

/** Grants: prepaid credit. Whoever has had a grant needs room in what is left of them; nobody else is limited by them. */
export class Grants {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * Adds prepaid credit. The same reference with the same fields again is the same grant, whatever happened to it since; with other
   * fields it throws idempotency_conflict. Throws limit_invalid, amount_invalid or time_invalid naming the field.
   */
  async add(input: GrantInput): Promise<{ readonly grant: GrantState; readonly replayed: boolean }> {
    const { zone, ledger } = this.#context;
    const { pool, grant } = checkGrant(input, { zone });
    const idempotency = idempotencyOf('grant', grant.reference ?? undefined, {
      ...pool.selector,
      amount: String(grant.amount),
      priority: grant.priority,
      expiresAt: grant.expiresAt,
    });
    const result = await ledger.write({ kind: 'addGrant', pool, grant, idempotency });
    if (result.outcome === 'ruled') {
      const added = result.limit.grants.reduce((newest, one) => (one.id > newest.id ? one : newest));
      return { grant: await this.#get(added.id), replayed: false };
    }
    if (result.outcome === 'failed' && result.code === 'idempotency_conflict') {
      throw new NanocentError(
        result.code,
        `reference ${grant.reference} was used before, for another grant`,
        {
          field: 'reference',
          fix: 'give each payment a reference of its own',
        },
      );
    }
    return { grant: await this.#get(replayedId(result)), replayed: true };
  }

  /**
   * Takes back what is neither spent nor held of a grant, once, and says how much that was; asked again, it says the same. A call
   * in flight still settles on it. Throws grant_not_found.
   */
  async refund(id: number): Promise<{ readonly grant: GrantState; readonly replayed: boolean }> {
    const result = await this.#context.ledger.write({ kind: 'endGrant', grantId: id });
    if (result.outcome !== 'ruled') replayedId(result);
    return { grant: await this.#get(id), replayed: result.outcome !== 'ruled' };
  }

  /** Every grant, or those of one user, key or project: by pool, live ones first, in the order in which they are spent. */
  async list(of: PoolOf = {}): Promise<readonly GrantState[]> {
    const named = poolFields.filter((field) => of[field] !== undefined);
    const pools = (await this.#pools()).filter(({ selector }) =>
      named.every((field) => selector[field] === of[field]),
    );
    const states: GrantState[] = [];
    for (const pool of pools) states.push(...(await this.#statesOf(pool)));
    return states;
  }

  /** The sums of the live grants of one user, key or project; null for who never had one. Throws limit_invalid. */
  async balance(of: PoolOf): Promise<Balance | null> {
    checkPool(of);
    const states = await this.list(of);
    if (states.length === 0) return null;
    const now = this.#context.clock.now();
    const live = states.filter((state) => isLive(state, now));
    const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
    const granted = sum(live.map(({ amount }) => amount));
    const spent = sum(live.map((state) => state.spent));
    const held = sum(live.map((state) => state.held));
    const left = granted - spent - held;
    return { granted, spent, held, available: left > 0n ? left : 0n };
  }

  async #pools(): Promise<Limit[]> {
    const { limits } = await this.#context.ledger.reads.limits();
    return limits
      .filter((limit) => limit.kind === 'grants' && limit.endedAt === null)
      .sort((left, right) => left.id - right.id);
  }

  async #statesOf(pool: Limit): Promise<GrantState[]> {
    const subject = pool.selector as Subject;
    const now = this.#context.clock.now();
    const keys = pool.grants.map((grant) => grantAccount(pool, subject, grant).key);
    const rows = new Map(
      (await this.#context.ledger.reads.accounts(keys)).map((row) => [row.key, row] as const),
    );
    const states = pool.grants.map((grant, index) => stateOf(grant, subject, rows.get(keys[index]!), now));
    return states.sort((left, right) => {
      const over = Number(!isLive(left, now)) - Number(!isLive(right, now));
      return over !== 0 ? over : spendingOrder(left, right);
    });
  }

  async #get(id: number): Promise<GrantState> {
    const pool = (await this.#pools()).find(({ grants }) => grants.some((grant) => grant.id === id));
    const state = pool && (await this.#statesOf(pool)).find((one) => one.id === id);
    if (state) return state;
    throw new NanocentError('grant_not_found', `grant ${id} was made, and its pool has forgotten it since`);
  }
}

function replayedId(result: WriteResult): number {
  return result.outcome === 'replayed' ? Number(result.id) : throwFailure(result);
}

function stateOf(grant: Grant, subject: Subject, account: Account | undefined, now: number): GrantState {
  const { settled: spent, reserved: held } = account ?? { settled: 0n, reserved: 0n };
  const rest = grant.amount - grant.refunded - spent - held;
  const free = rest > 0n ? rest : 0n;
  const state = stateName(grant, free + held, now);
  return {
    ...grant,
    subject,
    state,
    spent,
    held,
    left: state === 'live' ? free : 0n,
    unused: state === 'expired' ? free : 0n,
    over: rest < 0n ? -rest : 0n,
  };
}

function stateName(grant: Grant, unspent: bigint, now: number): GrantState['state'] {
  if (grant.refunded > 0n) return 'refunded';
  if (unspent === 0n) return 'spent';
  if (grant.endedAt !== null) return 'refunded';
  return isLive(grant, now) ? 'live' : 'expired';
}
