import type { Account } from '../ledger/account.ts';
import { decodeLine, genesisHash, type JournalLine, linkHash } from '../ledger/journal.ts';
import type { Reservation } from '../ledger/reservation.ts';
import type { Limit } from '../limits/limit.ts';
import { entryDigest } from '../store/entry-digest.ts';
import type { StoreReads } from './ledger.ts';

export interface Verification {
  readonly balanced: boolean;
  /** Usage rows compared with the journal. */
  readonly entries: number;
  readonly reservations: number;
  readonly lines: number;
  readonly accounts: number;
  /** What does not agree, in words; at most `differencesMax`. */
  readonly differences: readonly string[];
  /** Heads of the chains, to be kept outside and compared later. */
  readonly heads: readonly { readonly chain: number; readonly number: number; readonly hash: string }[];
}

/** Differences listed; above it only the fact that there are more. */
const differencesMax = 100;
const pageSize = 2_000;

/**
 * Proves the books: every link of every chain recomputed from the stored bytes, every balance and hold rebuilt from the lines,
 * every usage row held against its digest, both rollups against the rows. `progress` hears how many lines were read.
 */
export async function verify(
  reads: StoreReads,
  progress: (lines: number) => void = () => {},
): Promise<Verification> {
  const audit = new Audit(await readPurges(reads));
  const heads = await reads.chainHeads();
  for (const head of heads) {
    const end = await auditChain(reads, head.chain, audit, progress);
    if (end.number !== head.number || end.hash !== head.hash || end.position !== head.position) {
      audit.differ(
        `chain ${head.chain}: its head does not match its last link (${head.number} against ${end.number})`,
      );
    }
  }
  await auditAccounts(reads, audit);
  const reservations = await auditReservations(reads, audit);
  const stored = await reads.countEntries();
  if (stored !== audit.entries) {
    audit.differ(`${stored} usage rows are stored, the journal accounts for ${audit.entries}`);
  }
  for (const difference of await reads.compareRollups(differencesMax)) audit.differ(difference);
  return {
    balanced: audit.differences.length === 0,
    entries: audit.entries,
    reservations,
    lines: audit.lines,
    accounts: audit.accounts,
    differences: audit.differences,
    heads: heads.map(({ chain, number, hash }) => ({ chain, number, hash })),
  };
}

interface Balance {
  settled: bigint;
  reserved: bigint;
  unadmitted: bigint;
}

/** What the journal says, gathered line by line. */
class Audit {
  readonly balances = new Map<string, Balance>();
  /** Money held per reservation, while it is not zero. */
  readonly held = new Map<string, bigint>();
  readonly maximums = new Map<number, bigint>();
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
    }
    if (line.kind === 'limit') this.#takeRule(line);
  }

  #takeRule(line: JournalLine): void {
    const limitId = Number(line.note.limitId);
    const maximum = BigInt(line.note.maximum ?? 0);
    const highest = this.maximums.get(limitId);
    if (highest === undefined || maximum > highest) this.maximums.set(limitId, maximum);
  }
}

async function auditChain(
  reads: StoreReads,
  chain: number,
  audit: Audit,
  progress: (lines: number) => void,
): Promise<{ number: number; position: number; hash: string }> {
  let end = { number: 0, position: 0, hash: genesisHash };
  for (;;) {
    const links = await reads.links({ chain, number: end.number }, pageSize);
    if (links.length === 0) return end;
    for (const link of links) {
      const count = link.lastPosition - link.firstPosition + 1;
      const bodies = await reads.lines({ chain, position: link.firstPosition - 1 }, count);
      const hash = linkHash(chain, link.number, end.hash, link.at, bodies);
      const follows = link.previous === end.hash && link.number === end.number + 1;
      if (
        !follows ||
        hash !== link.hash ||
        bodies.length !== count ||
        link.firstPosition !== end.position + 1
      ) {
        audit.differ(
          `chain ${chain}, link ${link.number}: lines ${link.firstPosition}–${link.lastPosition} were changed`,
        );
      }
      await auditLines(reads, chain, bodies, audit);
      end = { number: link.number, position: link.lastPosition, hash: link.hash };
      progress(audit.lines);
    }
  }
}

