import type { Account } from '../ledger/account.ts';
import type { Limit } from '../limits/limit.ts';
import { hexText } from './ids.ts';
import type { IdempotencyRow } from './port.ts';
import type { Row } from './row.ts';

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
