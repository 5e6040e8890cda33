import type { Account } from '../../ledger/account.ts';
import type { ChainHead, Link } from '../../ledger/journal.ts';
import type { Reservation } from '../../ledger/reservation.ts';
import type { Limit } from '../../limits/limit.ts';
import { findableId, hexBytes, hexText, idOf } from '../ids.ts';
import type { EndedBound, IdempotencyRow, Touches } from '../port.ts';
import { reservationColumns, reservationOf } from '../reservation-codec.ts';
import type { Row } from '../row.ts';
import { accountColumns, accountOf, decodeLimit, idempotencyOf } from '../row-codecs.ts';
import { inLockOrder } from '../server/lock-order.ts';
import type { Session } from './connection.ts';

/** Chains of one ledger, counted from 1: batches that share no account go on side by side. */
export const chainsMax = 16;

/** As reservationOf reads them. */
export const reservationReads = `${reservationColumns}, last_chain`;

/** The latest instant that any chain has seen, and the server's own clock. */
export async function loadClock(
  session: Session,
): Promise<{ readonly latest: number; readonly server: number }> {
  const sql = `SELECT max(at), floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM nanocent_chain_heads`;
  const row = await session.row(sql);
  return { latest: Number(row![0]), server: Number(row![1]) };
}

export async function loadConfigVersion(session: Session): Promise<number> {
  return Number((await session.row('SELECT config_version FROM nanocent_meta'))![0]);
}

export async function loadLimits(session: Session): Promise<Limit[]> {
  const rows = await session.rows('SELECT body FROM nanocent_limits ORDER BY id');
  return rows.map((row) => decodeLimit(row[0] as string));
}

export async function loadIdempotency(session: Session, names: readonly string[]): Promise<IdempotencyRow[]> {
  if (names.length === 0) return [];
  const sql = 'SELECT name, fingerprint, answer, at FROM nanocent_idempotency WHERE name = ANY ($1::bytea[])';
  return (await session.rows(sql, names.map(hexBytes))).map(idempotencyOf);
}

/** Locked for the batch, in the order of their ids. */
export async function lockReservations(session: Session, ids: readonly string[]): Promise<Reservation[]> {
  const findable = ids.filter((id) => findableId(id) !== null);
  if (findable.length === 0) return [];
  const sql = `SELECT ${reservationReads} FROM nanocent_reservations WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`;
  return (await session.rows(sql, findable)).map(reservationOf);
}

export async function loadReservation(session: Session, id: string): Promise<Reservation | null> {
  if (findableId(id) === null) return null;
  const row = await session.row(`SELECT ${reservationReads} FROM nanocent_reservations WHERE id = $1`, id);
  return row === undefined ? null : reservationOf(row);
}

/** Oldest deadline first. */
export async function loadOpenReservations(session: Session, limit: number): Promise<Reservation[]> {
  const sql = `SELECT ${reservationReads} FROM nanocent_reservations WHERE state = 'open' ORDER BY expires_at, id LIMIT $1`;
  return (await session.rows(sql, limit)).map(reservationOf);
}

export async function loadDueIds(session: Session, now: number, limit: number): Promise<string[]> {
  const sql = `SELECT id FROM nanocent_reservations WHERE state = 'open' AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2`;
  return (await session.rows(sql, now, limit)).map((row) => idOf(row[0]!));
}

export async function loadEndedAccounts(
  session: Session,
  bounds: readonly EndedBound[],
  limit: number,
): Promise<Account[]> {
  const sql = `SELECT ${accountColumns} FROM nanocent_accounts
    WHERE limit_id = ANY ($1::bigint[]) AND window_end <= $2 AND reserved = 0 LIMIT $3`;
  const found = await Promise.all(
    bounds.map(({ limitIds, before }) => session.rows(sql, limitIds, before, limit)),
  );
  return found.flat().slice(0, limit).map(accountOf);
}

/** Account rows as a batch has them: locked, or made for it and zero. */
export interface LockedAccounts {
  readonly accounts: Map<string, Account>;
  /** Keys of rows that this batch has made. */
  readonly made: ReadonlySet<string>;
}

const makeAccounts = `INSERT INTO nanocent_accounts
  SELECT key, limit_id, subject, measure, window_start, window_end, 0, 0 FROM unnest($1::bytea[], $2::bigint[],
    $3::text[], $4::text[], $5::bigint[], $6::bigint[]) WITH ORDINALITY
    AS n (key, limit_id, subject, measure, window_start, window_end, place)
  ORDER BY place ON CONFLICT (key) DO NOTHING RETURNING key`;
