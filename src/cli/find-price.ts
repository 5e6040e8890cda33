import { NanocentError } from '../errors/error.ts';
import { ModelPricingNotFoundError } from '../errors/named.ts';
import type { Catalog, Price } from '../prices/index.ts';
import { formatInstant } from '../time/index.ts';
import { visible } from './text.ts';

interface Wanted {
  readonly model: string;
  readonly provider: string | undefined;
  readonly at: number;
}

/** The one price in force; only what is needed of the catalog is loaded. Throws price_not_found, price_ambiguous. */
export async function findPrice(catalog: Catalog, { model, provider, at }: Wanted): Promise<Price> {
  const named = provider === undefined ? { model } : { model, provider };
  await catalog.ready(named);
  const match = catalog.find({ ...named, at });
  if (match.outcome === 'found') return match.price;
  const name = visible(provider === undefined ? model : `${provider}/${model}`);
  if (match.outcome === 'ambiguous') {
    throw new NanocentError(
      'price_ambiguous',
      `${name} has different prices: ${match.candidates.join(', ')}`,
      {
        field: '--provider',
        fix: 'name the --provider',
      },
    );
  }
  const near =
    match.nearest.length > 0 ? `did you mean ${match.nearest.join(', ')}?` : 'see nanocent prices list';
  throw new ModelPricingNotFoundError(`no price is known for ${name} on ${formatInstant(at).slice(0, 10)}`, {
    field: '--model',
    fix: near,
  });
}
