// Checked by the compiler alone (npm run check): the middlewares fit the AI SDK's own types, in both of its versions.

import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import {
  type EmbeddingModelMiddleware,
  type LanguageModelMiddleware,
  wrapEmbeddingModel,
  wrapLanguageModel,
} from 'ai';
import {
  type LanguageModelMiddleware as LanguageModelMiddleware6,
  wrapLanguageModel as wrapLanguageModel6,
} from 'ai-6';
import { type Books, nanocentSpanProcessor } from 'nanocent';
import { nanocentEmbeddingMiddleware, nanocentMiddleware } from 'nanocent/ai-sdk';

declare const books: Books;
declare const model: Parameters<typeof wrapLanguageModel>[0]['model'];
declare const model6: Parameters<typeof wrapLanguageModel6>[0]['model'];
declare const embedding: Parameters<typeof wrapEmbeddingModel>[0]['model'];

const middleware: LanguageModelMiddleware = nanocentMiddleware(books, { user: 'ann', purpose: 'chat' });
wrapLanguageModel({ model, middleware });
wrapLanguageModel({ model, middleware: [nanocentMiddleware(books)] });

const middleware6: LanguageModelMiddleware6 = nanocentMiddleware(books, { user: 'ann' }, 'v3');
wrapLanguageModel6({ model: model6, middleware: middleware6 });

const embeddings: EmbeddingModelMiddleware = nanocentEmbeddingMiddleware(books);
wrapEmbeddingModel({ model: embedding, middleware: embeddings });

// @ts-expect-error: there are two versions
nanocentMiddleware(books, {}, 'v2');
// @ts-expect-error: who a call is for is a name
nanocentMiddleware(books, { user: 7 });

const processor: SpanProcessor = nanocentSpanProcessor(books, { project: 'shop' });
void processor;
