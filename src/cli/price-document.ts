import { formatRate } from '../money/index.ts';
import type { ContextTier, Price, Rates } from '../prices/index.ts';
import { formatInstant } from '../time/index.ts';

/** The rates of the smallest context. */
export function ratesNow(price: Price): Rates {
  return price.tiers[0]?.rates ?? {};
}

/** One price row as JSON: rates in USD per million units as decimal strings. */
export function priceDocument(price: Price) {
  return {
    id: price.id,
    provider: price.provider,
    model: price.model,
    tiers: price.tiers.map(tierDocument),
    serviceTiers: Object.fromEntries(
      Object.entries(price.serviceTiers).map(([name, tiers]) => [name, tiers.map(tierDocument)]),
    ),
    regions: Object.fromEntries(
      Object.entries(price.regions).map(([name, [numerator, denominator]]) => [
        name,
        `${numerator}/${denominator}`,
      ]),
    ),
    from: price.from === null ? null : formatInstant(price.from),
    to: price.to === null ? null : formatInstant(price.to),
    during: price.during ?? null,
    source: price.source,
  };
}

function tierDocument({ inputTokensMax, rates }: ContextTier) {
  return {
    inputTokensMax,
    usdPerMillion: Object.fromEntries(Object.entries(rates).map(([unit, rate]) => [unit, formatRate(rate)])),
  };
}
