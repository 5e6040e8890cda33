import { NanocentError } from '../errors/error.ts';
import { type AccountName, accountKey, type Leg, type PoolPart, type Subject } from '../ledger/account.ts';
import { nanocentsMax, parseCredits, parseUsd } from '../money/index.ts';
import { assertInstant, parseInstant } from '../time/index.ts';
import { accountAt } from './counter.ts';
import { type Grant, isLive, type Limit, type LimitScope, type Selector } from './limit.ts';

/** Who may have prepaid credit: each has one pool, which all its grants fill. */
export const poolFields = ['username', 'key', 'project'] as const;
export type PoolField = (typeof poolFields)[number];

/** Exactly one of the fields: whose credit it is. */
export type PoolOf = Readonly<Partial<Record<PoolField, string | undefined>>>;

/** Prepaid credit for one user, key or project; exactly one amount. */
export interface GrantInput extends PoolOf {
  readonly usd?: string | number | undefined;
  readonly credits?: string | number | undefined;
  readonly nanocents?: bigint | undefined;
  /** Lower ones are spent first; 0 when left out. −1,000 to 1,000. */
  readonly priority?: number | undefined;
  /** ISO 8601, without a zone in the ledger's, or epoch milliseconds: from then on nothing new is taken from it. */
  readonly expires?: string | number | undefined;
  /** The caller's own name for it, such as an order: the same again is the same grant. */
  readonly reference?: string | undefined;
}

/** Whose pool, as a limit has it. */
export interface Pool {
  readonly scope: LimitScope;
  readonly selector: Selector;
}

export type GrantDraft = Pick<Grant, 'amount' | 'priority' | 'expiresAt' | 'reference'>;

/** Unexpired grants of one pool: a call looks at all of them. */
export const liveGrantsMax = 100;
/** Grants that a pool remembers; of more, the oldest that have ended are forgotten. The journal keeps them all. */
export const rememberedGrantsMax = 1_000;
const priorityMax = 1_000;

/** Throws limit_invalid, amount_invalid, amount_overflow or time_invalid, naming the field. */
export function checkGrant(
  input: GrantInput,
  defaults: { readonly zone: string },
): { readonly pool: Pool; readonly grant: GrantDraft } {
  const { priority = 0, reference = null } = input;
  if (!Number.isInteger(priority) || Math.abs(priority) > priorityMax) {
    throw invalid(
      'priority',
      `priority is ${priority}, not a whole number from -${priorityMax} to ${priorityMax}`,
    );
  }
  if (reference !== null && (reference === '' || reference.length > 255)) {
    throw invalid('reference', `a reference has 1 to 255 characters, not ${reference.length}`);
  }
  const amount = amountOf(input);
  return {
    pool: checkPool(input),
    grant: { amount, priority, expiresAt: expiryOf(input.expires, defaults.zone), reference },
  };
}

/** Throws limit_invalid where not exactly one field is named. */
export function checkPool(of: PoolOf): Pool {
  const named = poolFields.filter((field) => of[field] !== undefined);
  const [field] = named;
  if (field === undefined || named.length > 1) {
    const message =
      field === undefined
        ? 'whose credit is it? no user, key or project is named'
        : `${named.join(' and ')} are both given`;
    throw invalid(field ?? 'username', message, 'name exactly one user, key or project');
  }
  const value = of[field]!;
  if (value === '' || value === '*' || value.length > 256 || value.includes('\u0000')) {
    throw invalid(field, `${field} must be one name of 1 to 256 characters, without *`, `name one ${field}`);
  }
  const scope = ({ username: 'USER', key: 'KEY', project: 'PROJECT' } as const)[field];
  return { scope, selector: { [field]: value } };
}

/** In the order in which they are spent: lower priority first, then the one that expires sooner, then the older. */
export function spendingOrder(left: Grant, right: Grant): number {
  const expiry = (grant: Grant) => grant.expiresAt ?? Number.POSITIVE_INFINITY;
  if (left.priority !== right.priority) return left.priority - right.priority;
  if (expiry(left) !== expiry(right)) return expiry(left) < expiry(right) ? -1 : 1;
  return left.id - right.id;
}

/** The account of one grant of a pool: the instant at which it was given tells it from the others. */
export function grantAccount(pool: Pick<Limit, 'id' | 'type'>, subject: Subject, grant: Grant): AccountName {
  return {
    key: accountKey(pool.id, subject, grant.createdAt),
    limitId: pool.id,
    subject,
    measure: pool.type,
    windowStart: grant.createdAt,
    windowEnd: grant.expiresAt,
  };
}

/**
 * How a call stands to a pool at an instant: its live grants in spending order. What happened before (`at` before `now`) comes
 * under the grants that were there then; before the pool's first grant, null.
 */
export function poolLeg(
  pool: Limit,
  subject: Subject,
  { at, now }: { readonly at: number; readonly now: number },
): Leg | null {
  if (at < now && at < pool.createdAt) return null;
  const parts = pool.grants
    .filter((grant) => isLive(grant, at) && (at >= now || grant.createdAt <= at))
    .sort(spendingOrder)
    .map((grant): PoolPart => ({ account: grantAccount(pool, subject, grant), amount: grant.amount }));
  const maximum = parts.reduce((sum, { amount }) => sum + amount, 0n);
  return { account: accountAt(pool, subject, at), maximum, role: 'whole', parts };
}

function amountOf({ usd, credits, nanocents }: GrantInput): bigint {
  const given = Object.entries({ usd, credits, nanocents }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (given.length !== 1) {
    const message =
      given.length === 0 ? 'usd is missing: how much is it?' : `${given.join(' and ')} are both given`;
    throw invalid(given[0] ?? 'usd', message, 'give exactly one of usd, credits and nanocents');
  }
  const amount =
    usd !== undefined
      ? parseUsd(String(usd), { field: 'usd' })
      : credits !== undefined
        ? parseCredits(String(credits), { field: 'credits' })
        : nanocents!;
  if (amount > 0n && amount <= nanocentsMax) return amount;
  throw new NanocentError('amount_invalid', `a grant of ${amount} nanocents is not more than nothing`, {
    field: given[0]!,
    fix: 'give an amount above 0, at most 92233720.36854775807 USD',
  });
}

function expiryOf(expires: GrantInput['expires'], zone: string): number | null {
  if (expires === undefined) return null;
  const at = typeof expires === 'number' ? expires : parseInstant(expires, { zone, field: 'expires' });
  assertInstant(at, 'expires');
  return at;
}

function invalid(field: string, message: string, fix?: string): NanocentError {
  return new NanocentError('limit_invalid', message, fix === undefined ? { field } : { field, fix });
}
