import type { EntryDraft, Idempotency, WriteRequest } from '../core/request.ts';
import type { AccountName, Quantities, Subject } from '../ledger/account.ts';
import type { ReservationState } from '../ledger/reservation.ts';
import type { Limit } from '../limits/limit.ts';
import {
  type Counter,
  counterOf,
  countsAt,
  hasPassed,
  isLongOver,
  rollingOf,
  whoOf,
} from './reference-limits.ts';

export type Ending = Extract<WriteRequest, { kind: 'capture' | 'settle' }>;

/** What one account holds of a reservation. */
export interface Part {
  readonly account: string;
  /** Where it is held: the same account, or the one that all steps of a rolling window share. */
  readonly holder: string;
  /** The counter without its window. */
  readonly counter: string;
  readonly who: string;
  readonly measure: string;
  readonly slot: boolean;
  held: bigint;
  atEnd: bigint;
}

/** A hold of the reference ledger. */
export interface ReferenceHold {
  readonly id: string;
  readonly attributes: Subject;
  readonly onExpire: 'charge' | 'release';
  readonly key: string | null;
  readonly draft: EntryDraft;
  readonly createdAt: number;
  state: ReservationState;
  admitted: Quantities;
  held: Quantities;
  posted: Quantities;
  atEnd: Quantities;
  settledWith: Quantities | null;
  parts: Part[];
  expiresAt: number;
  fence: number;
}

interface Movement {
  readonly account: string;
  readonly settled: bigint;
  readonly reserved: bigint;
}

/** All that ever moved, in order. A balance is what it comes to, added up each time. */
export class Movements {
  readonly #all: Movement[] = [];

  push(...movements: readonly Movement[]): void {
    this.#all.push(...movements);
  }

  sum(account: string): { settled: bigint; reserved: bigint } {
    const sum = { settled: 0n, reserved: 0n };
    for (const movement of this.#all) {
      if (movement.account !== account) continue;
      sum.settled += movement.settled;
      sum.reserved += movement.reserved;
    }
    return sum;
  }

  /** What an account has, and what is held that will come to it or to one beside it. */
  full({ account, holder }: Pick<Part, 'account' | 'holder'>): bigint {
    return this.sum(account).settled + this.sum(holder).reserved;
  }

  /** What stands against the maximum of a counter: posted in its window, and held. */
  against(counter: Counter, now: number): { settled: bigint; reserved: bigint } {
    const { limit, who } = counter;
    const { reserved } = this.sum(namesOf(counter).holder);
    let settled = 0n;
    for (const movement of this.#all) {
      const [id, whose, start] = movement.account.split('|');
      if (id !== String(limit.id) || whose !== who) continue;
      if (countsAt(limit, Number.parseInt(start!, 10), now)) settled += movement.settled;
    }
    return { settled, reserved };
  }

  /** Empties those of these accounts that are long over. Nothing is held on any of them. */
  prune(accounts: readonly AccountName[], limits: readonly Limit[], now: number): Answer {
    let rows = 0;
    for (const { limitId, subject, windowStart } of accounts) {
      const account = `${limitId}|${whoOf(subject)}|${windowStart}`;
      const { settled, reserved } = this.sum(account);
      if (settled === 0n || reserved !== 0n || !isLongOver(limits, account, now)) continue;
      this.push({ account, settled: -settled, reserved: 0n });
      rows += 1;
    }
    return { outcome: 'pruned', rows };
  }

  /** What a correction moves: from an account that is long over, at most what is there. */
  leftOf({ account, atEnd }: Part, target: bigint, limits: readonly Limit[], now: number): bigint {
    const { settled } = this.sum(account);
    const difference = target - atEnd;
    return settled + difference < 0n && isLongOver(limits, account, now) ? -settled : difference;
  }

  /** `settled reserved` of every account that is not empty. */
  sums(): Map<string, string> {
    const sums = new Map<string, { settled: bigint; reserved: bigint }>();
    for (const { account, settled, reserved } of this.#all) {
      const sum = sums.get(account) ?? { settled: 0n, reserved: 0n };
      sums.set(account, { settled: sum.settled + settled, reserved: sum.reserved + reserved });
    }
    const spelledOut = new Map<string, string>();
    for (const [account, { settled, reserved }] of sums) {
      if (settled !== 0n || reserved !== 0n) spelledOut.set(account, `${settled} ${reserved}`);
    }
    return spelledOut;
  }
}

interface Row {
  readonly at: number;
  readonly attributes: Subject;
  readonly nanocents: bigint | null;
  readonly calls: number;
}

/** The usage rows, as far as limits and totals look at them. */
export class Rows {
  readonly all: Row[] = [];

  /** Money and calls of the new row, in words. */
  book(entry: EntryDraft, nanocents: bigint | null, calls: number): string {
    const attributes: Record<string, string> = { model: entry.requestedModel ?? entry.model };
    if (entry.username !== null) attributes.username = entry.username;
    this.all.push({ at: entry.at, attributes, nanocents, calls });
    return `${nanocents} ${calls}`;
  }

  /** The row of a capture, or of the settle that ends a hold. */
  bookGiven(hold: ReferenceHold, { entry, quantities }: Ending, amount: bigint, ends: boolean): string {
    if (!entry) return this.book(hold.draft, amount, 1);
    const unknown = entry.nanocents === null && quantities.cost === undefined;
    return this.book(entry, unknown && ends && amount > 0n ? amount : entry.nanocents, entry.calls);
  }

