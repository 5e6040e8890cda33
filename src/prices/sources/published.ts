import type { CatalogModel } from '../catalog-index.ts';
import { invalid, type PriceFile } from './entry.ts';
import { parseLiteLlm } from './litellm.ts';
import { parseLlmPrices } from './llm-prices.ts';

/** Published price files that can be loaded. */
export const publishedSources = ['llm-prices', 'litellm'] as const;
/** Whose published price files are understood. */
export type PublishedSource = (typeof publishedSources)[number];

/** The models of a price file that others publish, and whose it is. */
export interface PublishedPrices {
  readonly source: PublishedSource;
  readonly models: readonly CatalogModel[];
}

/** Reads a published price file; found out by its shape when the source is not named. Throws price_file_invalid. */
export function parsePublished(file: PriceFile, named?: PublishedSource): PublishedPrices {
  const source = named ?? sourceOf(file);
  return { source, models: source === 'litellm' ? parseLiteLlm(file) : parseLlmPrices(file) };
}

function sourceOf(file: PriceFile): PublishedSource {
  // Only the beginning is looked at: the parsers say what is wrong with the rest.
  if (/"prices"\s*:\s*\[/.test(file.text.slice(0, 4_096))) return 'llm-prices';
  if (/"litellm_provider"\s*:/.test(file.text)) return 'litellm';
  throw invalid(
    file.name,
    null,
    null,
    'is no price file that is known here',
    'Give a file of llm-prices.com or LiteLLM’s, or name its --source.',
  );
}
