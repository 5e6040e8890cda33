/** Exact at any size: a total may pass 2^63 even though no stored amount does. */
export function sumNanocents(amounts: Iterable<bigint>): bigint {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return sum;
}

/**
 * [high, low] with value = high × 2^32 + low and 0 ≤ low < 2^32. For engines whose SUM over 64-bit columns
 * overflows (SQLite): sum the halves apart (`n >> 32`, `n & 4294967295`, exact for up to 2^31 rows) and join the sums.
 */
export function splitHalves(value: bigint): readonly [high: bigint, low: bigint] {
  return [value >> 32n, BigInt.asUintN(32, value)];
}

/** The inverse of splitHalves; also joins sums of halves, whose low part may exceed 32 bits. */
export function joinHalves(high: bigint, low: bigint): bigint {
  return (high << 32n) + low;
}
