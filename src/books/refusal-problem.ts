import { describeRefusal } from '../limits/describe.ts';
import type { Begun, LimitRefusals } from '../meter/call.ts';
import type { Problem } from '../meter/wire/provider-error.ts';
import { formatUsd } from '../money/index.ts';
import { refusalDocument } from './documents.ts';

/** A client may try again this soon when only calls in flight stand in the way, and none of them ends by itself soon. */
const heldRetrySeconds = 2;
/** A longer wait is not worth a client's automatic retry. */
const retrySecondsMax = 60;

type Refused = Exclude<Begun, { outcome: 'held' }>;

/** Why a call was not made, as its client is told. */
export function refusalProblem(refused: Refused, now: number): Problem {
  switch (refused.outcome) {
    case 'refused':
      return limitProblem(refused.refusals, now);
    case 'insufficient':
      return insufficientProblem(refused);
    case 'unpriced':
      return unpricedProblem(refused);
    case 'in_flight':
      return {
        status: 409,
        code: 'idempotency_conflict',
        message: 'A call with this idempotency key is in flight.',
        nanocent: { callId: refused.callId },
        headers: { 'retry-after': String(heldRetrySeconds) },
      };
    case 'done':
      return doneProblem(refused.callId, refused.nanocents);
    case 'conflict':
      return {
        status: 409,
        code: 'idempotency_conflict',
        message: `${refused.message}: use a new key for a new call`,
        headers: { 'x-should-retry': 'false' },
      };
  }
}

/** The refusal that is hardest to get past decides: one that no waiting mends, then the longest wait. */
function limitProblem(refusals: LimitRefusals, now: number): Problem {
  const waits = refusals.map((refusal) => ({ refusal, seconds: secondsUntilRoom(refusal, now) }));
  waits.sort((left, right) => (right.seconds ?? Infinity) - (left.seconds ?? Infinity));
  const { refusal, seconds } = waits[0]!;
  const message = describeRefusal(refusal.limit, refusal);
  // When to ask again stands in the header.
  const document = refusalDocument(refusal.limit, refusal, { message, now });
  const { message: _, retryAfterSeconds: __, fitsAt: ___, ...facts } = document;
  const retry = seconds === null ? {} : { 'retry-after': String(seconds) };
  // Calls in flight mostly end long before their deadline.
  const isLong = seconds !== null && seconds > retrySecondsMax && refusal.reason !== 'held';
  const stop = seconds === null || isLong ? { 'x-should-retry': 'false' } : {};
  return {
    status: seconds === null ? 402 : 429,
    code: 'limit_refused',
    message,
    nanocent: facts,
    headers: { ...retry, ...stop },
  };
}

/** Null: no waiting helps, only a higher limit or a smaller call. */
function secondsUntilRoom(refusal: LimitRefusals[number], now: number): number | null {
  const { reason, fitsAt } = refusal;
  if (fitsAt === null) return reason === 'held' ? heldRetrySeconds : null;
  return Math.max(1, Math.ceil((fitsAt - now) / 1000));
}

/** Waiting does not fill an account. */
function insufficientProblem({ accountant, error }: Extract<Refused, { outcome: 'insufficient' }>): Problem {
  return {
    status: 402,
    code: 'balance_insufficient',
    message: error.message,
    nanocent: { accountant, ...error.data },
    headers: { 'x-should-retry': 'false' },
  };
}

function unpricedProblem(refused: Extract<Refused, { outcome: 'unpriced' }>): Problem {
  const nearest = refused.nearest.length === 0 ? '' : ` (did you mean ${refused.nearest.join(', ')}?)`;
  const message =
    `${refused.reason}${nearest}, and cost limit ${refused.limitId} may not be spent blindly: ` +
    'add a price of your own, or end the limit for this model';
  return {
    status: 403,
    code: 'price_not_found',
    message,
    field: 'model',
    nanocent: { limitId: refused.limitId, nearest: refused.nearest },
    headers: { 'x-should-retry': 'false' },
  };
}

function doneProblem(callId: string, nanocents: bigint | null): Problem {
  const cost = nanocents === null ? 'without a known cost' : `for ${formatUsd(nanocents)} USD`;
  return {
    status: 409,
    code: 'idempotency_conflict',
    message: `The call with this idempotency key is done: ${callId}, booked ${cost}. Its answer was not kept.`,
    nanocent: {
      callId,
      nanocents: nanocents === null ? null : String(nanocents),
      usd: nanocents === null ? null : formatUsd(nanocents),
    },
    headers: { 'x-should-retry': 'false' },
  };
}
