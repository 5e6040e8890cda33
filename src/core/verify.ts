import { bundleRows, digestBytes } from '../ledger/bundle.ts';
import { genesisHash, type JournalLine, type Link, linkHash } from '../ledger/journal.ts';
import { entryDigest } from '../store/entry-digest.ts';
import { Audit, differencesMax, readLine } from './audit.ts';
import { auditAccounts, auditLimits, auditReservations } from './audit-rows.ts';
import type { StoreReads } from './ledger.ts';

/** What came of holding every balance against the journal. */
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
  await auditLimits(reads, audit);
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

async function auditChain(
  reads: StoreReads,
  chain: number,
  audit: Audit,
  progress: (lines: number) => void,
): Promise<{ number: number; position: number; hash: string }> {
  let end = { number: 0, position: 0, hash: genesisHash };
  for (;;) {
    const links = await reads.links({ chain, number: end.number }, pageSize);
    if (links.length === 0) break;
    for (const link of links) {
      const count = link.lastPosition - link.firstPosition + 1;
      const bodies = await linesOf(reads, chain, link);
      const hash = linkHash(chain, link.number, end.hash, link.at, bodies);
      const follows = link.previous === end.hash && link.number === end.number + 1;
      if (
        !follows ||
        hash !== link.hash ||
        !fills(chain, bodies, count) ||
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
  const loose = await reads.lines({ chain, position: end.position }, 1);
  if (loose.length > 0) audit.differ(`chain ${chain}: lines after ${end.position} belong to no link`);
  return end;
}

async function auditLines(
  reads: StoreReads,
  chain: number,
  bodies: readonly string[],
  audit: Audit,
): Promise<void> {
  const lines: JournalLine[] = [];
  for (const body of bodies) {
    const line = readLine(chain, body);
    if (line) lines.push(line);
    else audit.differ(`chain ${chain}: a line cannot be read: ${body.slice(0, 80)}`);
  }
  for (const line of lines) audit.take(line);
  for (const line of lines) if (line.kind === 'bundle') await auditBundle(reads, line, audit);
  const booked = lines.filter((line) => line.entryId !== null);
  const rows = new Map(
    (await reads.entriesById(booked.map((line) => line.entryId!))).map((row) => [row.id, row]),
  );
  for (const line of booked) {
    const row = rows.get(line.entryId!);
    if (row) audit.entries += 1;
    if (row && entryDigest(row) !== line.digest)
      audit.differ(`usage row ${row.id} was changed after it was booked`);
    if (!row) auditMissing(line, { id: line.entryId!, at: line.entryAt! }, audit);
  }
}

/** A bundle's line is the only one of its link, and takes all of its positions. */
async function linesOf(reads: StoreReads, chain: number, link: Link): Promise<readonly string[]> {
  const before = { chain, position: link.firstPosition - 1 };
  const count = link.lastPosition - link.firstPosition + 1;
  const first = await reads.lines(before, 1);
  const isAlone = count === 1 || readFirst(chain, first)?.kind === 'bundle';
  return isAlone ? first : reads.lines(before, count);
}

function readFirst(chain: number, bodies: readonly string[]): JournalLine | null {
  return bodies[0] === undefined ? null : readLine(chain, bodies[0]);
}

/** Whether the lines take as many positions as their link says. */
function fills(chain: number, bodies: readonly string[], count: number): boolean {
  const line = readFirst(chain, bodies);
  return line?.kind === 'bundle' ? line.note.rows === count : bodies.length === count;
}

/** Each row of a bundle against its own digest, by its place. */
async function auditBundle(reads: StoreReads, line: JournalLine, audit: Audit): Promise<void> {
  const said = bundleRows(line);
  if (said === null) {
    audit.differ(`chain ${line.chain}, line ${line.position}: what it says of its rows cannot be read`);
    return;
  }
  const stored = new Map(
    (await reads.entriesOfLine(line, said.instants.length)).map(({ row, entry }) => [row, entry]),
  );
  for (const [row, at] of said.instants.entries()) {
    const entry = stored.get(row);
    if (!entry) {
      auditMissing(line, { id: `${row + 1} of line ${line.position}`, at }, audit);
      continue;
    }
    audit.entries += 1;
    const digest = said.digests.subarray(row * digestBytes, (row + 1) * digestBytes);
    if (!Buffer.from(entryDigest(entry), 'hex').equals(digest))
      audit.differ(`usage row ${entry.id} was changed after it was booked`);
  }
}

/** A row may be missing only where a purge after it covers its instant. */
function auditMissing(
  line: JournalLine,
  row: { readonly id: string; readonly at: number },
  audit: Audit,
): void {
  const covered = audit.purges.some(
    (purge) =>
      row.at < Number(purge.note.before) &&
      (purge.chain === line.chain ? purge.position > line.position : purge.at >= line.at),
  );
  if (!covered) audit.differ(`usage row ${row.id} is missing, and no purge covers it`);
}

/** The purge lines, from the journal itself: a list beside it may say where they stand, not what they say. */
async function readPurges(reads: StoreReads): Promise<JournalLine[]> {
  const purges: JournalLine[] = [];
  for (const at of await reads.purges()) {
    const body = await reads.line(at);
    const line = body === null ? null : readLine(at.chain, body);
    if (line?.kind === 'purge') purges.push(line);
  }
  return purges;
}
