import { divideFloor } from '../money/index.ts';
import type { Price, Rates } from './price.ts';

/** A rate is an amount per so many tokens. */
const unitsPerRate = 1_000_000n;

/** How many tokens of one kind an amount buys. */
export type TokensFor =
  | {
      readonly outcome: 'known';
      /** All spent on input; null where input is free. */
      readonly input: bigint | null;
      /** All spent on output; null where output is free. */
      readonly output: bigint | null;
    }
  | { readonly outcome: 'unknown'; readonly reason: string };

/**
 * How many input tokens, or instead how many output tokens, an amount buys at a price: at the rates of its lowest context
 * tier, which small requests pay, without fees per request. A model without a rate is unknown, not free.
 */
export function tokensFor(nanocents: bigint, price: Price): TokensFor {
  const rates: Rates = price.tiers[0]!.rates;
  const missing = (['input', 'output'] as const).find((kind) => rates[kind] === undefined);
  if (missing !== undefined) return { outcome: 'unknown', reason: `${price.id} has no rate for ${missing}` };
  const [numerator, denominator] = price.factor ?? [1n, 1n];
  const bought = (rate: bigint) =>
    rate * numerator === 0n ? null : divideFloor(nanocents * unitsPerRate * denominator, rate * numerator);
  return { outcome: 'known', input: bought(rates.input!), output: bought(rates.output!) };
}
