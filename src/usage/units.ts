/**
 * What is billed beside tokens: camelCase, singular, and only what a provider charges for by the piece (a tool that
 * costs nothing but its tokens is no unit). Prices use the same names; the list is open, these are the ones we read.
 */
export const unitMeanings = {
  webSearch: 'one search that a model made on the web, or one grounding query',
  xSearch: 'one search on X (xAI)',
  fileSearch: 'one search of files',
  documentSearch: 'one search of documents (xAI)',
  searchSource: 'one source that a live search used (xAI)',
  codeExecution: 'one run of code by a provider’s tool',
  imageGeneration: 'one image drawn by a provider’s tool, where it does not count the tokens',
  image: 'one image put out, where the provider bills images and not their tokens',
  embeddedImage: 'one image put in to be embedded (Cohere)',
  audioSecond: 'one second of audio put in',
  citationToken: 'one token of a citation, billed beside input and output (Perplexity)',
  searchUnit: 'one search unit of a reranking request (Cohere)',
  classification: 'one text classified (Cohere)',
} as const satisfies Readonly<Record<string, string>>;

/** A unit whose meaning is known here. */
export type KnownUnit = keyof typeof unitMeanings;
