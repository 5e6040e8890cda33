import { hash } from 'node:crypto';
import { moneyMeasure } from '../ledger/account.ts';
import type { Outcome } from '../ledger/command.ts';
import type { Reservation } from '../ledger/reservation.ts';
import type { Entry } from '../store/entry.ts';
import { unknownUsage } from '../usage/usage.ts';
import type { EntryDraft, WriteRequest } from './request.ts';

/** What a reservation remembers of its call: the row to book when nobody comes back, and its idempotency row. */
export interface ReservationDraft {
  readonly entry: EntryDraft;
  readonly idempotencyName: string | null;
}

/** Who the call was for and when: all that is known at reserve. Short, because it is written with every hold. */
export function encodeDraft({
  expiry,
  idempotency,
  accountants = [],
}: Extract<WriteRequest, { kind: 'reserve' }>): string {
  return JSON.stringify([
    idempotency?.name ?? null,
    expiry.id,
    expiry.at,
    expiry.callId,
    expiry.salt,
    expiry.reservationId,
    expiry.model,
    expiry.requestedModel,
    expiry.provider,
    expiry.endpoint,
    expiry.caller,
    expiry.username,
    expiry.project,
    expiry.session,
    expiry.purpose,
    expiry.key,
    expiry.tags,
    ...(expiry.calls === 1 && accountants.length === 0 ? [] : [expiry.calls]),
    ...(accountants.length === 0 ? [] : [accountantsMark]),
  ]);
}

const accountantsMark = 'accountants';

/** Whether accountants were asked about the reservation of this draft: read off its end, because every settle wants to know. */
export function hasAccountants(draft: string): boolean {
  return draft.endsWith(`,"${accountantsMark}"]`);
}

export function decodeDraft(text: string): ReservationDraft {
  const f = JSON.parse(text);
  const known = {
    id: f[1],
    at: f[2],
    callId: f[3],
    salt: f[4],
    reservationId: f[5],
    model: f[6],
    requestedModel: f[7],
    provider: f[8],
    endpoint: f[9],
    caller: f[10],
    username: f[11],
    project: f[12],
    session: f[13],
    purpose: f[14],
    key: f[15],
    tags: f[16],
    calls: f[17] ?? 1,
  };
  return { entry: { ...unknownEntry, ...known }, idempotencyName: f[0] };
}

/** A row of which nothing is known but who it is for. */
export const unknownEntry = {
  kind: 'call',
  usage: unknownUsage,
  totalTokens: null,
  localPromptTokens: null,
  localCompletionTokens: null,
  localTotalTokens: null,
  toolCalls: null,
  nanocents: null,
  costSource: 'unpriced',
  basis: 'reserved',
  priceId: null,
  charge: null,
  remark: null,
  executionMicroseconds: null,
  adjusts: null,
  responseId: null,
  rawUsage: null,
  calls: 1,
} as const satisfies Partial<EntryDraft>;

/** A movement that wrote a line, as far as its usage row depends on it. */
export interface Movement {
  /** The row's id, as the line says it. */
  readonly id: string;
  readonly outcome: Outcome;
  /** The reservation as it was before this movement. */
  readonly before: Reservation | null;
  readonly now: number;
}

/** The usage row of a movement that wrote a line. */
export function bookedEntry(request: WriteRequest, movement: Movement): Entry | null {
  const recordedAt = movement.now;
  switch (request.kind) {
    case 'record':
    case 'adjust':
      return request.entry && { ...request.entry, recordedAt };
    case 'expire':
      return { ...expiryRow(movement), recordedAt };
    case 'capture':
    case 'settle':
      return { ...settledRow(request, movement), recordedAt };
    default:
      return null;
  }
}

/**
 * The id of a row that is made from a reservation's draft: the draft's own id stays for its expiry, and a reservation may
 * be captured many times. A UUIDv7 in shape, the same wherever the batch is decided again.
 */
export function derivedId(draftId: string, line: string, now: number): string {
  const time = now.toString(16).padStart(12, '0');
  const random = hash('sha256', `${draftId} ${line}`, 'hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}

/** Nothing is known but the hold: it is charged, and says so. A hold without money leaves the cost unknown. */
function expiryRow({ before, outcome }: Movement): EntryDraft {
  const { entry } = decodeDraft(before!.draft!);
  const known = before!.admitted[moneyMeasure] !== undefined;
  return {
    ...entry,
    kind: 'expiry',
    nanocents: known ? amountOf(outcome) : null,
    costSource: known ? 'priced' : 'unpriced',
    basis: 'reserved',
    // In a scope, prompts that were captured have rows of their own.
    calls: entry.calls === 1 || (before!.held.requests ?? 0n) > 0n ? 1 : 0,
  };
}

function settledRow(
  request: Extract<WriteRequest, { kind: 'capture' | 'settle' }>,
  movement: Movement,
): EntryDraft {
  const before = movement.before!;
  const amount = amountOf(movement.outcome);
  const entry: EntryDraft = { ...(request.entry ?? bareRow(movement)), reservationId: before.id };
  if (movement.outcome.outcome === 'settled_late') {
    const counted = before.state === 'expired' && before.onExpire === 'charge';
    const nanocents = entry.nanocents === null ? null : amount;
    return { ...entry, kind: 'late', nanocents, calls: counted ? 0 : entry.calls };
  }
  const unknown = entry.nanocents === null && request.quantities[moneyMeasure] === undefined;
  if (unknown && request.kind === 'settle' && amount > 0n) {
    return { ...entry, nanocents: amount, costSource: 'priced', basis: 'reserved' };
  }
  return entry;
}

/** Nothing but the amount was given. */
function bareRow({ before, outcome, id }: Movement): EntryDraft {
  const { entry } = decodeDraft(before!.draft!);
  return { ...entry, id, costSource: 'given', nanocents: amountOf(outcome) };
}

function amountOf(outcome: Outcome): bigint {
  return 'amount' in outcome ? outcome.amount : 0n;
}
