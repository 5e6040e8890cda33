import { hash } from 'node:crypto';

/** What an account counts, an opaque name to the ledger: `cost` is money in nanocents, the others whole counts. */
export type Measure = string;

/** The measure whose quantities are nanocents. */
export const moneyMeasure = 'cost';

/** Whole quantities by measure; a measure that is absent is unknown, not zero. */
export type Quantities = Readonly<Record<Measure, bigint>>;

/** Field values that an account stands for: `{}` is everyone. Compared by bytes, never by a collation. */
export type Subject = Readonly<Record<string, string>>;

/** Which counter: one row per limit, subject and window start. */
export interface AccountName {
  /** 32 hex digits, from `accountKey`. */
  readonly key: string;
  readonly limitId: number;
  readonly subject: Subject;
  readonly measure: Measure;
  /** Half-open window, epoch milliseconds UTC; a lifetime starts at 0 and has no end. */
  readonly windowStart: number;
  readonly windowEnd: number | null;
}

/** A balance: what of one limit, or of a cap, is settled and what is reserved. */
export interface Account extends AccountName {
  readonly settled: bigint;
  readonly reserved: bigint;
}

/**
 * What an account is for. `whole`: held and posted. `hold`: held, never posted: a concurrency slot, or the head of a rolling
 * window. `post`: posted, never held: a bucket of a rolling window, whose holds stand on its head.
 */
export type Role = 'whole' | 'hold' | 'post';

/** One account that a command touches, with the rule in force for it. */
export interface Leg {
  readonly account: AccountName;
  /** Settled + reserved may not pass it when a hold is taken; null where nothing refuses (soft, exempt, a bucket). */
  readonly maximum: bigint | null;
  readonly role: Role;
  /** Of a head: what counts as settled beside it, oldest first. The same list wherever it is the same. */
  readonly buckets?: readonly Bucket[];
  /**
   * Of a prepaid pool: its grants in the order in which they are spent, of which the maximum is the sum. The leg's own account stands
   * for the pool, and is posted to only where there is none.
   */
  readonly parts?: readonly PoolPart[];
}

/** One grant of a pool: it may hold and post up to its amount. */
export interface PoolPart {
  readonly account: AccountName;
  readonly amount: bigint;
}

/** One part of a rolling window, counted in full while any of it lies in the window. */
export interface Bucket {
  readonly account: AccountName;
  /** From this instant on it no longer counts. */
  readonly until: number;
}

/** 16 bytes of SHA-256 over limit, window start and the subject's canonical bytes, as hex. A head has no window of its own. */
export function accountKey(limitId: number, subject: Subject, windowStart: number | 'head'): string {
  return hash('sha256', `${limitId}\n${windowStart}\n${canonicalSubject(subject)}`, 'hex').slice(0, 32);
}

/** The same bytes for the same subject, whatever order its fields were named in. */
export function canonicalSubject(subject: Subject): string {
  const fields = Object.keys(subject).sort();
  return JSON.stringify(fields.map((field) => [field, subject[field]]));
}

/** The limit of an account that stands outside of all limits: the cap of a run. */
export const capLimitId = 0;

/** Whether what these attributes name is counted there. A cap counts whatever its reservation does. */
export function isCovered({ limitId, subject }: AccountName, attributes: Subject): boolean {
  return limitId === capLimitId || subjectCovers(subject, attributes);
}

/** True when every field of the subject has the same value among the attributes. */
function subjectCovers(subject: Subject, attributes: Subject): boolean {
  for (const field in subject) if (attributes[field] !== subject[field]) return false;
  return true;
}

/** The same limit and subject, in whatever window. */
export function isSameCounter(
  left: { readonly account: AccountName },
  right: { readonly account: AccountName },
): boolean {
  if (left.account.limitId !== right.account.limitId) return false;
  const [one, other] = [left.account.subject, right.account.subject];
  return one === other || canonicalSubject(one) === canonicalSubject(other);
}
