import type { LedgerService } from '../core/ledger.ts';
import { NanocentError } from '../errors/error.ts';
import type { Account, Subject } from '../ledger/account.ts';
import type { Limit, SelectorField } from '../limits/limit.ts';
import { rollingStart } from '../time/window.ts';
import { throwFailure } from './failure.ts';

/** Which counters: those of one limit, of whoever the fields name, or of that one's in that limit. */
export interface ResetQuery extends Readonly<Partial<Record<SelectorField, string | undefined>>> {
  readonly id?: number | undefined;
}

/** One counter with what it would be set back by. */
export interface ResetCounter {
  readonly limit: Limit;
  readonly subject: Subject;
  readonly used: bigint;
  /** Stays: open reservations are posted when they are settled. */
  readonly held: bigint;
  readonly accounts: readonly Account[];
}

const pageSize = 2_000;
/** Counters set back at once. */
const countersMax = 10_000;

/** The counters with something used in their current window. Throws field_missing, limit_not_found. */
export async function findCounters(
  ledger: LedgerService,
  query: ResetQuery,
  now: number,
): Promise<readonly ResetCounter[]> {
  const { id, ...fields } = query;
  const wanted = subjectFields(fields);
  if (id === undefined && wanted.length === 0) {
    throw new NanocentError('field_missing', 'nothing says whose counters are meant', {
      field: 'id',
      fix: 'name a limit by its id, or a model or user',
    });
  }
  const limits = await limitsOf(ledger, id);
  const counters = new Map<string, ResetCounter>();
  for (let after: string | null = null; ; ) {
    const page: readonly Account[] = await ledger.reads.scanAccounts(after, pageSize);
    for (const row of page) {
      const limit = limits.get(row.limitId);
      if (!limit || !isCurrent(limit, row, now)) continue;
      if (!wanted.every(([field, value]) => row.subject[field] === value)) continue;
      add(counters, limit, row);
    }
    after = page.at(-1)?.key ?? null;
    if (page.length < pageSize) break;
  }
  return [...counters.values()]
    .filter(({ used }) => used > 0n)
    .sort((left, right) => left.limit.id - right.limit.id);
}

/**
 * Sets counters back by a signed adjustment in the journal: usage rows, cost and history stay as they are. What other processes
 * post meanwhile stays counted.
 */
export async function resetCounters(ledger: LedgerService, counters: readonly ResetCounter[]): Promise<void> {
  await Promise.all(counters.flatMap(({ accounts }) => accounts.map((account) => setBack(ledger, account))));
}

async function setBack(ledger: LedgerService, account: Account): Promise<void> {
  if (account.settled === 0n) return;
  const { settled, reserved, ...name } = account;
  const result = await ledger.write({
    kind: 'adjust',
    quantities: { [account.measure]: -settled },
    accounts: [name],
    entry: null,
    reason: 'reset',
    idempotency: null,
  });
  // Below zero: somebody else set it back first.
  if (result.outcome === 'failed' && result.code === 'amount_invalid') return;
  if (result.outcome !== 'adjusted') throwFailure(result);
}

/** A prepaid pool is not set back: what was bought and used is used. */
async function limitsOf(ledger: LedgerService, id: number | undefined): Promise<ReadonlyMap<number, Limit>> {
  const { limits } = await ledger.reads.limits();
  const inForce = limits.filter((limit) => limit.endedAt === null && limit.kind !== 'grants');
  if (id === undefined) return new Map(inForce.map((limit) => [limit.id, limit]));
  const found = inForce.find((limit) => limit.id === id);
  if (found) return new Map([[id, found]]);
  throw new NanocentError('limit_not_found', `there is no limit ${id} in force`, {
    field: 'id',
    fix: 'take the number from nanocent limits list',
  });
}

function isCurrent({ window }: Limit, row: Account, now: number): boolean {
  if (window.kind === 'rolling') return row.windowEnd === null || row.windowEnd > rollingStart(window, now);
  return row.windowStart <= now && (row.windowEnd === null || now < row.windowEnd);
}

function add(counters: Map<string, ResetCounter>, limit: Limit, row: Account): void {
  const name = JSON.stringify([limit.id, row.subject]);
  const known = counters.get(name);
  if (!known && counters.size >= countersMax) return;
  counters.set(name, {
    limit,
    subject: row.subject,
    used: (known?.used ?? 0n) + row.settled,
    held: (known?.held ?? 0n) + row.reserved,
    accounts: [...(known?.accounts ?? []), row],
  });
}

/** A tag `team=red` is the attribute `tag:team` of the counters. */
function subjectFields(fields: Readonly<Record<string, string | undefined>>): [string, string][] {
  return Object.entries(fields).flatMap(([field, value]): [string, string][] => {
    if (value === undefined) return [];
    const equals = value.indexOf('=');
    if (field !== 'tag' || equals < 0) return [[field, value]];
    return [[`tag:${value.slice(0, equals)}`, value.slice(equals + 1)]];
  });
}
