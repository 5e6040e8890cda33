import type { AccountName, Bucket, Leg, Subject } from '../ledger/account.ts';
import { accountAt, areBuckets, bucketAt, bucketsOf, headOf, type RollingRule } from './counter.ts';
import { exempts, subjectsOf } from './cover.ts';
import { poolLeg } from './grant.ts';
import { type Limit, maximumAt } from './limit.ts';
import { indexLimits } from './limit-index.ts';

export { accountAt, headOf, standsOn } from './counter.ts';
export { subjectsOf, wildcard } from './cover.ts';

/**
 * The accounts that a call touches under the limits in force at an instant, specific limits first, each with the maximum that
 * may refuse it: null where the limit is soft or the call is exempt. An exemption counts too: it may become a limit.
 */
export function legsFor(limits: readonly Limit[], attributes: Subject, at: number): Leg[] {
  return createPicker()(limits, attributes, at);
}

/** `at` names the call's windows; `now`, where it is another instant, says what has passed out of a rolling one. */
export type Picker = (limits: readonly Limit[], attributes: Subject, at: number, now?: number) => Leg[];

interface Instants {
  readonly at: number;
  readonly now: number;
}

/** Account names that a picker remembers; above it, it starts afresh. */
const rememberedNamesMax = 100_000;

/** One counter of a limit: its account, or the head of its rolling window and what counts in that. */
interface Counter {
  readonly account: AccountName;
  readonly buckets: readonly Bucket[] | null;
}

/**
 * legsFor with a memory, for the path that every call takes: which limits ask for what, and the names of accounts whose window
 * still holds the instant. The memory never changes an answer.
 */
export function createPicker(): Picker {
  let known: readonly Limit[] | null = null;
  let covering: (attributes: Subject) => readonly Limit[] = () => [];
  let counters = new Map<number, Map<string, readonly Counter[]>>();
  let remembered = 0;

  const begin = (limits: readonly Limit[]) => {
    if (limits !== known) covering = indexLimits(limits);
    known = limits;
    counters = new Map();
    remembered = 0;
  };

  const countersOf = (limit: Limit, attributes: Subject, instants: Instants): readonly Counter[] => {
    const values = valuesText(limit, attributes);
    if (values === null) return [];
    const found = counters.get(limit.id)?.get(values) ?? [];
    if (found.length > 0 && found.every((counter) => isCurrent(counter, limit, instants))) return found;
    const fresh = freshCounters(limit, attributes, instants, found);
    if (fresh.length === 0) return fresh;
    for (const { buckets } of fresh) remembered += 1 + (buckets?.length ?? 0);
    if (remembered > rememberedNamesMax) begin(known!);
    const ofLimit = counters.get(limit.id) ?? new Map<string, readonly Counter[]>();
    counters.set(limit.id, ofLimit.set(values, fresh));
    return fresh;
  };

  return (limits, attributes, at, now = at) => {
    const instants = { at, now };
    if (limits !== known) begin(limits);
    const touched = covering(attributes).flatMap((limit) => {
      const found = countersOf(limit, attributes, instants);
      return found.length === 0 ? [] : [{ limit, counters: found, maximum: maximumAt(limit, now) }];
    });
    const exemptions = touched.filter(({ maximum }) => maximum === -1n).map(({ limit }) => limit);
    return touched.flatMap(({ limit, counters: found, maximum }) => {
      const bounds =
        limit.enforcement === 'hard' && maximum !== -1n && !exemptions.some((one) => exempts(one, limit));
      return found.flatMap((counter) => legsOf(limit, counter, bounds ? maximum : null, instants));
    });
  };
}

function legsOf(
  limit: Limit,
  { account, buckets }: Counter,
  maximum: bigint | null,
  instants: Instants,
): Leg[] {
  if (limit.kind === 'grants') {
    const leg = poolLeg(limit, account.subject, instants);
    return leg ? [leg] : [];
  }
  if (buckets === null) {
    return [{ account, maximum, role: limit.type === 'concurrent_requests' ? 'hold' : 'whole' }];
  }
  const head: Leg = { account, maximum, role: 'hold', buckets };
  const posted =
    instants.at === instants.now
      ? buckets.at(-1)!.account
      : bucketAt({ ...limit, window: limit.window as RollingRule }, account.subject, instants);
  return posted === null ? [head] : [head, { account: posted, maximum: null, role: 'post' }];
}

/** What the call says where a limit looks, which tells its subjects apart; null where it says nothing. */
function valuesText({ selector }: Limit, attributes: Subject): string | null {
  let text = '';
  for (const field in selector) {
    const value = field === 'tag' ? tagsText(attributes) : attributes[field];
    if (value === undefined) return null;
    text = text === '' ? value : `${text}\u0000${value}`;
  }
  return text;
}

function tagsText(attributes: Subject): string {
  return JSON.stringify(Object.entries(attributes).filter(([name]) => name.startsWith('tag:')));
}

/** Whether its window still holds the instant. */
function isCurrent({ account, buckets }: Counter, { window }: Limit, { at, now }: Instants): boolean {
  if (window.kind === 'rolling') return areBuckets(buckets!, window, now);
  return at >= account.windowStart && (account.windowEnd === null || at < account.windowEnd);
}

function freshCounters(
  limit: Limit,
  attributes: Subject,
  { at, now }: Instants,
  before: readonly Counter[],
): Counter[] {
  const { window } = limit;
  return subjectsOf(limit, attributes).map((subject, index) => {
    if (window.kind !== 'rolling') return { account: accountAt(limit, subject, at), buckets: null };
    const account = before[index]?.account ?? headOf(limit, subject);
    const known = before[index]?.buckets ?? [];
    return { account, buckets: bucketsOf({ ...limit, window }, account.subject, now, known) };
  });
}