  /** What the rows of the window come to, per account; where more was given back than posted, zero. */
  openingOf(limit: Limit, now: number): Movement[] {
    const sums = new Map<string, bigint>();
    for (const row of this.all) {
      const counter = counterOf(limit, row.attributes, row.at);
      if (counter === null) continue;
      const counts = rollingOf(limit)
        ? !hasPassed(limit, counter.windowStart, now)
        : countsAt(limit, counter.windowStart, now);
      if (!counts) continue;
      const account = accountOf(counter);
      const quantity = { cost: row.nanocents ?? 0n, requests: BigInt(row.calls) }[limit.type as 'cost'] ?? 0n;
      sums.set(account, (sums.get(account) ?? 0n) + quantity);
    }
    return [...sums].map(([account, sum]) => ({ account, settled: sum > 0n ? sum : 0n, reserved: 0n }));
  }
}

/** An outcome in words that can be compared. */
export interface Answer {
  readonly outcome: string;
  readonly amount?: bigint;
  readonly overrun?: bigint;
  readonly replayed?: boolean;
  /** How many accounts were emptied. */
  readonly rows?: number;
  /** `limit who used held requested reason`, in order. */
  readonly refusals?: readonly string[];
  readonly code?: string;
  readonly id?: string;
  /** Of a grant that was added. */
  readonly grantId?: number;
  /** Money and call of the row that was booked. */
  readonly row?: string;
}

/** Whether anything was written of it. */
export function hasMoved({ outcome, replayed, rows }: Answer): boolean {
  return !['refused', 'failed', 'kept', 'replayed'].includes(outcome) && !replayed && rows !== 0;
}

/** The largest quantity that any column holds. */
export const most = 2n ** 63n - 1n;

export function accountOf({ limit, who, windowStart }: Counter): string {
  return `${limit.id}|${who}|${windowStart}`;
}

/** Where something is posted that a counter counts, and where it is held before. */
export function namesOf(counter: Counter): Pick<Part, 'account' | 'holder'> {
  const account = accountOf(counter);
  return {
    account,
    holder: rollingOf(counter.limit) ? `${counter.limit.id}|${counter.who}|0` : account,
  };
}

export function replayOf(used: { body: string; id: string }, key: Idempotency): Answer {
  if (used.body !== key.fingerprint) return { outcome: 'failed', code: 'idempotency_conflict' };
  return { outcome: 'replayed', id: used.id };
}

export function reasonOf(
  maximum: bigint | null,
  settled: bigint,
  reserved: bigint,
  asked: bigint,
): string | null {
  if (maximum === null) return null;
  if (maximum === 0n) return 'denied';
  if (asked === 0n) return null;
  if (asked > maximum - settled) return 'spent';
  return asked > maximum - settled - reserved ? 'held' : null;
}

export function outOfRange(quantities: Quantities): Answer | null {
  for (const quantity of Object.values(quantities)) {
    if (quantity < 0n) return { outcome: 'failed', code: 'amount_invalid' };
    if (quantity > most) return { outcome: 'failed', code: 'amount_overflow' };
  }
  return null;
}

/** One window's share of a counter's quantity: each takes what it has room for, the last one all the rest. */
export function shareOf(
  parts: readonly Part[],
  own: Part,
  quantity: bigint,
  roomOf: (part: Part) => bigint,
): bigint {
  const windows = parts.filter(({ counter }) => counter === own.counter);
  let rest = quantity;
  for (const part of windows) {
    const room = roomOf(part);
    const share = part === windows.at(-1) || rest < room ? rest : room;
    if (part === own) return share;
    rest -= share;
  }
  throw new Error('a part is one of its own windows');
}

export function covers(attributes: Subject | null, who: string): boolean {
  if (attributes === null || who === '') return true;
  return who.split('&').every((pair) => {
    const [field = '', value] = pair.split('=');
    return attributes[field] === value;
  });
}

/** What stays held when so much is posted. */
export function leftOf(held: Quantities, posted: Quantities): Quantities {
  const rest = Object.entries(held).map(([measure, quantity]) => {
    const left = quantity - (posted[measure] ?? 0n);
    return [measure, left < 0n ? 0n : left];
  });
  return Object.fromEntries(rest);
}

/** What a late settle posts, slots aside. */
export function differencesOf({ parts, atEnd }: ReferenceHold, settled: Quantities): Quantities {
  const counted = Object.entries(settled).filter(
    ([measure]) => !parts.some((part) => part.measure === measure && part.slot),
  );
  return Object.fromEntries(
    counted.map(([measure, quantity]) => [measure, quantity - (atEnd[measure] ?? 0n)]),
  );
}

export function overrunOf(hold: ReferenceHold): bigint {
  const over = (hold.posted.cost ?? 0n) - (hold.admitted.cost ?? 0n);
  return over > 0n ? over : 0n;
}

export function nothing(quantities: Quantities): Quantities {
  return Object.fromEntries(Object.keys(quantities).map((measure) => [measure, 0n]));
}

export function spelled(quantities: Quantities): string {
  return whoOf(Object.fromEntries(Object.entries(quantities).map(([name, value]) => [name, String(value)])));
}
