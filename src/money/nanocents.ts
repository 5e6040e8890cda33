declare const nanocentsBrand: unique symbol;

/** Whole nanocents (1e-9 cent; 1 USD = 100,000,000,000). Signed; a stored amount fits 64 bits. */
export type Nanocents = bigint & { readonly [nanocentsBrand]: true };

declare const rateBrand: unique symbol;

/** Nanocents per 1,000,000 units: $0.075 per million tokens is 7,500,000,000n. Never negative. */
export type Rate = bigint & { readonly [rateBrand]: true };

/** One US dollar: a hundred billion nanocents. */
export const nanocentsPerUsd = 100_000_000_000n;
/** One cent: a billion nanocents. */
export const nanocentsPerCent = 1_000_000_000n;
/** Seed 000's credit: a millionth of a cent. */
export const nanocentsPerCredit = 1_000n;
/** The largest amount a store may hold in one column: 2^63 − 1 nanocents, about $92.2M. */
export const nanocentsMax = 9_223_372_036_854_775_807n as Nanocents;

/** No money. */
export const zeroNanocents = 0n as Nanocents;

/** Brands a whole number of nanocents; a fraction cannot occur in a bigint. */
export function nanocents(value: bigint): Nanocents {
  return value as Nanocents;
}
