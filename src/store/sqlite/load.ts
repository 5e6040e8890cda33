import type { Account, AccountName } from '../../ledger/account.ts';
import type { ChainHead } from '../../ledger/journal.ts';
import type { Reservation } from '../../ledger/reservation.ts';
import type { Limit } from '../../limits/limit.ts';
import { findableId, hexBytes, idText } from '../ids.ts';
import type { EndedBound, IdempotencyRow, Touches } from '../port.ts';
import { reservationOf } from '../reservation-codec.ts';
import { accountColumns, accountOf, decodeLimit, idempotencyOf } from '../row-codecs.ts';
import type { Connection } from './connection.ts';
import { chain, chainHeadColumns, chainHeadOf, reservationReads } from './row-codecs.ts';
import type { RowMemory } from './row-memory.ts';

export function loadConfigVersion(connection: Connection): number {
  return Number(connection.row('SELECT config_version FROM nanocent_meta')![0]);
}

export function loadLimits(connection: Connection): Limit[] {
  return connection
    .rows('SELECT body FROM nanocent_limits ORDER BY id')
    .map((row) => decodeLimit(row[0] as string));
}

export function loadChainHead(connection: Connection): ChainHead {
  return chainHeadOf(
    connection.row(`SELECT ${chainHeadColumns} FROM nanocent_chain_heads WHERE chain = ?`, chain)!,
  );
}

/** Above it, one query for all costs less than one query each. */
const oneByOneMax = 64;

export function loadIdempotency(
  connection: Connection,
  names: readonly string[],
): Map<string, IdempotencyRow> {
  const found = new Map<string, IdempotencyRow>();
  const columns = 'SELECT name, fingerprint, answer, at FROM nanocent_idempotency WHERE name';
  if (names.length > oneByOneMax) {
    const sql = `${columns} IN (SELECT unhex(value) FROM json_each(?))`;
    for (const row of connection.rows(sql, JSON.stringify(names))) {
      const known = idempotencyOf(row);
      found.set(known.name, known);
    }
    return found;
  }
  for (const name of names) {
    const row = connection.row(`${columns} = ?`, hexBytes(name));
    if (row !== undefined) found.set(name, idempotencyOf(row));
  }
  return found;
}

export function loadReservation(connection: Connection, id: string): Reservation | null {
  const bytes = findableId(id);
  if (bytes === null) return null;
  const row = connection.row(`SELECT ${reservationReads} FROM nanocent_reservations WHERE id = ?`, bytes);
  return row === undefined ? null : reservationOf(row);
}

/** Empty before the first. Ids are UUIDv7 in lower case: their text sorts as their bytes do. */
export function loadHighestReservationId(connection: Connection): string {
  const row = connection.row('SELECT id FROM nanocent_reservations ORDER BY id DESC LIMIT 1');
  return row === undefined ? '' : idText(row[0] as Uint8Array);
}

/** Oldest deadline first. */
export function loadOpenReservations(connection: Connection, limit: number): Reservation[] {
  return connection
    .rows(
      `SELECT ${reservationReads} FROM nanocent_reservations WHERE state = 'open' ORDER BY expires_at, id LIMIT ?`,
      limit,
    )
    .map(reservationOf);
}

export function loadDueIds(connection: Connection, now: number, limit: number): string[] {
  return connection
    .rows(
      `SELECT id FROM nanocent_reservations WHERE state = 'open' AND expires_at <= ? ORDER BY expires_at, id LIMIT ?`,
      now,
      limit,
    )
    .map((row) => idText(row[0] as Uint8Array));
}

export function loadEndedAccounts(
  connection: Connection,
  bounds: readonly EndedBound[],
  limit: number,
): Account[] {
  const sql = `SELECT ${accountColumns} FROM nanocent_accounts
    WHERE limit_id IN (SELECT value FROM json_each(?)) AND window_end <= ? AND reserved = 0 LIMIT ?`;
  const ended: Account[] = [];
  for (const { limitIds, before } of bounds) {
    const rest = limit - ended.length;
    if (rest <= 0) break;
    ended.push(...connection.rows(sql, JSON.stringify(limitIds), before, rest).map(accountOf));
  }
  return ended;
}

/** The accounts that a batch names, remembered or read: one to be changed that has no row yet is zero, and not in `existing`. */
export function loadAccounts(
  connection: Connection,
  touches: Pick<Touches, 'accounts' | 'reads' | 'accountsOfLimits'>,
  memory: RowMemory,
): { readonly accounts: Map<string, Account>; readonly existing: ReadonlySet<string> } {
  const accounts = new Map<string, Account>();
  const existing = new Set<string>();
  const load = (name: AccountName): Account | null => {
    const { key } = name;
    let account = memory.account(key);
    if (account === undefined) {
      account = readAccount(connection, name);
      memory.keepAccount(key, account);
    }
    if (account === null) return null;
    accounts.set(key, account);
    existing.add(key);
    return account;
  };
  for (const id of touches.accountsOfLimits) for (const row of loadAccountsOfLimit(connection, id)) load(row);
  for (const name of touches.reads ?? []) load(name);
  for (const name of touches.accounts) {
    if (load(name) === null) accounts.set(name.key, { ...name, settled: 0n, reserved: 0n });
  }
  return { accounts, existing };
}

/** Reads the whole table: for changes of limits, which are rare. */
function loadAccountsOfLimit(connection: Connection, limitId: number): Account[] {
  const sql = `SELECT ${accountColumns} FROM nanocent_accounts WHERE limit_id = ?`;
  return connection.rows(sql, limitId).map(accountOf);
}

function readAccount(connection: Connection, name: AccountName): Account | null {
  const sql = 'SELECT settled, reserved FROM nanocent_accounts WHERE key = ?';
  const row = connection.row(sql, hexBytes(name.key));
  return row === undefined ? null : { ...name, settled: row[0] as bigint, reserved: row[1] as bigint };
}
