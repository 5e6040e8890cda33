import { NanocentError } from '../errors/error.ts';
import { type Decimal, parseDecimal, quoted, scaleDecimal } from './decimal.ts';
import { type Nanocents, nanocentsMax } from './nanocents.ts';

/** How an amount is read, and what it is called where it is wrong. */
export interface ParseMoneyOptions {
  /** Accepts a leading `+` or `-`; without it a sign is bad input. */
  readonly signed?: boolean;
  /** What the caller called it, for the error: `--max-value`, `usd`. Default `amount`. */
  readonly field?: string;
}

/**
 * `"0.5"` → 50,000,000,000. At most 11 decimals; further zeros are harmless.
 * Throws amount_invalid, or amount_overflow beyond ±nanocentsMax (about $92.2M).
 */
export function parseUsd(text: string, options: ParseMoneyOptions = {}): Nanocents {
  return parseScaled(text, 11, options);
}

/** `"45"` → 45,000,000,000: at most 9 decimals. Throws as parseUsd. */
export function parseCents(text: string, options: ParseMoneyOptions = {}): Nanocents {
  return parseScaled(text, 9, options);
}

/** Seed 000's unit, 1 credit = 1,000 nanocents: at most 3 decimals. Throws as parseUsd. */
export function parseCredits(text: string, options: ParseMoneyOptions = {}): Nanocents {
  return parseScaled(text, 3, options);
}

/** Whole nanocents, the way JSON and the command line carry them. Throws as parseUsd. */
export function parseNanocents(text: string, options: ParseMoneyOptions = {}): Nanocents {
  return parseScaled(text, 0, options);
}

/**
 * For callers who write `{ usd: 0.5 }`: the number's shortest decimal text, read exactly, so 0.29 is
 * 29,000,000,000. NaN, infinities and negatives throw amount_invalid; so does the tail of float arithmetic
 * (0.1 + 0.2 is 0.30000000000000004), because which digits were meant is not ours to guess.
 */
export function usdFromNumber(value: number, options: { readonly field?: string } = {}): Nanocents {
  const field = options.field ?? 'amount';
  if (typeof value !== 'number') {
    throw new NanocentError('amount_invalid', `${field} is not a number: ${quoted(value)}.`, {
      field,
      fix: 'Pass dollars as a number such as 0.5, or as a decimal string.',
    });
  }
  const decimal = parseDecimal(String(value), { exponent: true, code: 'amount_invalid', field });
  return toNanocents(decimal, 11, field, String(value));
}

function parseScaled(text: string, places: number, options: ParseMoneyOptions): Nanocents {
  const field = options.field ?? 'amount';
  const decimal = parseDecimal(text, { signed: options.signed ?? false, code: 'amount_invalid', field });
  return toNanocents(decimal, places, field, text);
}

function toNanocents(decimal: Decimal, places: number, field: string, text: string): Nanocents {
  const value = scaleDecimal(decimal, places);
  if (value === null) {
    throw new NanocentError('amount_invalid', `${field} is finer than one nanocent: ${quoted(text)}.`, {
      field,
      fix: places === 0 ? 'Write a whole number of nanocents.' : `Use at most ${places} decimals.`,
    });
  }
  if (value > nanocentsMax || value < -nanocentsMax) {
    throw new NanocentError(
      'amount_overflow',
      `${field} is beyond what one amount may hold: ${quoted(text)}.`,
      {
        field,
        fix: 'Stay within 92233720.36854775807 USD (9223372036854775807 nanocents).',
      },
    );
  }
  return value as Nanocents;
}
