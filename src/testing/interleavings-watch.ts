import assert from 'node:assert/strict';
import { decodeDraft } from '../core/booked-entry.ts';
import type { Cap } from '../core/run.ts';
import { type Account, canonicalSubject } from '../ledger/account.ts';
import { decodeLine, type JournalLine, type LineKind } from '../ledger/journal.ts';
import type { Reservation } from '../ledger/reservation.ts';
import type { Limit } from '../limits/limit.ts';
import type { Plan, Store } from '../store/port.ts';
import { windowAt } from '../time/window.ts';
import { assertLaws } from './laws.ts';

interface Maximum {
  readonly now: bigint;
  readonly highest: bigint;
}

interface Balance {
  settled: bigint;
  reserved: bigint;
  unadmitted: bigint;
}

const rowsMax = 10_000;
const endings: ReadonlySet<LineKind> = new Set(['settle', 'void', 'expire']);
const admissions: ReadonlySet<LineKind> = new Set(['reserve', 'extend']);

/**
 * Looks at the books after every commit, with nothing but the journal's lines to go by: what must hold then, for any number
 * of processes and whatever crashed.
 */
export class Watch {
  readonly #books: Store;
  readonly #balances = new Map<string, Balance>();
  readonly #maxima = new Map<number, Maximum>();
  readonly #caps = new Map<string, Maximum>();
  readonly #ends = new Map<string, LineKind[]>();
  readonly #booked = new Set<string>();
  readonly #keys = new Set<string>();
  #hard: ReadonlyMap<number, Limit> = new Map();
  #position = 0;
  #at = 0;

  constructor(books: Store) {
    this.#books = books;
  }

  /** A run that callers may name. */
  capped({ id, max }: Cap): void {
    this.#caps.set(id, { now: max, highest: max });
  }

