import type { WriteResult } from '../core/request.ts';
import { NanocentError } from '../errors/error.ts';

/** Throws what a write failed with; an outcome that the request cannot have is a broken invariant. */
export function throwFailure(result: WriteResult): never {
  if (result.outcome === 'failed') {
    throw new NanocentError(result.code, result.message, { data: result.data });
  }
  throw new NanocentError('plan_impossible', `the ledger answered ${result.outcome} to another question`);
}
