import type { Account } from '../../ledger/account.ts';
import type { ChainHead, Link } from '../../ledger/journal.ts';
import type { Limit } from '../../limits/limit.ts';
import type { IdempotencyRow } from '../port.ts';
import type { Row } from './connection.ts';
import { hexText } from './ids.ts';

export const accountColumns =
  'key, limit_id, subject, measure, window_start, window_end, settled, reserved' as const;

export function accountOf(row: Row): Account {
  return {
    key: hexText(row[0] as Uint8Array),
    limitId: Number(row[1]),
    subject: JSON.parse(row[2] as string),
    measure: row[3] as string,
    windowStart: Number(row[4]),
    windowEnd: row[5] === null ? null : Number(row[5]),
    settled: row[6] as bigint,
    reserved: row[7] as bigint,
  };
}

export const linkColumns = 'number, first_position, last_position, at, previous, hash' as const;

/** There is one chain in a file: one writer at a time needs no more. */
export const chain = 1;

export function linkOf(row: Row): Link {
  return {
    chain,
    number: Number(row[0]),
    firstPosition: Number(row[1]),
    lastPosition: Number(row[2]),
    at: Number(row[3]),
    previous: hexText(row[4] as Uint8Array),
    hash: hexText(row[5] as Uint8Array),
  };
}

export const chainHeadColumns = 'position, number, hash, at' as const;

export function chainHeadOf(row: Row): ChainHead {
  return {
    chain,
    position: Number(row[0]),
    number: Number(row[1]),
    hash: hexText(row[2] as Uint8Array),
    at: Number(row[3]),
  };
}

/** A limit as JSON text, its amounts as text because they may pass 2^53. */
export function encodeLimit(limit: Limit): string {
  return JSON.stringify(limit, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}

/** Rows that were written before limits had a kind, a file, raises and grants lack them. */
export function decodeLimit(text: string): Limit {
  const { kind = 'limit', file = null, raises = [], grants = [], ...limit } = JSON.parse(text);
  return {
    ...limit,
    kind,
    file,
    max: BigInt(limit.max),
    raises: raises.map((raise: { max: string }) => ({ ...raise, max: BigInt(raise.max) })),
    grants: grants.map((grant: { amount: string; refunded: string }) => ({
      ...grant,
      amount: BigInt(grant.amount),
      refunded: BigInt(grant.refunded),
    })),
  };
}

/** Reads a row of `name, fingerprint, answer, at`. */
export function idempotencyOf(row: Row): IdempotencyRow {
  return {
    name: hexText(row[0] as Uint8Array),
    fingerprint: row[1] as string,
    answer: row[2] as string,
    at: Number(row[3]),
  };
}