  /** To be called after each commit, before anybody writes again. */
  async committed(plan: Plan<unknown>): Promise<void> {
    const lines = plan.lines.map(({ body }) => decodeLine(1, body));
    for (const line of lines) this.#take(line);
    for (const name of plan.forgets) this.#keys.delete(name);
    for (const { name } of plan.idempotency) {
      assert.ok(!this.#keys.has(name), `the key ${name.slice(0, 8)} moves once`);
      this.#keys.add(name);
    }
    if (lines.some(({ kind }) => kind === 'limit')) await this.#readLimits();
    const rows = await this.#books.scanAccounts(null, rowsMax);
    this.#assertBalances(rows, await this.#books.openReservations(rowsMax));
    this.#assertLimits(rows, lines);
  }

  /** When all is over and every deadline has passed: nothing is held any more, and the books prove themselves. */
  async ended({ proved }: { readonly proved: boolean }): Promise<void> {
    for (const [key, { reserved }] of this.#balances) assert.equal(reserved, 0n, `${key} holds nothing`);
    assert.deepEqual(await this.#books.openReservations(1), [], 'every hold ends');
    await this.#assertCalledOnce();
    if (proved) await assertLaws(this.#books);
  }

  /** What a caller was told, it finds in the journal: how the reservation ended, or that the row was booked. */
  assertTold(told: { readonly reservations: ReadonlySet<string>; readonly rows: ReadonlySet<string> }): void {
    for (const id of told.rows) assert.ok(this.#booked.has(id), `row ${id}, told to be booked, is booked`);
    for (const id of told.reservations) {
      const ends = this.#ends.get(id) ?? [];
      assert.ok(
        ends.includes('settle') || ends.includes('late'),
        `${id}, told to be settled, is settled: ${ends}`,
      );
    }
  }

  /** However often a write was put: one call has one reservation, and one row that was recorded without a hold. */
  async #assertCalledOnce(): Promise<void> {
    const reservations = await this.#books.scanReservations(null, rowsMax);
    const drafts = reservations.flatMap(({ draft }) =>
      draft === null ? [] : decodeDraft(draft).entry.callId,
    );
    assert.equal(new Set(drafts).size, drafts.length, 'one call has one reservation');
    const { entries } = await this.#books.entries({ filter: {}, from: null, to: null, limit: rowsMax });
    const calls = entries.flatMap(({ callId, reservationId }) => (reservationId === null ? callId : []));
    assert.equal(new Set(calls).size, calls.length, 'one call is recorded once');
  }

  #take(line: JournalLine): void {
    assert.equal(line.position, this.#position + 1, 'lines follow each other');
    assert.ok(line.at >= this.#at, 'the time of the books does not go back');
    this.#position = line.position;
    this.#at = line.at;
    if (line.kind === 'limit') this.#takeLimit(line);
    if (line.reservationId !== null) this.#takeEnd(line.reservationId, line.kind);
    if (line.entryId !== null) {
      assert.ok(!this.#booked.has(line.entryId), `row ${line.entryId} is booked once`);
      this.#booked.add(line.entryId);
    }
    for (const { key, settled, reserved, unadmitted } of line.legs) {
      const balance = this.#balances.get(key) ?? { settled: 0n, reserved: 0n, unadmitted: 0n };
      balance.settled += settled;
      balance.reserved += reserved;
      balance.unadmitted += unadmitted;
      this.#balances.set(key, balance);
      assert.ok(balance.settled >= 0n && balance.reserved >= 0n, `${key} is not negative`);
    }
  }

  #takeLimit({ note }: JournalLine): void {
    const maximum = BigInt(note.maximum!);
    const highest = this.#maxima.get(Number(note.limitId))?.highest ?? maximum;
    const grown = maximum > highest ? maximum : highest;
    this.#maxima.set(Number(note.limitId), { now: maximum, highest: grown });
  }

  /** A reservation ends once; after expiry or void one late settle may follow. */
  #takeEnd(id: string, kind: LineKind): void {
    const before = this.#ends.get(id) ?? [];
    if (!endings.has(kind) && kind !== 'late') {
      assert.deepEqual(before, [], `${id} has ended and cannot ${kind}`);
      return;
    }
    const ends = [...before, kind];
    const known = ends.length === 1 ? endings.has(kind) : ends.length === 2 && kind === 'late';
    assert.ok(known && before[0] !== 'settle', `${id} ends once: ${ends.join(', ')}`);
    this.#ends.set(id, ends);
  }

  async #readLimits(): Promise<void> {
    const { limits } = await this.#books.limits();
    const hard = limits.filter(({ enforcement }) => enforcement === 'hard');
    this.#hard = new Map(hard.map((limit) => [limit.id, limit]));
  }

  /** Balances are the sums of the journal, and what is reserved is what open reservations hold. */
  #assertBalances(accounts: readonly Account[], open: readonly Reservation[]): void {
    const held = new Map<string, bigint>();
    for (const { holds } of open) {
      // A bucket holds nothing itself: what it will be given stands on its head.
      for (const { account, role, held: own } of holds) {
        if (role !== 'post') held.set(account.key, (held.get(account.key) ?? 0n) + own);
      }
    }
    const rows = new Map(accounts.map((row) => [row.key, row]));
    for (const [key, { settled, reserved }] of this.#balances) {
      const row = rows.get(key);
      equal(row?.settled ?? 0n, settled, `settled of ${key} is the sum of its lines`);
      equal(row?.reserved ?? 0n, reserved, `reserved of ${key} is the sum of its lines`);
      equal(held.get(key) ?? 0n, reserved, `reserved of ${key} is what open reservations hold`);
    }
    for (const { key } of accounts) assert.ok(this.#balances.has(key), `account ${key} has lines`);
  }

  #assertLimits(accounts: readonly Account[], lines: readonly JournalLine[]): void {
    const admitted = new Set<string>();
    // A batch may post what no hold covered after it admitted something: what it admitted fitted then.
    const uncovered = new Set<string>();
    for (const { kind, legs } of lines) {
      for (const { key, reserved, unadmitted } of legs) {
        if (unadmitted > 0n) uncovered.add(key);
        else if (reserved > 0n && admissions.has(kind)) admitted.add(key);
      }
    }
    for (const { used, unadmitted, limitId, maximum, keys } of this.#counters(accounts)) {
      if (maximum.highest < 0n) continue;
      assert.ok(used - unadmitted <= maximum.highest, `limit ${limitId} was never passed: ${used}`);
      if (!keys.some((key) => admitted.has(key)) || keys.some((key) => uncovered.has(key))) continue;
      const { now } = maximum;
      assert.ok(used <= now, `what was admitted fits under limit ${limitId}: ${used} of ${now}`);
    }
  }

  /** The counters of hard limits. All rows of a rolling window are one, of which counts what is in the window now. */
  #counters(accounts: readonly Account[]): Iterable<Counter> {
    const counters = new Map<string, Counter>();
    for (const { key, limitId, subject, windowStart, windowEnd } of accounts) {
      const limit = this.#hard.get(limitId);
      const cap = limitId === 0 ? this.#caps.get(Object.values(subject)[0] ?? '') : undefined;
      const maximum = cap ?? (limit && this.#maxima.get(limitId));
      const balance = this.#balances.get(key);
      if (!maximum || !balance) continue;
      const rolls = limit?.window.kind === 'rolling';
      const name = rolls ? `${limitId} ${canonicalSubject(subject)}` : key;
      const counter = counters.get(name) ?? { limitId, maximum, keys: [], used: 0n, unadmitted: 0n };
      const since = rolls ? windowAt(limit.window, this.#at).start : 0;
      const counts = !rolls || (windowStart <= this.#at && (windowEnd === null || windowEnd > since));
      if (counts) counter.used += balance.settled + balance.reserved;
      counter.unadmitted += balance.unadmitted;
      counter.keys.push(key);
      counters.set(name, counter);
    }
    return counters.values();
  }
}

interface Counter {
  /** 0 for the cap of a run. */
  readonly limitId: number;
  readonly maximum: Maximum;
  readonly keys: string[];
  used: bigint;
  unadmitted: bigint;
}

/** assert.equal, which builds no message while all is well. */
function equal(actual: bigint, expected: bigint, message: string): void {
  if (actual !== expected) assert.equal(actual, expected, message);
}
