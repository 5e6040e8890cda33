import type { AccountName, Quantities, Role } from '../ledger/account.ts';
import type { Hold, Reservation } from '../ledger/reservation.ts';
import { idOf } from './ids.ts';
import type { Row } from './row.ts';

export const reservationColumns =
  'id, state, created_at, expires_at, ended_at, fence, last_line, terms, progress, draft';

/**
 * What was agreed at reserve, and changes only where a hold is added to it: attributes, quantities admitted, what happens
 * on expiry, and accounts. One JSON array, whole numbers that may pass 2^53 as text.
 */
export function encodeTerms({ attributes, admitted, onExpire, holds }: Reservation): string {
  let accounts = '';
  for (const { account, role } of holds) {
    accounts += `${accounts === '' ? '' : ','}[${accountText(account)},${roleTexts[role]}]`;
  }
  return `[${JSON.stringify([attributes, texts(admitted), onExpire])},[${accounts}]]`;
}

/** Whether a row's terms are still those that `before` was written with. */
export function sameTerms(before: Reservation, row: Reservation): boolean {
  return (
    before.admitted === row.admitted &&
    before.attributes === row.attributes &&
    before.onExpire === row.onExpire &&
    before.holds.length === row.holds.length &&
    before.holds.every((hold, index) => hold.account === row.holds[index]!.account)
  );
}

/**
 * What happened to it since, one JSON array: quantities held (`true`: none any more), posted, posted at its end, settled with
 * (`true`: the same as posted), and the three amounts of each account (`true`: those of its measure as a whole). Null
 * while it is held as admitted, which is how each one begins.
 */
export function encodeProgress(row: Reservation): string | null {
  const ofWhole = row.holds.every((hold) => isOfWhole(hold, row));
  if (ofWhole && isUntouched(row)) return null;
  const asPosted = (quantities: Quantities) => (isSame(quantities, row.posted) ? true : texts(quantities));
  return JSON.stringify([
    isFreed(row) ? true : texts(row.held),
    texts(row.posted),
    asPosted(row.atEnd),
    row.settledWith && asPosted(row.settledWith),
    ofWhole || row.holds.map(({ held, posted, atEnd }) => [String(held), String(posted), String(atEnd)]),
  ]);
}

/** Reads a row of reservationColumns, and after them the chain of its last line. */
export function reservationOf(row: Row): Reservation {
  const [[attributes, admittedTexts, onExpire], accounts] = JSON.parse(row[7] as string);
  const admitted = quantitiesOf(admittedTexts);
  const legs: Leg[] = accounts.map(legOf);
  return {
    id: idOf(row[0]!),
    state: row[1] as Reservation['state'],
    attributes,
    admitted,
    ...progressOf(row[8] as string | null, admitted, legs),
    onExpire,
    createdAt: Number(row[2]),
    expiresAt: Number(row[3]),
    endedAt: row[4] === null ? null : Number(row[4]),
    fence: Number(row[5]),
    lastLine: row[6] === null ? null : { chain: Number(row[10]), position: Number(row[6]) },
    draft: row[9] as string | null,
  };
}

type Leg = Pick<Hold, 'account' | 'role'>;
type Progress = Pick<Reservation, 'held' | 'posted' | 'atEnd' | 'settledWith' | 'holds'>;

function progressOf(text: string | null, admitted: Quantities, legs: readonly Leg[]): Progress {
  if (text === null) {
    const untouched = { held: admitted, posted: {}, atEnd: {} };
    return { ...untouched, settledWith: null, holds: legs.map((leg) => holdOfWhole(leg, untouched)) };
  }
  const [heldTexts, postedTexts, atEndTexts, settledWith, amounts] = JSON.parse(text);
  const posted = quantitiesOf(postedTexts);
  const orPosted = (value: Record<string, string> | true) => (value === true ? posted : quantitiesOf(value));
  const held = heldTexts === true ? zeroes(admitted) : quantitiesOf(heldTexts);
  const whole = { held, posted, atEnd: orPosted(atEndTexts) };
  return {
    ...whole,
    settledWith: settledWith && orPosted(settledWith),
    holds: legs.map((leg, index) => {
      if (amounts === true) return holdOfWhole(leg, whole);
      const [ofHeld, ofPosted, ofEnd] = amounts[index];
      return { ...leg, held: BigInt(ofHeld), posted: BigInt(ofPosted), atEnd: BigInt(ofEnd) };
    }),
  };
}

type Whole = Pick<Reservation, 'held' | 'posted' | 'atEnd'>;

/** An account that holds all there is of its measure, and was posted all there was, if it is posted to. */
function holdOfWhole(leg: Leg, whole: Whole): Hold {
  const { measure } = leg.account;
  const held = whole.held[measure] ?? 0n;
  if (leg.role === 'hold') return { ...leg, held, posted: 0n, atEnd: 0n };
  return { ...leg, held, posted: whole.posted[measure] ?? 0n, atEnd: whole.atEnd[measure] ?? 0n };
}

function isOfWhole({ account, role, held, posted, atEnd }: Hold, whole: Whole): boolean {
  const all = holdOfWhole({ account, role }, whole);
  return held === all.held && posted === all.posted && atEnd === all.atEnd;
}

function isUntouched({ held, admitted, posted, atEnd, settledWith }: Reservation): boolean {
  return settledWith === null && isSame(posted, {}) && isSame(atEnd, {}) && isSame(held, admitted);
}

function isFreed({ held, admitted }: Reservation): boolean {
  return isSame(held, zeroes(admitted));
}

function zeroes(quantities: Quantities): Quantities {
  const none: Record<string, bigint> = {};
  for (const measure in quantities) none[measure] = 0n;
  return none;
}

/** As they are stored; before there were roles, a slot was `true` and everything else `false`. */
const roleTexts: Readonly<Record<Role, string>> = { whole: 'false', hold: 'true', post: '"post"' };
const rolesByText: Readonly<Record<string, Role>> = { false: 'whole', true: 'hold', post: 'post' };

/** Texts of accounts, which many reservations share: they are immutable, and forgotten with the account. */
const accountTexts = new WeakMap<AccountName, string>();

function accountText(account: AccountName): string {
  const known = accountTexts.get(account);
  if (known !== undefined) return known;
  const { key, limitId, subject, measure, windowStart, windowEnd } = account;
  const text = JSON.stringify([key, limitId, subject, measure, windowStart, windowEnd]);
  accountTexts.set(account, text);
  return text;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON that encodeTerms wrote
function legOf([f, role]: any): Leg {
  return {
    account: { key: f[0], limitId: f[1], subject: f[2], measure: f[3], windowStart: f[4], windowEnd: f[5] },
    role: rolesByText[String(role)]!,
  };
}

/** The same measures with the same quantities. */
function isSame(left: Quantities, right: Quantities): boolean {
  if (left === right) return true;
  let more = 0;
  for (const measure in left) {
    if (left[measure] !== right[measure]) return false;
    more += 1;
  }
  for (const _ in right) more -= 1;
  return more === 0;
}

function texts(quantities: Quantities): Record<string, string> {
  const encoded: Record<string, string> = {};
  for (const measure in quantities) encoded[measure] = String(quantities[measure]);
  return encoded;
}

function quantitiesOf(encoded: Readonly<Record<string, string>>): Quantities {
  const quantities: Record<string, bigint> = {};
  for (const measure in encoded) quantities[measure] = BigInt(encoded[measure]!);
  return quantities;
}
