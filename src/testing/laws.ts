import assert from 'node:assert/strict';
import type { StoreReads } from '../core/ledger.ts';
import { verify } from '../core/verify.ts';
import { type Account, canonicalSubject } from '../ledger/account.ts';
import { decodeLine, type JournalLine } from '../ledger/journal.ts';
import type { Limit } from '../limits/limit.ts';
import type { Entry } from '../store/entry.ts';
import { windowAt } from '../time/window.ts';

/** Everything that a ledger of a test holds: small enough to be read whole. */
export interface Books {
  readonly lines: readonly JournalLine[];
  readonly accounts: readonly Account[];
  readonly entries: readonly Entry[];
}

const rowsMax = 1_000_000;

/** Everything that a ledger says of itself, read once for `assertLaws`. */
export async function readBooks(reads: StoreReads): Promise<Books> {
  const lines: JournalLine[] = [];
  for (const { chain } of await reads.chainHeads()) {
    const bodies = await reads.lines({ chain, position: 0 }, rowsMax);
    lines.push(...bodies.map((body) => decodeLine(chain, body)));
  }
  const ids = lines.flatMap((line) => line.entryId ?? []);
  return { lines, accounts: await reads.scanAccounts(null, rowsMax), entries: await reads.entriesById(ids) };
}

/** What must hold after any history whatever. Throws an AssertionError that names the law. */
export async function assertLaws(reads: StoreReads): Promise<Books> {
  const verification = await verify(reads);
  assert.deepEqual(verification.differences, [], 'verify finds no difference');
  const books = await readBooks(reads);
  assertRebuilt(books);
  assertMoneyAgrees(books);
  await assertNeverOver(books, reads);
  return books;
}

/** Balances are the sums of the journal's legs, and none is negative. */
function assertRebuilt({ lines, accounts }: Books): void {
  const rebuilt = new Map<string, { settled: bigint; reserved: bigint }>();
  for (const { legs } of lines) {
    for (const leg of legs) {
      const { settled, reserved } = rebuilt.get(leg.key) ?? { settled: 0n, reserved: 0n };
      rebuilt.set(leg.key, { settled: settled + leg.settled, reserved: reserved + leg.reserved });
    }
  }
  for (const { key, settled, reserved } of accounts) {
    assert.ok(settled >= 0n && reserved >= 0n, `account ${key} is not negative`);
    assert.deepEqual({ settled, reserved }, rebuilt.get(key), `account ${key} is the sum of its lines`);
    rebuilt.delete(key);
  }
  for (const [key, balance] of rebuilt)
    assert.deepEqual(balance, { settled: 0n, reserved: 0n }, `${key} has a row`);
}

/** Each line's money is its usage row's money: where the rows are all there, both sums are the same. */
function assertMoneyAgrees({ lines, entries }: Books): void {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  for (const line of lines) {
    const entry = line.entryId === null ? undefined : byId.get(line.entryId);
    if (entry) assert.equal(entry.nanocents ?? 0n, line.amount, `row ${entry.id} has the money of its line`);
    else if (line.entryId === null)
      assert.equal(line.amount, 0n, `line ${line.position} without a row moves no money`);
  }
}

/**
 * At every commit: settled + reserved ≤ highest maximum so far + what no hold covered. Of a rolling window, all steps that
 * count at that moment are added up.
 */
async function assertNeverOver({ lines, accounts }: Books, reads: StoreReads): Promise<void> {
  const { limits } = await reads.limits();
  const hard = new Map(
    limits.filter((limit) => limit.enforcement === 'hard').map((limit) => [limit.id, limit]),
  );
  const named = new Map(accounts.map((account) => [account.key, account]));
  const highest = new Map<number, bigint>();
  const counters = new Map<string, Map<string, Excess>>();
  for (const line of lines) {
    if (line.kind === 'limit') {
      const id = Number(line.note.limitId);
      const maximum = BigInt(line.note.raised ?? line.note.maximum!);
      if (maximum > (highest.get(id) ?? -1n)) highest.set(id, maximum);
    }
    for (const leg of line.legs) {
      const account = named.get(leg.key);
      const limit = account && hard.get(account.limitId);
      if (!limit) continue;
      const rolls = limit.window.kind === 'rolling';
      const name = rolls ? `${limit.id} ${canonicalSubject(account.subject)}` : leg.key;
      const parts = counters.get(name) ?? new Map<string, Excess>();
      counters.set(name, parts);
      const { moved, unadmitted } = parts.get(leg.key) ?? { moved: 0n, unadmitted: 0n };
      parts.set(leg.key, {
        account,
        moved: moved + leg.settled + leg.reserved,
        unadmitted: unadmitted + leg.unadmitted,
      });
      const maximum = limit.kind === 'grants' ? grantOf(limit, account) : highest.get(limit.id);
      if (maximum === undefined || maximum < 0n) continue;
      const { start } = windowAt(limit.window, line.at);
      let over = 0n;
      for (const part of parts.values()) {
        const { windowStart, windowEnd } = part.account;
        const counts = !rolls || (windowStart <= line.at && (windowEnd === null || windowEnd > start));
        over += (counts ? part.moved : 0n) - part.unadmitted;
      }
      assert.ok(over <= maximum, `limit ${limit.id} holds after line ${line.position}: ${over} ≤ ${maximum}`);
    }
  }
}

/** What one grant of a pool may come to; beside all grants, nothing. */
function grantOf({ grants }: Limit, { windowStart }: Account): bigint {
  return grants.find(({ createdAt }) => createdAt === windowStart)?.amount ?? 0n;
}

/** What moved on one account, and the part of it that no hold covered. */
interface Excess {
  readonly account: Account;
  readonly moved: bigint;
  readonly unadmitted: bigint;
}