const lockAccounts = `SELECT ${accountColumns.replaceAll(/(\w+)/g, 'a.$1')} FROM nanocent_accounts AS a
  JOIN unnest($1::bytea[]) WITH ORDINALITY AS n (key, place) ON n.key = a.key ORDER BY n.place FOR UPDATE OF a`;
const readAccounts = `SELECT ${accountColumns} FROM nanocent_accounts WHERE key = ANY ($1::bytea[])`;

/** Makes what is missing, then locks all of it, both in the one order; then reads what is only looked at. */
export async function loadAccounts(
  session: Session,
  touches: Pick<Touches, 'accounts' | 'reads' | 'accountsOfLimits'>,
): Promise<LockedAccounts> {
  const { accounts: named, reads = [], accountsOfLimits } = touches;
  const ordered = inLockOrder(named);
  const keys = ordered.map(({ key }) => hexBytes(key));
  const nothing: Promise<Row[]> = Promise.resolve([]);
  const [made, locked, ofLimits, read] = await Promise.all([
    keys.length === 0
      ? nothing
      : session.rows(
          makeAccounts,
          keys,
          ordered.map(({ limitId }) => limitId),
          ordered.map(({ subject }) => JSON.stringify(subject)),
          ordered.map(({ measure }) => measure),
          ordered.map(({ windowStart }) => windowStart),
          ordered.map(({ windowEnd }) => windowEnd),
        ),
    keys.length === 0 ? nothing : session.rows(lockAccounts, keys),
    accountsOfLimits.length === 0 ? nothing : session.rows(accountsOfLimit, accountsOfLimits),
    reads.length === 0
      ? nothing
      : session.rows(
          readAccounts,
          reads.map(({ key }) => hexBytes(key)),
        ),
  ]);
  const accounts = new Map<string, Account>();
  for (const row of [...ofLimits, ...read, ...locked]) {
    const account = accountOf(row);
    accounts.set(account.key, account);
  }
  return { accounts, made: new Set(made.map((row) => hexText(row[0] as Uint8Array))) };
}

/** Reads the whole table: for changes of limits, which are rare. */
const accountsOfLimit = `SELECT ${accountColumns} FROM nanocent_accounts WHERE limit_id = ANY ($1::bigint[])`;

const headColumns = 'chain, position, number, hash, at';

/** Any head that no other batch has; where all are taken, one of them when it is free. */
export async function lockChainHead(session: Session, random: () => number): Promise<ChainHead> {
  const free = `SELECT ${headColumns} FROM nanocent_chain_heads ORDER BY chain LIMIT 1 FOR UPDATE SKIP LOCKED`;
  const row = await session.row(free);
  if (row !== undefined) return chainHeadOf(row);
  const chain = 1 + Math.floor(random() * chainsMax);
  return chainHeadOf(
    (await session.row(
      `SELECT ${headColumns} FROM nanocent_chain_heads WHERE chain = $1 FOR UPDATE`,
      chain,
    ))!,
  );
}

/** Of every chain that has anything, a head that somebody deleted too: it stands at its beginning then. */
export async function loadChainHeads(session: Session): Promise<ChainHead[]> {
  const sql = `SELECT n.chain, coalesce(h.position, 0), coalesce(h.number, 0), coalesce(h.hash, decode(repeat('00', 32), 'hex')),
      coalesce(h.at, 0)
    FROM generate_series(1, ${chainsMax}) AS n (chain) LEFT JOIN nanocent_chain_heads AS h ON h.chain = n.chain
    WHERE n.chain = 1 OR h.number > 0 OR EXISTS (SELECT 1 FROM nanocent_links AS l WHERE l.chain = n.chain)
      OR EXISTS (SELECT 1 FROM nanocent_journal AS j WHERE j.chain = n.chain) ORDER BY n.chain`;
  return (await session.rows(sql)).map(chainHeadOf);
}

function chainHeadOf(row: Row): ChainHead {
  return {
    chain: Number(row[0]),
    position: Number(row[1]),
    number: Number(row[2]),
    hash: hexText(row[3] as Uint8Array),
    at: Number(row[4]),
  };
}

export const linkColumns = 'chain, number, first_position, last_position, at, previous, hash';

export function linkOf(row: Row): Link {
  return {
    chain: Number(row[0]),
    number: Number(row[1]),
    firstPosition: Number(row[2]),
    lastPosition: Number(row[3]),
    at: Number(row[4]),
    previous: hexText(row[5] as Uint8Array),
    hash: hexText(row[6] as Uint8Array),
  };
}
