import { formatUsdRounded } from '../money/index.ts';

/** Dollars of a column with their points under each other; null where no price is known. */
export function moneyCells(amounts: readonly (bigint | null)[]): (string | null)[] {
  const texts = amounts.map((amount) => (amount === null ? null : formatUsdRounded(amount)));
  return pointsAligned(texts);
}

/** Numbers as text, padded after the point to the longest fraction. */
export function pointsAligned(texts: readonly (string | null)[]): (string | null)[] {
  const fraction = (text: string) => (text.includes('.') ? text.length - text.indexOf('.') : 0);
  const longest = texts.reduce((most, text) => Math.max(most, text === null ? 0 : fraction(text)), 0);
  return texts.map((text) => (text === null ? null : text + ' '.repeat(longest - fraction(text))));
}

/** `83.3%` of a total above 0. */
export function shareOf(part: bigint, total: bigint): string {
  if (part > 0n && part * 2000n < total) return '<0.1%';
  const tenths = (part * 1000n + total / 2n) / total;
  return `${tenths / 10n}.${tenths % 10n}%`;
}

/** `0.8 s`, `4.3 s`, `2 min 05 s`, `3 h 20 min`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Number(seconds.toFixed(seconds < 10 ? 2 : 1))} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** A stretch of time in its largest fitting unit: `40 s`, `12 min`, `11 h`, `3 days`. Rounded down, at least one. */
export function spanText(ms: number): string {
  const [lengthMs, unit] = spans.find(([length]) => ms >= 2 * length) ?? [1_000, 's'];
  const count = Math.max(1, Math.floor(ms / lengthMs));
  return `${count} ${unit}`;
}

const spans: readonly (readonly [number, string])[] = [
  [86_400_000, 'days'],
  [3_600_000, 'h'],
  [60_000, 'min'],
];
