import { type Nanocents, nanocents, type Rate } from '../money/index.ts';
import type { Reading, ServedTerms } from '../usage/reading.ts';
import type { Usage } from '../usage/usage.ts';
import type { Catalog } from './catalog.ts';
import { chargeFor, unpriced } from './charge.ts';
import type { Charge, ChargeLine, Price, Unpriced } from './price.ts';

/** What a reading does not say itself and its price depends on. */
export interface PriceReadingOptions {
  /** The instant of the call, epoch milliseconds UTC. */
  readonly at: number;
  /** The model asked for: used only where the response does not name the one that served (Bedrock, transcription). */
  readonly model?: string;
  /** The provider in the catalog, when it is not the reading's own (a compatible server behind a configured name). */
  readonly provider?: string;
}

/** One thing billed inside a response: the main model first, then each item. */
export interface PricedPart {
  readonly model: string | null;
  /** `response`, or why the item stands apart: `advisor`, `fee` … */
  readonly reason: string;
  readonly charge: Charge;
  /** null where the provider's own amount was used. */
  readonly price: Price | null;
}

/** The charge of a whole response, or why there is none. */
export type ReadingPricing =
  | {
      readonly outcome: 'priced';
      /** `provider`: what the provider says it billed, for all of it; it wins over any catalog. */
      readonly costSource: 'priced' | 'provider';
      /** The sum of all parts; `priceId` is the main model's. */
      readonly charge: Charge;
      readonly price: Price | null;
      readonly parts: readonly PricedPart[];
    }
  | Unpriced;

/**
 * Prices everything a response was billed for. One part that cannot be priced makes the whole unpriced: a sum with
 * a part missing would be a wrong number. Each part is rounded up once on its own, having a price of its own.
 * The catalog must be ready for the reading's provider.
 */
export function priceReading(
  reading: Reading,
  catalog: Catalog,
  options: PriceReadingOptions,
): ReadingPricing {
  if (reading.billedNanocents !== null) {
    return total([billed(reading.model, 'response', reading.billedNanocents, reading.provider)], 'provider');
  }
  const provider = options.provider ?? reading.provider;
  const parts: PricedPart[] = [];
  const whole = {
    model: reading.model,
    usage: reading.usage,
    reason: 'response',
    billedNanocents: undefined,
  };
  // A compound system's items are the whole once more, by the models it called: they have the prices.
  const isCompound = reading.items.some((item) => item.reason === 'compound');
  const wanted = isCompound ? reading.items : [whole, ...reading.items];
  for (const { model, usage, reason, billedNanocents } of wanted) {
    if (billedNanocents !== undefined) {
      parts.push(billed(model, reason, billedNanocents, provider));
      continue;
    }
    const query = { model: model ?? reading.model ?? options.model ?? null, provider, at: options.at };
    const part = pricePart(catalog, query, usage, reading.terms);
    if ('outcome' in part) return part;
    parts.push({ model, reason, ...part });
  }
  return total(parts, 'priced');
}

function pricePart(
  catalog: Catalog,
  query: { readonly model: string | null; readonly provider: string; readonly at: number },
  usage: Usage,
  terms: ServedTerms,
): { readonly charge: Charge; readonly price: Price } | Unpriced {
  if (query.model === null) return unpriced('the response does not say which model served it');
  const match = catalog.find({ model: query.model, provider: query.provider, at: query.at });
  if (match.outcome === 'unknown') {
    return unpriced(`no price is known for ${query.provider}/${query.model}`, match.nearest);
  }
  if (match.outcome === 'ambiguous') {
    return unpriced(`${query.model} could be any of ${match.candidates.join(', ')}`, match.candidates);
  }
  const pricing = chargeFor(usage, match.price, { terms });
  return pricing.outcome === 'priced' ? { charge: pricing.charge, price: pricing.price } : pricing;
}

/** A provider's own amount as a charge of one line, so that every charge adds up the same way. */
function billed(model: string | null, reason: string, amount: bigint, provider: string): PricedPart {
  const line: ChargeLine = {
    unit: 'billed',
    quantity: 1,
    rateNanocentsPerMillion: (amount * 1_000_000n) as Rate,
    nanocents: nanocents(amount),
  };
  const charge = { nanocents: line.nanocents, priceId: `${provider}#billed`, lines: [line] };
  return { model, reason, charge, price: null };
}

function total(parts: readonly PricedPart[], costSource: 'priced' | 'provider'): ReadingPricing {
  const main = parts[0]!;
  const lines = parts.flatMap((part) =>
    part.reason === 'response' || part.model === null
      ? part.charge.lines
      : part.charge.lines.map((line): ChargeLine => ({ model: part.model!, ...line })),
  );
  const sum = parts.reduce((amount, part) => amount + part.charge.nanocents, 0n) as Nanocents;
  const charge = { nanocents: sum, priceId: main.charge.priceId, lines };
  return { outcome: 'priced', costSource, charge, price: main.price, parts };
}
