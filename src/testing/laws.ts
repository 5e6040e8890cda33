import assert from 'node:assert/strict';
import type { StoreReads } from '../core/ledger.ts';
import { verify } from '../core/verify.ts';
import type { Account } from '../ledger/account.ts';
import { decodeLine, type JournalLine } from '../ledger/journal.ts';
import type { Entry } from '../store/entry.ts';

/** Everything that a ledger of a test holds: small enough to be read whole. */
export interface Books {
  readonly lines: readonly JournalLine[];
  readonly accounts: readonly Account[];
  readonly entries: readonly Entry[];
}

const rowsMax = 1_000_000;

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

/** At every commit: settled + reserved ≤ highest maximum so far + what no hold covered. */
async function assertNeverOver({ lines, accounts }: Books, reads: StoreReads): Promise<void> {
  const { limits } = await reads.limits();
  const hard = new Set(limits.filter((limit) => limit.enforcement === 'hard').map((limit) => limit.id));
  const limitOf = new Map(accounts.map((account) => [account.key, account.limitId]));
  const highest = new Map<number, bigint>();
  const excess = new Map<string, bigint>();
  for (const line of lines) {
    if (line.kind === 'limit') {
      const id = Number(line.note.limitId);
      const maximum = BigInt(line.note.maximum!);
      if (maximum > (highest.get(id) ?? -1n)) highest.set(id, maximum);
    }
    for (const leg of line.legs) {
      const over = (excess.get(leg.key) ?? 0n) + leg.settled + leg.reserved - leg.unadmitted;
      excess.set(leg.key, over);
      const id = limitOf.get(leg.key);
      const maximum = id === undefined || !hard.has(id) ? undefined : highest.get(id);
      if (maximum === undefined || maximum < 0n) continue;
      assert.ok(over <= maximum, `limit ${id} holds after line ${line.position}: ${over} ≤ ${maximum}`);
    }
  }
}
