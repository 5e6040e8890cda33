import type { ErrorCode, ErrorKind } from '../../errors/codes.ts';
import { errorCodes } from '../../errors/codes.ts';

const ofKind: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  not_found: 404,
  forbidden: 403,
  conflict: 409,
  refused: 429,
  unavailable: 503,
  incompatible: 500,
  invariant: 500,
};

/** Where HTTP has a more telling status than the kind's. */
const ofCode: Readonly<Partial<Record<ErrorCode, number>>> = {
  body_too_large: 413,
  method_not_allowed: 405,
  credential_missing: 401,
  price_not_found: 403,
  provider_unreachable: 502,
  provider_timeout: 504,
};

export function statusOf(code: ErrorCode): number {
  return ofCode[code] ?? ofKind[errorCodes[code]];
}
