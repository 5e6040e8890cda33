/** A rule that does not hold in one place. The last column says why; an exception that no longer matches is a problem. */
export interface Exception {
  readonly path: string;
  /** A part of the problem's message. */
  readonly message: string;
  readonly reason: string;
  /** The day it was granted, YYYY-MM-DD. */
  readonly granted: string;
}

export const exceptions: readonly Exception[] = [];
