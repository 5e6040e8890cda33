import { chargeFor } from '../prices/charge.ts';
import type { Charge, Pricing } from '../prices/price.ts';
import type { ServedTerms } from '../usage/reading.ts';
import type { Usage } from '../usage/usage.ts';
import type { Context } from './context.ts';

export interface PricedAs {
  readonly model: string;
  readonly provider?: string | undefined;
  /** The instant of the call. */
  readonly at: number;
  readonly terms?: ServedTerms;
}

/** Prices counts by the catalog; what cannot be priced says why. */
export async function priceUsage(
  context: Pick<Context, 'catalog'>,
  usage: Usage,
  as: PricedAs,
): Promise<Pricing> {
  await context.catalog.ready(nameOf(as));
  return priceLoaded(context, usage, as);
}

/** The same where the catalog has been made ready for the model. Throws catalog_not_loaded where it has not. */
export function priceLoaded(context: Pick<Context, 'catalog'>, usage: Usage, as: PricedAs): Pricing {
  const { catalog } = context;
  const match = catalog.find({ ...nameOf(as), at: as.at });
  if (match.outcome === 'unknown') {
    const reason = `no price is known for ${as.provider ? `${as.provider}/` : ''}${as.model}`;
    return { outcome: 'unpriced', reason, nearest: match.nearest };
  }
  if (match.outcome === 'ambiguous') {
    const reason = `${as.model} has different prices at ${match.candidates.join(', ')}: name the provider`;
    return { outcome: 'unpriced', reason, nearest: match.candidates };
  }
  return chargeFor(usage, match.price, { terms: as.terms ?? {} });
}

function nameOf({ model, provider }: PricedAs): { model: string; provider?: string } {
  return provider === undefined ? { model } : { provider, model };
}

/** A charge's lines as stored: JSON text, money as decimal strings. */
export function encodeCharge(charge: Charge): string {
  let text = '';
  for (const { model, unit, quantity, rateNanocentsPerMillion: rate, nanocents } of charge.lines) {
    const named = model === undefined ? '' : `"model":${JSON.stringify(model)},`;
    text +=
      `${text === '' ? '' : ','}{${named}"unit":${JSON.stringify(unit)},"quantity":${quantity},` +
      `"rateNanocentsPerMillion":"${rate}","nanocents":"${nanocents}"}`;
  }
  return `[${text}]`;
}
