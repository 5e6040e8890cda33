import type { ErrorCode } from '../errors/codes.ts';
import { NanocentError } from '../errors/error.ts';

/** A decimal number as written: digits × 10^−decimals, never a float. */
export interface Decimal {
  /** Signed. */
  readonly digits: bigint;
  /** Negative when an exponent moved the point to the right of the last digit. */
  readonly decimals: number;
}

export interface DecimalSyntax {
  /** A leading `+` or `-` is accepted. */
  readonly signed?: boolean;
  /** `1.5e-7` is accepted: only for numbers that a machine wrote. */
  readonly exponent?: boolean;
  readonly code: ErrorCode;
  readonly field: string;
}

/** Longest text read as a number. String(Number.MIN_VALUE) has 6 characters, the longest double 25. */
const textCharactersMax = 100;

const pattern = /^([+-]?)(?:(\d+)(?:\.(\d+))?|\.(\d+))(?:e([+-]?\d{1,3}))?$/i;

/** Reads a plain decimal. Throws `syntax.code` naming the field for anything else (empty, NaN, `1,000`, `0x1f`, `$5`). */
export function parseDecimal(text: string, syntax: DecimalSyntax): Decimal {
  const match = typeof text === 'string' && text.length <= textCharactersMax ? pattern.exec(text) : null;
  if (match === null || (match[5] !== undefined && !syntax.exponent)) {
    throw new NanocentError(syntax.code, `${syntax.field} is not a plain decimal number: ${quoted(text)}.`, {
      field: syntax.field,
      fix: 'Write digits with at most one point, such as "12.50": no exponent, separators, spaces or currency sign.',
    });
  }
  if (match[1] !== '' && !syntax.signed) {
    throw new NanocentError(syntax.code, `${syntax.field} must be an unsigned number: ${quoted(text)}.`, {
      field: syntax.field,
      fix: 'Leave the sign away; this amount cannot be negative.',
    });
  }
  const fraction = match[3] ?? match[4] ?? '';
  const digits = BigInt((match[2] ?? '') + fraction);
  const exponent = match[5] === undefined ? 0 : Number(match[5]); // count: places to move the point
  return { digits: match[1] === '-' ? -digits : digits, decimals: fraction.length - exponent };
}

/** value × 10^places as a whole number, or null when a non-zero digit would be lost. */
export function scaleDecimal(value: Decimal, places: number): bigint | null {
  const shift = places - value.decimals;
  if (shift >= 0) return value.digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return value.digits % divisor === 0n ? value.digits / divisor : null;
}

/** The text for an error message, cut so that a message stays one line. */
export function quoted(text: unknown): string {
  const shown = typeof text === 'string' ? text : String(text);
  return JSON.stringify(shown.length > 40 ? `${shown.slice(0, 40)}…` : shown);
}
