import { decodeLine, type JournalLine } from '../ledger/journal.ts';

/** Differences listed; above it only the fact that there are more. */
export const differencesMax = 100;

export interface Balance {
  settled: bigint;
  reserved: bigint;
  unadmitted: bigint;
}

/** What the journal says, gathered line by line, and what does not agree with it. */
export class Audit {
  readonly balances = new Map<string, Balance>();
  /** Money held per reservation, while it is not zero. */
  readonly held = new Map<string, bigint>();
  /** Money posted on behalf of all reservations together. */
  posted = 0n;
  readonly maximums = new Map<number, bigint>();
  /** What the latest line of each limit says. */
  readonly rules = new Map<number, JournalLine>();
  /** Every raise that was ever made. */
  readonly raises = new Set<string>();
  /** What was given with each grant, and taken back. */
  readonly grants = new Map<number, { readonly amount: bigint; readonly refunded: bigint }>();
  readonly differences: string[] = [];
  entries = 0;
  lines = 0;
  accounts = 0;
  readonly purges: readonly JournalLine[];

  constructor(purges: readonly JournalLine[]) {
    this.purges = purges;
  }

  differ(difference: string): void {
    if (this.differences.length < differencesMax) this.differences.push(difference);
    else if (this.differences.length === differencesMax) this.differences.push('… and more');
  }

  take(line: JournalLine): void {
    this.lines += 1;
    for (const leg of line.legs) {
      const balance = this.balances.get(leg.key) ?? { settled: 0n, reserved: 0n, unadmitted: 0n };
      balance.settled += leg.settled;
      balance.reserved += leg.reserved;
      balance.unadmitted += leg.unadmitted;
      this.balances.set(leg.key, balance);
    }
    if (line.reservationId) {
      const held = (this.held.get(line.reservationId) ?? 0n) + line.held;
      if (held === 0n) this.held.delete(line.reservationId);
      else this.held.set(line.reservationId, held);
      this.posted += line.amount;
    }
    if (line.kind === 'limit') this.#takeRule(line);
  }

  /** What was given is above zero, a refund is not; either may be read first. */
  #takeGrant(id: number, given: bigint): void {
    const { amount, refunded } = this.grants.get(id) ?? { amount: 0n, refunded: 0n };
    this.grants.set(id, given > 0n ? { amount: given, refunded } : { amount, refunded: refunded - given });
  }

  #takeRule(line: JournalLine): void {
    if (typeof line.note.grantId === 'number')
      this.#takeGrant(line.note.grantId, BigInt(line.note.grant ?? 0));
    const limitId = Number(line.note.limitId);
    const known = this.rules.get(limitId);
    if (!known || line.at >= known.at) this.rules.set(limitId, line);
    const { maximum: own, raised, until, reason } = line.note;
    if (raised !== undefined) this.raises.add(raiseText(limitId, { max: String(raised), until, reason }));
    const maximum = BigInt(raised ?? own ?? 0);
    const highest = this.maximums.get(limitId);
    if (highest === undefined || maximum > highest) this.maximums.set(limitId, maximum);
  }
}

/** What the journal says of a raise: it must be what stands in the limit. */
export function raiseText(
  limitId: number,
  raise: Readonly<Record<'max' | 'until' | 'reason', unknown>>,
): string {
  return JSON.stringify([limitId, String(raise.max), raise.until, raise.reason]);
}

/** Null for a line that is no longer JSON. */
export function readLine(chain: number, body: string): JournalLine | null {
  try {
    return decodeLine(chain, body);
  } catch {
    // Not lost: its link no longer fits, and verify says so.
    return null;
  }
}