async function auditLines(
  reads: StoreReads,
  chain: number,
  bodies: readonly string[],
  audit: Audit,
): Promise<void> {
  const lines: JournalLine[] = [];
  for (const body of bodies) {
    try {
      lines.push(decodeLine(chain, body));
    } catch {
      // A line that is no longer JSON was changed: the link above has said so, and here is which one.
      audit.differ(`chain ${chain}: a line cannot be read: ${body.slice(0, 80)}`);
    }
  }
  for (const line of lines) audit.take(line);
  const booked = lines.filter((line) => line.entryId !== null);
  const rows = new Map(
    (await reads.entriesById(booked.map((line) => line.entryId!))).map((row) => [row.id, row]),
  );
  for (const line of booked) {
    const row = rows.get(line.entryId!);
    if (row) audit.entries += 1;
    if (row && entryDigest(row) !== line.digest)
      audit.differ(`usage row ${row.id} was changed after it was booked`);
    if (!row) auditMissing(line, audit);
  }
}

/** A row may be missing only where a purge after it covers its instant. */
function auditMissing(line: JournalLine, audit: Audit): void {
  const covered = audit.purges.some(
    (purge) =>
      line.entryAt! < Number(purge.note.before) &&
      (purge.chain === line.chain ? purge.position > line.position : purge.at >= line.at),
  );
  if (!covered) audit.differ(`usage row ${line.entryId} is missing, and no purge covers it`);
}

/** The purge lines, from the journal itself: a list beside it may say where they stand, not what they say. */
async function readPurges(reads: StoreReads): Promise<JournalLine[]> {
  const purges: JournalLine[] = [];
  for (const at of await reads.purges()) {
    const body = await reads.line(at);
    const line = body === null ? null : decodeLine(at.chain, body);
    if (line?.kind === 'purge') purges.push(line);
  }
  return purges;
}

async function auditAccounts(reads: StoreReads, audit: Audit): Promise<void> {
  const { limits } = await reads.limits();
  const hard = new Map(
    limits.filter((limit) => limit.enforcement === 'hard').map((limit) => [limit.id, limit]),
  );
  let after: string | null = null;
  for (;;) {
    const page: readonly Account[] = await reads.scanAccounts(after, pageSize);
    for (const account of page) {
      audit.accounts += 1;
      auditAccount(account, audit, hard.get(account.limitId));
    }
    after = page.at(-1)?.key ?? null;
    if (page.length < pageSize) break;
  }
  for (const [key, balance] of audit.balances) {
    if (balance.settled === 0n && balance.reserved === 0n) continue;
    audit.differ(
      `account ${key} is missing: the journal says settled ${balance.settled}, reserved ${balance.reserved}`,
    );
  }
}

function auditAccount(account: Account, audit: Audit, limit: Limit | undefined): void {
  const balance = audit.balances.get(account.key) ?? { settled: 0n, reserved: 0n, unadmitted: 0n };
  audit.balances.delete(account.key);
  if (account.settled !== balance.settled || account.reserved !== balance.reserved) {
    audit.differ(
      `account ${account.key} of limit ${account.limitId}: settled ${account.settled}, reserved ${account.reserved}; ` +
        `the journal says ${balance.settled} and ${balance.reserved}`,
    );
  }
  const maximum = audit.maximums.get(account.limitId);
  if (!limit || maximum === undefined || maximum < 0n) return;
  const over = account.settled + account.reserved - maximum - balance.unadmitted;
  if (over > 0n)
    audit.differ(`limit ${account.limitId} was passed by ${over} that a hold should have stopped`);
}

async function auditReservations(reads: StoreReads, audit: Audit): Promise<number> {
  let count = 0;
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
    }
    after = page.at(-1)?.id ?? null;
    if (page.length < pageSize) break;
  }
  for (const [id, held] of audit.held) audit.differ(`reservation ${id} is missing, with ${held} held`);
  return count;
}
