/** `nanocent/usage`: counts, and a reader for what each provider's responses say about them. */
export { countTokens, type Encoding, type TokenCount } from './count-tokens.ts';
export type { Framing } from './framing.ts';
export { type ResponseSource, readResponse } from './read-response.ts';
export { openReader, type ReaderOptions } from './reader.ts';
export type { Basis, Reading, ReadingItem, ResponseReader, ServedTerms } from './reading.ts';
export { knownApis } from './registry.ts';
export { type KnownUnit, unitMeanings } from './units.ts';
export { countMax, inputKinds, type TokenKind, tokenKinds, type Usage, unknownUsage } from './usage.ts';
