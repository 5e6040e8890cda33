import type { AccountName, Quantities, Subject } from '../../ledger/account.ts';
import type { Hold, Reservation } from '../../ledger/reservation.ts';
import type { Row } from './connection.ts';
import { idText } from './ids.ts';

/**
 * What is not a column of its own, as one JSON array in fixed order: whole numbers that may pass 2^53 as text. Put together by
 * hand, because a reservation is written twice per call and most of its text is the same each time.
 */
export function encodeReservation(row: Reservation): string {
  const { settledWith, lastLine } = row;
  let holds = '';
  for (const hold of row.holds) holds += (holds === '' ? '' : ',') + encodeHold(hold);
  return (
    `[${subjectText(row.attributes)},${quantitiesText(row.admitted)},${quantitiesText(row.held)},` +
    `${quantitiesText(row.posted)},${quantitiesText(row.atEnd)},` +
    `${settledWith === null ? 'null' : quantitiesText(settledWith)},[${holds}],"${row.onExpire}",${row.endedAt},` +
    `${row.fence},${lastLine === null ? 'null' : `[${lastLine.chain},${lastLine.position}]`}]`
  );
}

/** Reads a row of `id, state, created_at, expires_at, body, draft`. */
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
    draft: row[5] as string | null,
  };
}

function encodeHold({ account, held, posted, atEnd, transient }: Hold): string {
  return `[${accountText(account)},"${held}","${posted}","${atEnd}",${transient}]`;
}

/** Texts of objects that are used again and again: they are immutable, and forgotten with the object. */
const accountTexts = new WeakMap<AccountName, string>();
const subjectTexts = new WeakMap<Subject, string>();

function accountText(account: AccountName): string {
  const known = accountTexts.get(account);
  if (known !== undefined) return known;
  const text = newAccountText(account);
  accountTexts.set(account, text);
  return text;
}

function newAccountText(account: AccountName): string {
  const { key, limitId, subject, measure, windowStart, windowEnd } = account;
  return `"${key}",${limitId},${subjectText(subject)},${JSON.stringify(measure)},${windowStart},${windowEnd}`;
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

function subjectText(subject: Subject): string {
  const known = subjectTexts.get(subject);
  if (known !== undefined) return known;
  const text = JSON.stringify(subject);
  subjectTexts.set(subject, text);
  return text;
}

/** Measures are our own words (limits/limit.ts): nothing in them needs an escape. */
function quantitiesText(quantities: Quantities): string {
  let text = '';
  for (const measure in quantities) {
    text += `${text === '' ? '' : ','}"${measure}":"${quantities[measure]}"`;
  }
  return `{${text}}`;
}

function decodeQuantities(texts: Record<string, string>): Quantities {
  const quantities: Record<string, bigint> = {};
  for (const measure in texts) quantities[measure] = BigInt(texts[measure]!);
  return quantities;
}
