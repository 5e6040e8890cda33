import type { Account, AccountName, PoolPart } from './account.ts';
import type { Outcome } from './command.ts';
import { type ChainHead, encodeLine, type JournalLine, type Link, linkHash } from './journal.ts';
import { shareOut } from './pool.ts';
import { type Change, overflowOf, Workbench } from './workbench.ts';

/** Posts what many calls came to that happened without a hold: all of it unadmitted, none of it refused. */
export interface Bundle {
  readonly rows: BundleRows;
  /** What they add to each account, or pool of accounts. */
  readonly postings: readonly Posting[];
  /** Money of all rows. */
  readonly amount: bigint;
}

export interface Posting {
  readonly account: AccountName;
  readonly amount: bigint;
  /** Of a pool: its grants, as of a leg. */
  readonly parts?: readonly PoolPart[];
}

/** What the journal keeps of the usage rows that one line books, in their order. */
export interface BundleRows {
  /** Each row's own instant, by which a purge covers it. */
  readonly instants: readonly number[];
  /** Each row's salted SHA-256, one after the other. */
  readonly digests: Uint8Array;
}

export const digestBytes = 32;

type Failed = Extract<Outcome, { outcome: 'failed' }>;

export interface BundleDecision {
  readonly accounts: readonly Account[];
  readonly position: number;
  readonly body: string;
  readonly link: Link;
}

/**
 * Books a bundle with one line, which takes as many positions as it has rows: the row at `position + n` is its row n. It is the
 * only line of its link. Fails as a whole, without a trace, where one account could not hold it.
 */
export function decideBundle(
  state: {
    readonly now: number;
    readonly chain: ChainHead;
    readonly accounts: ReadonlyMap<string, Account>;
  },
  { rows, postings, amount }: Bundle,
): BundleDecision | Failed {
  const bench = new Workbench({ ...state, reservations: new Map() });
  const changes: Change[] = [];
  for (const share of shareOut(bench, postings)) {
    const account = bench.account(share.account);
    const overflow = overflowOf(account, share.amount, 0n);
    if (overflow) return overflow as Failed;
    const { key } = account;
    changes.push({ account, key, settled: share.amount, reserved: 0n, unadmitted: share.amount });
  }
  bench.move({
    kind: 'bundle',
    reservation: null,
    changes,
    entry: null,
    amount,
    held: 0n,
    unadmitted: amount,
    note: encodeRows(rows),
  });
  const line = bench.lines[0]!;
  const body = encodeLine(line);
  const link = sealBundle(state.chain, body, { at: state.now, rows: rows.instants.length });
  return { accounts: bench.changedAccounts(), position: line.position, body, link };
}

/** Instants as the first and then the steps to the next, digests in base64: 50 bytes a row. */
function encodeRows({ instants, digests }: BundleRows): JournalLine['note'] {
  let steps = '';
  let before = 0;
  for (const at of instants) {
    steps += `${steps === '' ? '' : ' '}${at - before}`;
    before = at;
  }
  const bytes = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength);
  return { rows: instants.length, instants: steps, digests: bytes.toString('base64') };
}

/** What a line of the kind `bundle` says of its rows; null where it cannot be read. */
export function bundleRows({ note }: JournalLine): BundleRows | null {
  const { rows, instants: steps, digests: text } = note;
  if (typeof steps !== 'string' || typeof text !== 'string') return null;
  const digests = Buffer.from(text, 'base64');
  let at = 0;
  const instants = steps.split(' ').map((step) => {
    at += Number(step); // count: milliseconds
    return at;
  });
  const isWhole = instants.length === rows && digests.length === rows * digestBytes && !Number.isNaN(at);
  return isWhole ? { instants, digests } : null;
}

function sealBundle(head: ChainHead, body: string, { at, rows }: { at: number; rows: number }): Link {
  return {
    chain: head.chain,
    number: head.number + 1,
    firstPosition: head.position + 1,
    lastPosition: head.position + rows,
    at,
    previous: head.hash,
    hash: linkHash(head.chain, head.number + 1, head.hash, at, [body]),
  };
}
