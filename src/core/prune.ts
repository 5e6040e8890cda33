import type { AccountName } from '../ledger/account.ts';
import { countersKeptMs, endedForGood } from '../limits/kept.ts';
import type { Limit } from '../limits/limit.ts';
import type { EndedBound, Head } from '../store/port.ts';
import type { Task } from '../store/task.ts';
import type { LedgerService, StoreReads } from './ledger.ts';
import { end } from './task-worker.ts';
import { alertFacts, alertKind } from './thresholds.ts';

/** Rows of one write. */
const writeRowsMax = 500;
/** Alerts that are looked at at once. */
const alertPageRows = 1_000;

/**
 * Deletes counters that ended for good, in at most so many writes of `writeRowsMax`, and says how many rows had something in
 * them. Any process may do so at any time; the journal has a line for every write of it.
 */
export async function pruneCounters(
  ledger: Pick<LedgerService, 'write' | 'reads'>,
  now: number,
  writesMax: number,
): Promise<number> {
  let pruned = 0;
  for (let writes = 0; writes < writesMax; writes++) {
    const accounts = await prunableAccounts(ledger.reads, now, writeRowsMax);
    if (accounts.length === 0) break;
    const result = await ledger.write({ kind: 'prune', accounts });
    pruned += result.outcome === 'pruned' ? result.rows : 0;
    if (accounts.length < writeRowsMax) break;
  }
  return pruned;
}

/** Counters that could be deleted now, at most `limit`. */
export async function prunableAccounts(
  reads: StoreReads,
  now: number,
  limit: number,
): Promise<readonly AccountName[]> {
  const { limits } = await reads.limits();
  const bounds = endedBounds(limits, now);
  return bounds.length === 0 ? [] : reads.endedAccounts(bounds, limit);
}

/** Few, however many limits there are: all that are not rolling share one. */
function endedBounds(limits: readonly Limit[], now: number): EndedBound[] {
  const bounds = new Map<number, number[]>();
  for (const limit of limits) {
    const before = endedForGood(limit, now);
    if (before === null) continue;
    const limitIds = bounds.get(before) ?? [];
    limitIds.push(limit.id);
    bounds.set(before, limitIds);
  }
  return [...bounds].map(([before, limitIds]) => ({ before, limitIds }));
}

/** Those of these accounts whose window ended for good. */
export function prunableOf(accounts: readonly AccountName[], { limits, now }: Head): AccountName[] {
  const bounds = new Map<number, number | null>();
  return accounts.filter(({ limitId, windowEnd }) => {
    if (windowEnd === null || windowEnd > now) return false;
    let before = bounds.get(limitId);
    if (before === undefined) {
      const limit = limits.find(({ id }) => id === limitId);
      before = limit === undefined ? null : endedForGood(limit, now);
      bounds.set(limitId, before);
    }
    return before !== null && windowEnd <= before;
  });
}

/** The keys among them whose rows may have been deleted; nothing where there are none, as nearly always. */
export function closedOf(
  accounts: readonly AccountName[],
  head: Head,
): { readonly closed?: ReadonlySet<string> } {
  const closed = prunableOf(accounts, head);
  return closed.length === 0 ? {} : { closed: new Set(closed.map(({ key }) => key)) };
}

/**
 * Deletes what is remembered of alerts whose window ended as long ago as counters are kept: it cannot fire again. Of a rolling
 * one that is so long after it fired. Says how many.
 */
export async function pruneAlerts(ledger: LedgerService, now: number): Promise<number> {
  let pruned = 0;
  let unchangedSince = now - countersKeptMs;
  for (;;) {
    const page = await ledger.reads.tasks({ kind: alertKind, unchangedSince, limit: alertPageRows });
    for (const task of page) {
      if (endOf(task) <= now - countersKeptMs && (await end(ledger, task))) pruned += 1;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < alertPageRows) return pruned;
    // The next page begins with those of the same instant, of which there may be more.
    unchangedSince = last.updatedAt < unchangedSince ? last.updatedAt : unchangedSince - 1;
  }
}

/** From this instant on the same threshold fires under another name. */
function endOf({ body }: Task): number {
  const { windowStart, windowEnd, firedAt } = alertFacts(body);
  return windowEnd ?? 2 * firedAt - windowStart;
}
