import { NanocentError } from '../errors/error.ts';
import { type Decimal, parseDecimal, quoted, scaleDecimal } from './decimal.ts';
import { formatUsd } from './format-money.ts';
import { nanocentsMax, type Rate } from './nanocents.ts';

/**
 * US dollars per million units, as people and price pages write it: `"0.075"` → 7,500,000,000.
 * At most 11 decimals; the noise of floats is removed (see withoutNoise). Throws rate_invalid.
 */
export function parseRate(usdPerMillion: string, field = 'rate'): Rate {
  return toRate(parseDecimal(usdPerMillion, { code: 'rate_invalid', field }), 11, field, usdPerMillion);
}

/** US dollars per single unit, as machine-written price files have it: `"7.5e-8"` → 7,500,000,000. Throws rate_invalid. */
export function parseRatePerToken(usdPerUnit: string, field = 'rate'): Rate {
  const decimal = parseDecimal(usdPerUnit, { exponent: true, code: 'rate_invalid', field });
  return toRate(decimal, 17, field, usdPerUnit);
}

/** Seed 000's credits (1,000 nanocents) per single unit: `"7"` → 7,000,000,000. Throws rate_invalid. */
export function rateFromCredits(creditsPerUnit: string, field = 'rate'): Rate {
  return toRate(parseDecimal(creditsPerUnit, { code: 'rate_invalid', field }), 9, field, creditsPerUnit);
}

/** US dollars per million units, exact: `"0.075"`, `"2.50"`. The inverse of parseRate. */
export function formatRate(rate: Rate): string {
  return formatUsd(rate);
}

/**
 * rate × numerator ÷ denominator, exact: batch is [1n, 2n], a 10 % regional surcharge [11n, 10n]. A result that is
 * no whole rate throws rate_invalid instead of being rounded: a price row is data, and the one rounding belongs
 * to the charge. (A markup over a whole charge may be any ratio; it goes into that one rounding.)
 */
export function scaleRate(rate: Rate, ratio: readonly [bigint, bigint], field = 'rate'): Rate {
  const [numerator, denominator] = ratio;
  if (numerator < 0n || denominator <= 0n) {
    throw new NanocentError('rate_invalid', `${field} has the multiplier ${numerator}/${denominator}.`, {
      field,
      fix: 'Use a multiplier of zero or more over a positive denominator.',
    });
  }
  const product = rate * numerator;
  if (product % denominator !== 0n) {
    throw new NanocentError(
      'rate_invalid',
      `${field} of ${formatRate(rate)} USD per million times ${numerator}/${denominator} is no whole number of nanocents per million.`,
      { field, fix: 'Give the resulting price as a rate of its own.' },
    );
  }
  return bounded(product / denominator, field, `${formatRate(rate)} × ${numerator}/${denominator}`);
}

function toRate(decimal: Decimal, places: number, field: string, text: string): Rate {
  const value = scaleDecimal(decimal, places) ?? scaleDecimal(withoutNoise(decimal), places);
  if (value === null) {
    throw new NanocentError(
      'rate_invalid',
      `${field} needs more precision than one nanocent per million units: ${quoted(text)}.`,
      { field, fix: 'Round the price to 11 decimals of USD per million units.' },
    );
  }
  return bounded(value, field, text);
}

/** Rates share the 64-bit range of amounts, so that a store or file can hold them. */
function bounded(value: bigint, field: string, text: string): Rate {
  if (value > nanocentsMax) {
    throw new NanocentError('rate_invalid', `${field} is above 92 USD per unit: ${quoted(text)}.`, {
      field,
      fix: 'Check whether the price is meant per unit or per million units.',
    });
  }
  return value as Rate;
}

/**
 * Price files that went through floats carry 0.18000000000000002 and 2.9999900000000002e-06. Every decimal of up to
 * 15 significant digits survives a double, so where digits beyond the 15th are too fine, they are arithmetic, not a
 * price: rounded away.
 */
function withoutNoise(decimal: Decimal): Decimal {
  const surplus = decimal.digits.toString().length - 15;
  if (surplus <= 0) return decimal;
  const unit = 10n ** BigInt(surplus);
  return { digits: (decimal.digits + unit / 2n) / unit, decimals: decimal.decimals - surplus };
}
