import { moneyMeasure } from '../ledger/account.ts';
import type { Outcome } from '../ledger/command.ts';
import type { Reservation } from '../ledger/reservation.ts';
import type { Entry } from '../store/entry.ts';
import type { EntryDraft, WriteRequest } from './request.ts';

/** What a reservation remembers of its call: the row to book when nobody comes back, and its idempotency row. */
export interface ReservationDraft {
  readonly entry: EntryDraft;
  readonly idempotencyName: string | null;
}

export function encodeDraft(request: Extract<WriteRequest, { kind: 'reserve' }>): string {
  const { nanocents, ...entry } = request.expiry;
  return JSON.stringify({
    entry: { ...entry, nanocents: nanocents === null ? null : String(nanocents) },
    idempotencyName: request.idempotency?.name ?? null,
  });
}

export function decodeDraft(text: string): ReservationDraft {
  const draft = JSON.parse(text);
  const nanocents = draft.entry.nanocents === null ? null : BigInt(draft.entry.nanocents);
  return { entry: { ...draft.entry, nanocents }, idempotencyName: draft.idempotencyName };
}

/** The usage row of a movement that wrote a line. */
export function bookedEntry(
  request: WriteRequest,
  outcome: Outcome,
  before: Reservation | null,
  now: number,
): Entry | null {
  switch (request.kind) {
    case 'record':
    case 'adjust':
      return { ...request.entry, recordedAt: now };
    case 'expire':
      return { ...expiryRow(before!, amountOf(outcome)), recordedAt: now };
    case 'capture':
    case 'settle':
      return { ...settledRow(request, outcome, before!), recordedAt: now };
    default:
      return null;
  }
}

/** Nothing is known but the hold: it is charged, and says so. */
function expiryRow(reservation: Reservation, amount: bigint): EntryDraft {
  const { entry } = decodeDraft(reservation.draft!);
  return { ...entry, kind: 'expiry', nanocents: amount, costSource: 'priced', basis: 'reserved' };
}

function settledRow(
  request: Extract<WriteRequest, { kind: 'capture' | 'settle' }>,
  outcome: Outcome,
  before: Reservation,
): EntryDraft {
  const amount = amountOf(outcome);
  const given = request.entry ?? {
    ...decodeDraft(before.draft!).entry,
    costSource: 'given' as const,
    nanocents: amount,
  };
  const entry: EntryDraft = { ...given, reservationId: before.id };
  if (outcome.outcome === 'settled_late') {
    const first = !(before.state === 'expired' && before.onExpire === 'charge');
    const nanocents = entry.nanocents === null ? null : amount;
    return { ...entry, kind: 'late', nanocents, calls: first ? 1 : 0 };
  }
  if (entry.nanocents === null && request.quantities[moneyMeasure] === undefined) {
    return { ...entry, nanocents: amount, costSource: 'priced', basis: 'reserved' };
  }
  return entry;
}

function amountOf(outcome: Outcome): bigint {
  return 'amount' in outcome ? outcome.amount : 0n;
}
