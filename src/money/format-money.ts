import { nanocentsPerCent, nanocentsPerCredit, nanocentsPerUsd } from './nanocents.ts';

/** Exact dollars for JSON and files: `"0.00045"`, `"12.50"`, `"-0.29"`; at least two decimals. Any size of total. */
export function formatUsd(value: bigint): string {
  return formatScaled(value, 11, 2);
}

/**
 * Dollars for tables, rounded half away from zero: `"$1,234.57"`, `"-$0.29"`. Small amounts keep two significant
 * digits whatever `digits` says, so $0.00004 is never shown as $0.00; only zero is.
 */
export function formatUsdRounded(
  value: bigint,
  options: { readonly digits?: 0 | 1 | 2 | 3 | 4 } = {},
): string {
  const digits = options.digits ?? 2;
  const amount = absolute(value);
  const decimals = amount === 0n ? digits : Math.max(digits, decimalsForTwoSignificant(amount)); // count: decimals shown
  const unit = 10n ** BigInt(11 - decimals);
  const rounded = ((amount + unit / 2n) / unit) * unit;
  const [whole = '', fraction] = formatScaled(rounded, 11, digits).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `${value < 0n ? '-' : ''}$${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Exact cents: `"45"`, `"0.045"`. */
export function formatCents(value: bigint): string {
  return formatScaled(value, decimalPlacesOf(nanocentsPerCent), 0);
}

/** Exact credits (1,000 nanocents): `"926000"`, `"0.142"`. */
export function formatCredits(value: bigint): string {
  return formatScaled(value, decimalPlacesOf(nanocentsPerCredit), 0);
}

/** A plain whole number, `"45000000"`: how JSON carries money, because JSON.parse rounds above 2^53. */
export function formatNanocents(value: bigint): string {
  return value.toString();
}

/** value ÷ 10^places, without trailing zeros beyond `decimalsMin`. */
function formatScaled(value: bigint, places: number, decimalsMin: number): string {
  const digits = absolute(value)
    .toString()
    .padStart(places + 1, '0');
  const whole = digits.slice(0, -places);
  let end = digits.length;
  while (end > whole.length + decimalsMin && digits[end - 1] === '0') end -= 1;
  const fraction = digits.slice(whole.length, end);
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** $0.0123 needs 3 decimals, $0.5 needs 2 and $12 none; a nanocent is the finest. */
function decimalsForTwoSignificant(amount: bigint): number {
  if (amount >= nanocentsPerUsd) return 0;
  return Math.min(11, 13 - amount.toString().length); // count: decimals shown
}

function decimalPlacesOf(powerOfTen: bigint): number {
  return powerOfTen.toString().length - 1;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
