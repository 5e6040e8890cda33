import type { Quantities } from '../../ledger/account.ts';
import type { Hold, Reservation } from '../../ledger/reservation.ts';
import type { Row } from './connection.ts';
import { idText } from './ids.ts';

/** What is not a column of its own, as one JSON array in fixed order: whole numbers that may pass 2^53 as text. */
export function encodeReservation(row: Reservation): string {
  return JSON.stringify([
    row.attributes,
    encodeQuantities(row.admitted),
    encodeQuantities(row.held),
    encodeQuantities(row.posted),
    encodeQuantities(row.atEnd),
    row.settledWith && encodeQuantities(row.settledWith),
    row.holds.map(encodeHold),
    row.onExpire,
    row.endedAt,
    row.fence,
    row.lastLine && [row.lastLine.chain, row.lastLine.position],
    row.draft,
  ]);
}

/** Reads a row of `id, state, created_at, expires_at, body`. */
export function reservationOf(row: Row): Reservation {
  const body = JSON.parse(row[4] as string);
  return {
    id: idText(row[0] as Uint8Array),
    state: row[1] as Reservation['state'],
    attributes: body[0],
    admitted: decodeQuantities(body[1]),
    held: decodeQuantities(body[2]),
    posted: decodeQuantities(body[3]),
    atEnd: decodeQuantities(body[4]),
    settledWith: body[5] && decodeQuantities(body[5]),
    holds: body[6].map(decodeHold),
    onExpire: body[7],
    createdAt: Number(row[2]),
    expiresAt: Number(row[3]),
    endedAt: body[8],
    fence: body[9],
    lastLine: body[10] && { chain: body[10][0], position: body[10][1] },
    draft: body[11],
  };
}

function encodeHold(hold: Hold): unknown[] {
  const { key, limitId, subject, measure, windowStart, windowEnd } = hold.account;
  const account = [key, limitId, subject, measure, windowStart, windowEnd];
  return [...account, String(hold.held), String(hold.posted), String(hold.atEnd), hold.transient];
}

// biome-ignore lint/suspicious/noExplicitAny: JSON that encodeHold wrote
function decodeHold(f: any): Hold {
  return {
    account: { key: f[0], limitId: f[1], subject: f[2], measure: f[3], windowStart: f[4], windowEnd: f[5] },
    held: BigInt(f[6]),
    posted: BigInt(f[7]),
    atEnd: BigInt(f[8]),
    transient: f[9],
  };
}

function encodeQuantities(quantities: Quantities): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const measure in quantities) texts[measure] = String(quantities[measure]);
  return texts;
}

function decodeQuantities(texts: Record<string, string>): Quantities {
  const quantities: Record<string, bigint> = {};
  for (const measure in texts) quantities[measure] = BigInt(texts[measure]!);
  return quantities;
}
