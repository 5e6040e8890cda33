import { type Account, canonicalSubject } from '../ledger/account.ts';
import type { JournalLine } from '../ledger/journal.ts';
import type { Reservation, ReservationState } from '../ledger/reservation.ts';
import type { Limit } from '../limits/limit.ts';
import { type Audit, type Balance, raiseText, readLine } from './audit.ts';
import type { StoreReads } from './ledger.ts';

const pageSize = 2_000;

/** Limits stand beside the journal, and each change of one stands in it. */
export async function auditLimits(reads: StoreReads, audit: Audit): Promise<void> {
  const { limits } = await reads.limits();
  for (const limit of limits) {
    auditGrants(limit, audit);
    const rule = audit.rules.get(limit.id)?.note;
    audit.rules.delete(limit.id);
    const ended = limit.endedAt !== null;
    for (const raise of limit.raises) {
      if (audit.raises.has(raiseText(limit.id, raise))) continue;
      audit.differ(`limit ${limit.id} is raised to ${raise.max}; the journal does not say so`);
    }
    if (rule?.maximum === String(limit.max) && (rule.ended === 1) === ended) continue;
    const written = rule ? `${rule.maximum}${rule.ended === 1 ? ', ended' : ''}` : 'nothing';
    audit.differ(`limit ${limit.id} is ${limit.max}${ended ? ', ended' : ''}; the journal says ${written}`);
  }
  for (const id of audit.rules.keys()) audit.differ(`limit ${id} is missing`);
}

function auditGrants({ id: limitId, grants }: Limit, audit: Audit): void {
  for (const { id, amount, refunded } of grants) {
    const written = audit.grants.get(id);
    if (written && written.amount === amount && written.refunded === refunded) continue;
    const said = written ? `${written.amount}, refunded ${written.refunded}` : 'nothing';
    audit.differ(
      `grant ${id} of limit ${limitId} is ${amount}, refunded ${refunded}; the journal says ${said}`,
    );
  }
}

export async function auditAccounts(reads: StoreReads, audit: Audit): Promise<void> {
  const { limits } = await reads.limits();
  const hard = new Map(
    limits.filter((limit) => limit.enforcement === 'hard').map((limit) => [limit.id, limit]),
  );
  const windows = new RollingWindows();
  let after: string | null = null;
  for (;;) {
    const page: readonly Account[] = await reads.scanAccounts(after, pageSize);
    for (const account of page) {
      audit.accounts += 1;
      const limit = hard.get(account.limitId);
      const { unadmitted } = auditAccount(account, audit);
      if (limit?.window.kind === 'rolling') windows.take(account, unadmitted);
      else auditMaximum(account.limitId, { ...account, unadmitted }, limit && audit);
    }
    after = page.at(-1)?.key ?? null;
    if (page.length < pageSize) break;
  }
  for (const [limitId, counter] of windows.counters()) auditMaximum(limitId, counter, audit);
  for (const [key, balance] of audit.balances) {
    if (balance.settled === 0n && balance.reserved === 0n) continue;
    audit.differ(
      `account ${key} is missing: the journal says settled ${balance.settled}, reserved ${balance.reserved}`,
    );
  }
}

/** Compares a row with its lines, and hands back what they say of it. */
function auditAccount(account: Account, audit: Audit): Balance {
  const balance = audit.balances.get(account.key) ?? { settled: 0n, reserved: 0n, unadmitted: 0n };
  audit.balances.delete(account.key);
  if (account.settled !== balance.settled || account.reserved !== balance.reserved) {
    audit.differ(
      `account ${account.key} of limit ${account.limitId}: settled ${account.settled}, reserved ${account.reserved}; ` +
        `the journal says ${balance.settled} and ${balance.reserved}`,
    );
  }
  return balance;
}

function auditMaximum(limitId: number, balance: Balance, audit: Audit | undefined): void {
  const maximum = audit?.maximums.get(limitId);
  if (!audit || maximum === undefined || maximum < 0n) return;
  const over = balance.settled + balance.reserved - maximum - balance.unadmitted;
  if (over > 0n) audit.differ(`limit ${limitId} was passed by ${over} that a hold should have stopped`);
}

/**
 * The counters of rolling limits. What no hold covered may stand on a head and be posted to a bucket: each row is held
 * against what none covered in all rows of its counter together.
 */
class RollingWindows {
  readonly #counters = new Map<string, { readonly limitId: number; most: bigint; unadmitted: bigint }>();

  take({ limitId, subject, settled, reserved }: Account, unadmitted: bigint): void {
    const name = `${limitId} ${canonicalSubject(subject)}`;
    const known = this.#counters.get(name) ?? { limitId, most: 0n, unadmitted: 0n };
    known.unadmitted += unadmitted;
    if (settled + reserved > known.most) known.most = settled + reserved;
    this.#counters.set(name, known);
  }

  *counters(): Iterable<[number, Balance]> {
    for (const { limitId, most, unadmitted } of this.#counters.values()) {
      yield [limitId, { settled: most, reserved: 0n, unadmitted }];
    }
  }
}

/** The state that a reservation is in after its latest line. */
const stateAfter: Readonly<Partial<Record<JournalLine['kind'], ReservationState>>> = {
  reserve: 'open',
  extend: 'open',
  capture: 'open',
  settle: 'settled',
  void: 'voided',
  expire: 'expired',
  late: 'settled_late',
};

export async function auditReservations(reads: StoreReads, audit: Audit): Promise<number> {
  let count = 0;
  let posted = 0n;
  let after: string | null = null;
  for (;;) {
    const page: readonly Reservation[] = await reads.scanReservations(after, pageSize);
    for (const reservation of page) {
      count += 1;
      const held = audit.held.get(reservation.id) ?? 0n;
      audit.held.delete(reservation.id);
      if (held !== (reservation.held.cost ?? 0n)) {
        audit.differ(
          `reservation ${reservation.id} holds ${reservation.held.cost ?? 0n}, the journal says ${held}`,
        );
      }
      posted += reservation.posted.cost ?? 0n;
      await auditState(reads, reservation, audit);
    }
    after = page.at(-1)?.id ?? null;
    if (page.length < pageSize) break;
  }
  if (posted !== audit.posted) {
    audit.differ(`reservations have posted ${posted} in all, the journal says ${audit.posted}`);
  }
  for (const [id, held] of audit.held) audit.differ(`reservation ${id} is missing, with ${held} held`);
  return count;
}

async function auditState(reads: StoreReads, reservation: Reservation, audit: Audit): Promise<void> {
  const { id, state, lastLine } = reservation;
  const body = lastLine && (await reads.line(lastLine));
  const line = body === null ? null : readLine(lastLine!.chain, body);
  if (line?.reservationId === id && stateAfter[line.kind] === state) return;
  audit.differ(
    `reservation ${id} is ${state}, its latest line in the journal says ${line?.kind ?? 'nothing'}`,
  );
}
