import { NanocentError } from '../errors/error.ts';
import { parseDecimal, quoted } from './decimal.ts';
import { type Nanocents, nanocentsMax } from './nanocents.ts';

/**
 * Dollars that another program kept as a binary float: `0.00012345600000000001` is 12,345,600. The nearest whole
 * nanocent, halves up; what is finer was never charged. Throws amount_invalid for what is no amount of 0 or more,
 * amount_overflow beyond nanocentsMax.
 */
export function nearestUsd(value: number | string, options: { readonly field?: string } = {}): Nanocents {
  const field = options.field ?? 'amount';
  const decimal = parseDecimal(String(value), { exponent: true, code: 'amount_invalid', field });
  const shift = decimal.decimals - 11;
  const amount = shift <= 0 ? decimal.digits * 10n ** BigInt(-shift) : halfUp(decimal.digits, shift);
  if (amount <= nanocentsMax) return amount as Nanocents;
  throw new NanocentError(
    'amount_overflow',
    `${field} is beyond what one amount may hold: ${quoted(value)}.`,
    {
      field,
      fix: 'Stay within 92233720.36854775807 USD (9223372036854775807 nanocents).',
    },
  );
}

function halfUp(digits: bigint, places: number): bigint {
  const divisor = 10n ** BigInt(places);
  return (digits * 2n + divisor) / (divisor * 2n);
}
