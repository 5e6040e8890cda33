export { type BundledCatalogOptions, bundledCatalog } from './bundled.ts';
export { anyProvider, type Catalog, type CatalogOptions, openCatalog } from './catalog.ts';
export type { CatalogLayer, CatalogModel, PriceAdjustment } from './catalog-index.ts';
export { chargeFor } from './charge.ts';
export {
  compareSources,
  type Disagreement,
  type DisagreementKind,
  type SourceComparison,
} from './diff.ts';
export {
  type CallBounds,
  inputTokensWithin,
  type WorstCase,
  worstCase,
  worstCaseOf,
} from './estimate.ts';
export { believedMove, type LargeMove, largeMoves } from './moves.ts';
export type {
  Charge,
  ChargeLine,
  ContextTier,
  DailyWindow,
  Price,
  PriceMatch,
  PriceQuery,
  Pricing,
  Rates,
  UnitName,
  Unpriced,
} from './price.ts';
export { priceAt } from './price-at.ts';
export {
  type PricedPart,
  type PriceReadingOptions,
  priceReading,
  type ReadingPricing,
} from './price-reading.ts';
export { canonicalProvider, makerOf } from './provider-names.ts';
export type { PriceFile } from './sources/entry.ts';
export { parseLiteLlm } from './sources/litellm.ts';
export { parseLlmPrices } from './sources/llm-prices.ts';
export {
  type OwnPrices,
  type OwnPricesOptions,
  readOwnPrices,
  type UnpricedPolicy,
} from './sources/own-prices.ts';
export {
  type PublishedPrices,
  type PublishedSource,
  parsePublished,
  publishedSources,
} from './sources/published.ts';
export { type TokensFor, tokensFor } from './tokens-for.ts';
export { type PriceUpdate, planUpdate, type RateChange } from './update.ts';
export { decodeUpdate, encodeUpdate, type UpdateFile } from './update-file.ts';
