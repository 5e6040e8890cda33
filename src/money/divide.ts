import { NanocentError } from '../errors/error.ts';

/** The one rounding of a charge: the quotient rounded up, towards +∞ (so −1/2 is 0). Either sign on both sides. */
export function divideCeil(numerator: bigint, denominator: bigint): bigint {
  return -divideFloor(-numerator, denominator);
}

/** The quotient rounded down, towards −∞. */
export function divideFloor(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const exact = quotient * denominator === numerator;
  return exact || numerator < 0n === denominator < 0n ? quotient : quotient - 1n;
}

/**
 * Splits a rounded total over its lines: each line is exactNumerator ÷ denominator rounded down, and the missing
 * units go one each to the largest remainders, ties in line order. The result sums to `total`, and a line with a
 * larger exact amount never gets less. Throws plan_impossible when `total` is below the floors or above the ceilings.
 */
export function allocate(exactNumerators: readonly bigint[], denominator: bigint, total: bigint): bigint[] {
  const lines = exactNumerators.map((numerator) => divideFloor(numerator, denominator));
  const remainders = exactNumerators.map((numerator, index) => numerator - lines[index]! * denominator);
  const missing = total - lines.reduce((sum, line) => sum + line, 0n);
  const fractional = remainders.filter((remainder) => remainder !== 0n).length;
  if (denominator <= 0n || missing < 0n || missing > BigInt(fractional)) {
    throw new NanocentError(
      'plan_impossible',
      `${total} cannot be the rounded sum of these ${lines.length} lines.`,
      {
        data: { lines: lines.length, missing: missing.toString() },
      },
    );
  }
  const order = remainders
    .map((_, index) => index)
    .sort((a, b) => compare(remainders[b]!, remainders[a]!) || a - b);
  const short = order.slice(0, Number(missing)); // count: lines that get one more
  for (const index of short) lines[index]! += 1n;
  return lines;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
