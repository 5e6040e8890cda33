import { NanocentError } from '../errors/error.ts';
import { ModelPricingNotFoundError } from '../errors/named.ts';
import { refusalError } from '../limits/refusal-error.ts';
import type { Begun } from './call.ts';

/** Why a call was not made, as an error, for callers that would rather catch. */
export function begunError(refused: Exclude<Begun, { outcome: 'held' }>): Error {
  switch (refused.outcome) {
    case 'refused':
      return refusalError(refused.refusals);
    case 'insufficient':
      return refused.error;
    case 'unpriced':
      return new ModelPricingNotFoundError(`${refused.reason}, and a cost limit may not be spent blindly`, {
        field: 'model',
        fix: 'add a price of your own, or end the limit for this model',
        data: { limitId: refused.limitId },
      });
    case 'in_flight':
    case 'done':
      return new NanocentError('idempotency_conflict', `call ${refused.callId} was made with this key`, {
        data: { callId: refused.callId },
      });
    case 'conflict':
      return new NanocentError('idempotency_conflict', refused.message);
  }
}
