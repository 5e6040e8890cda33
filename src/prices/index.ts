export { type BundledCatalogOptions, bundledCatalog } from './bundled.ts';
export {
  anyProvider,
  type Catalog,
  type CatalogLayer,
  type CatalogModel,
  type CatalogOptions,
  openCatalog,
  type PriceAdjustment,
  priceAt,
} from './catalog.ts';
export { chargeFor } from './charge.ts';
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
export {
  type PricedPart,
  type PriceReadingOptions,
  priceReading,
  type ReadingPricing,
} from './price-reading.ts';
export { canonicalProvider, makerOf } from './provider-names.ts';
