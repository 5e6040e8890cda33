/**
 * What is billed beside tokens: camelCase, singular, and only what a provider charges for by the piece (a tool that
 * costs nothing but its tokens is no unit). Prices use the same names; the list is open, these are the ones we read.
 */
export const unitMeanings = {
  webSearch: 'one search that a model made on the web, or one grounding query',
  image: 'one image put out, where the provider bills images and not their tokens',
  audioSecond: 'one second of audio put in',
  searchUnit: 'one search unit of a reranking request (Cohere)',
  classification: 'one text classified (Cohere)',
  embeddedImage: 'one image embedded, where it is not billed by its tokens (Cohere)',
  citationToken: 'one token of a cited page, where it is billed apart from input and output (Perplexity)',
  searchSource: 'one source that a live search used (xAI)',
  xSearch: 'one search of X posts (xAI)',
  fileSearch: 'one search in uploaded files (xAI)',
  documentSearch: 'one search in a document collection (xAI)',
  codeExecution: 'one run of the code tool, where runs are billed by the piece (xAI)',
  imageGeneration: 'one image drawn by a tool, where it is billed by the piece (xAI)',
} as const satisfies Readonly<Record<string, string>>;

export type KnownUnit = keyof typeof unitMeanings;
