import { type ErrorCode, type ErrorKind, errorCodes } from './codes.ts';

const marker = Symbol.for('nanocent.error');

/** What an error says beside its code and its message. */
export interface ErrorDetails {
  /** The input field at fault, spelled as the caller wrote it. */
  readonly field?: string;
  /** What to do next, one sentence. */
  readonly fix?: string;
  /** Ids and numbers only: never prompts, keys or SQL parameters. */
  readonly data?: Readonly<Record<string, string | number | boolean | null>>;
  readonly cause?: unknown;
}

/**
 * The one error class. `message` says what happened with ids and numbers; `fix` what to do next.
 * Outcomes that a sane caller plans for are returned, not thrown (docs/errors.md).
 */
export class NanocentError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly fix: string | undefined;
  readonly data: Readonly<Record<string, string | number | boolean | null>>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'NanocentError';
    this.code = code;
    this.field = details.field;
    this.fix = details.fix;
    this.data = details.data ?? {};
    Object.defineProperty(this, marker, { value: true });
  }

  get kind(): ErrorKind {
    return errorCodes[this.code];
  }

  /** True for our errors from any copy of this package (two versions may be installed side by side). */
  static is(value: unknown): value is NanocentError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}
