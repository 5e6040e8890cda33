export {
  nanocentEmbeddingMiddleware,
  nanocentMiddleware,
  type SdkAttribution,
  type SdkEmbeddingMiddleware,
  type SdkMiddleware,
} from './middleware.ts';
