import { hash } from 'node:crypto';

export type LineKind =
  | 'reserve'
  | 'extend'
  | 'capture'
  | 'settle'
  | 'void'
  | 'expire'
  | 'late'
  | 'record'
  /** Many records in one line: bundle.ts. */
  | 'bundle'
  | 'adjust'
  | 'limit'
  | 'purge'
  /** Each leg takes away all that an account had: its row is deleted. */
  | 'prune';

/** The change of one account: settled, reserved, and the part of it that no hold covered. */
export interface LineLeg {
  readonly key: string;
  readonly settled: bigint;
  readonly reserved: bigint;
  readonly unadmitted: bigint;
}

/** Where a line of the journal stands. */
export interface LineRef {
  readonly chain: number;
  readonly position: number;
}

/** One movement. Ids, amounts and a digest only: nothing personal stands in the journal. */
export interface JournalLine extends LineRef {
  /** The store's clock. */
  readonly at: number;
  readonly kind: LineKind;
  readonly reservationId: string | null;
  /** The reservation's line before this one. */
  readonly previous: LineRef | null;
  readonly entryId: string | null;
  /** The entry's own instant, by which a purge covers it. */
  readonly entryAt: number | null;
  /** Salted SHA-256 of the usage row, hex; the salt goes when the row is purged. */
  readonly digest: string | null;
  /** Money posted, signed. */
  readonly amount: bigint;
  /** Change of money held, signed. */
  readonly held: bigint;
  /** Part of `amount` that no hold covered. */
  readonly unadmitted: bigint;
  readonly legs: readonly LineLeg[];
  /** Kind-specific facts: a limit's id and maximum, a purge's bound, a prune's rows, an adjustment's reason. */
  readonly note: Readonly<Record<string, string | number | null>>;
}

/** One batch's seal over its lines. */
export interface Link {
  readonly chain: number;
  readonly number: number;
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly at: number;
  readonly previous: string;
  readonly hash: string;
}

/** Where a chain of the journal ends. */
export interface ChainHead {
  readonly chain: number;
  /** Of the last line; 0 before the first. */
  readonly position: number;
  /** Of the last link; 0 before the first. */
  readonly number: number;
  readonly hash: string;
  /** The latest instant seen: the store's clock never goes behind it. */
  readonly at: number;
}

/** What a chain starts from. */
export const genesisHash = '0'.repeat(64);

/**
 * The bytes that are stored and hashed: one JSON array, fields in fixed order, whole numbers as text. By JSON.stringify:
 * it makes one flat text, where pieces added up by hand are put together again each time they are hashed or stored.
 */
export function encodeLine(line: JournalLine): string {
  const { previous } = line;
  return JSON.stringify([
    1,
    line.position,
    line.at,
    line.kind,
    line.reservationId,
    previous && [previous.chain, previous.position],
    line.entryId,
    line.entryAt,
    line.digest,
    String(line.amount),
    String(line.held),
    String(line.unadmitted),
    line.legs.map((leg) => [leg.key, String(leg.settled), String(leg.reserved), String(leg.unadmitted)]),
    line.note,
  ]);
}

/** Reads stored bytes back. The chain is where they were found. */
export function decodeLine(chain: number, body: string): JournalLine {
  const f = JSON.parse(body);
  return {
    chain,
    position: f[1],
    at: f[2],
    kind: f[3],
    reservationId: f[4],
    previous: f[5] && { chain: f[5][0], position: f[5][1] },
    entryId: f[6],
    entryAt: f[7],
    digest: f[8],
    amount: BigInt(f[9]),
    held: BigInt(f[10]),
    unadmitted: BigInt(f[11]),
    legs: f[12].map((leg: [string, string, string, string]) => ({
      key: leg[0],
      settled: BigInt(leg[1]),
      reserved: BigInt(leg[2]),
      unadmitted: BigInt(leg[3]),
    })),
    note: f[13],
  };
}

/** Seals a batch's bodies onto the head; null when the batch wrote nothing. */
export function sealLines(head: ChainHead, bodies: readonly string[], at: number): Link | null {
  if (bodies.length === 0) return null;
  return {
    chain: head.chain,
    number: head.number + 1,
    firstPosition: head.position + 1,
    lastPosition: head.position + bodies.length,
    at,
    previous: head.hash,
    hash: linkHash(head.chain, head.number + 1, head.hash, at, bodies),
  };
}

/** A link covers its place, its time, the link before it and every byte of its lines. */
export function linkHash(
  chain: number,
  number: number,
  previous: string,
  at: number,
  bodies: readonly string[],
): string {
  return hash('sha256', `${chain} ${number} ${at} ${previous}\n${bodies.join('\n')}\n`, 'hex');
}
