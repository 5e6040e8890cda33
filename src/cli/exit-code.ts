import type { ErrorKind } from '../errors/codes.ts';
import { NanocentError } from '../errors/error.ts';

export const exitCodes = {
  done: 0,
  unexpected: 1,
  badInput: 2,
  notFound: 3,
  notPermitted: 4,
  conflict: 5,
  unavailable: 6,
  incompatible: 7,
  refused: 8,
  broken: 70,
} as const;

/** The one map from what went wrong to what a script sees. */
const byKind: Readonly<Record<ErrorKind, number>> = {
  invalid: exitCodes.badInput,
  not_found: exitCodes.notFound,
  forbidden: exitCodes.notPermitted,
  conflict: exitCodes.conflict,
  unavailable: exitCodes.unavailable,
  incompatible: exitCodes.incompatible,
  refused: exitCodes.refused,
  invariant: exitCodes.broken,
};

export function exitCodeOf(error: unknown): number {
  return NanocentError.is(error) ? byKind[error.kind] : exitCodes.unexpected;
}
