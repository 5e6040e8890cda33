import type { Context } from '../../core/context.ts';
import { begunError } from '../begun-error.ts';
import type { CallInput, Ending, MeteredCall } from '../call.ts';
import { createMeter } from '../meter.ts';
import { requestBounds } from '../wire/request-bounds.ts';
import { type SdkApi, sdkApi } from './sdk-api.ts';
import { summaryBody } from './summary-body.ts';

/** Who and what a wrapped model's calls are for. */
export interface SdkAttribution
  extends Pick<
    CallInput,
    'caller' | 'username' | 'project' | 'session' | 'purpose' | 'key' | 'tags' | 'keepPrompt'
  > {
  /** The same as `username`. */
  readonly user?: string;
  /** The provider in the catalog whose prices hold; the model's own when left out. */
  readonly pricedAs?: string;
}

/** What the AI SDK hands to a middleware, as far as it is read here; version 6 ('v3') and version 7 ('v4') agree on it. */
export interface SdkModel {
  readonly modelId: string;
  readonly provider: string;
}

// biome-ignore lint/suspicious/noExplicitAny: the SDK's own types change with its version, and are not imported
type Sdk = any;

/** The members of the AI SDK's LanguageModelMiddleware that are filled here. */
export interface SdkMiddleware<Version extends 'v3' | 'v4'> {
  readonly specificationVersion: Version;
  readonly transformParams: (options: {
    type: 'generate' | 'stream';
    params: Sdk;
    model: Sdk;
  }) => Promise<Sdk>;
  readonly wrapGenerate: (options: {
    doGenerate: () => PromiseLike<Sdk>;
    params: Sdk;
    model: Sdk;
  }) => Promise<Sdk>;
  readonly wrapStream: (options: {
    doStream: () => PromiseLike<Sdk>;
    params: Sdk;
    model: Sdk;
  }) => Promise<Sdk>;
}

/**
 * A middleware for the AI SDK's `wrapLanguageModel`: each call of the model is held first, and settled by the
 * provider's own answer, not by the SDK's summary of it, before its result is handed on. A refusal is thrown as
 * limit_refused, an unknown price under a cost limit as price_not_found. `version` is 'v4' for `ai` 7, 'v3' for `ai` 6.
 */
export function nanocentMiddleware<Version extends 'v3' | 'v4' = 'v4'>(
  books: { readonly context: Context },
  attribution: SdkAttribution = {},
  version: Version = 'v4' as Version,
): SdkMiddleware<Version> {
  /** Calls whose caller asked for the raw chunks too. */
  const wantRaw = new WeakSet<object>();
  const begin = (model: SdkModel, params: Json) => beginCall(books.context, attribution, model, params);
  return {
    specificationVersion: version,
    async transformParams({ type, params }) {
      if (type !== 'stream') return params;
      const asked = { ...params, includeRawChunks: true };
      if (params.includeRawChunks === true) wantRaw.add(asked);
      return asked;
    },
    async wrapGenerate({ doGenerate, params, model }) {
      const { call, api } = await begin(model, params);
      return settled(call, api, model, await ended(call, doGenerate, false));
    },
    async wrapStream({ doStream, params, model }) {
      const { call, api } = await begin(model, params);
      const result = await ended(call, doStream, true);
      const stream = watched(result.stream, call, { api, model, passRaw: wantRaw.has(params) });
      return { ...result, stream };
    },
  };
}

/** The members of the AI SDK's EmbeddingModelMiddleware that are filled here. */
export interface SdkEmbeddingMiddleware<Version extends 'v3' | 'v4'> {
  readonly specificationVersion: Version;
  readonly wrapEmbed: (options: { doEmbed: () => PromiseLike<Sdk>; params: Sdk; model: Sdk }) => Promise<Sdk>;
}

/** The same for `wrapEmbeddingModel`. */
export function nanocentEmbeddingMiddleware<Version extends 'v3' | 'v4' = 'v4'>(
  books: { readonly context: Context },
  attribution: SdkAttribution = {},
  version: Version = 'v4' as Version,
): SdkEmbeddingMiddleware<Version> {
  return {
    specificationVersion: version,
    async wrapEmbed({ doEmbed, params, model }) {
      const { call, api } = await beginCall(books.context, attribution, model, params);
      return settled(call, api, model, await ended(call, doEmbed, false));
    },
  };
}

type Json = Readonly<Record<string, unknown>>;

/** By the provider's own answer where the SDK hands it over, else by the usage it tells. */
async function settled(call: MeteredCall, api: SdkApi, model: SdkModel, result: Sdk): Promise<Sdk> {
  const body = isObject(result.response?.body)
    ? result.response.body
    : summaryBody(api, model.modelId, result.usage);
  call.chunk(Buffer.from(JSON.stringify(body)));
  await call.finish(wholeAnswer(false));
  return result;
}

async function beginCall(
  context: Context,
  { user, ...who }: SdkAttribution,
  { modelId: model, provider: sdkProvider }: SdkModel,
  params: Json,
): Promise<{ readonly call: MeteredCall; readonly api: SdkApi }> {
  const api = sdkApi(sdkProvider);
  // The SDK's own form of the request is longer than the text in it, which is what bounds the tokens.
  const requestBytes = Buffer.byteLength(
    JSON.stringify([params.prompt ?? params.values, params.tools ?? null]),
  );
  const request = requestBounds(boundedPart(params, api), api.api, requestBytes);
  const begun = await createMeter(context).begin({
    ...(user === undefined ? {} : { username: user }),
    ...who,
    model,
    provider: api.provider,
    readAs: api.provider,
    api: api.api,
    endpoint: api.endpoint,
    requestBytes,
    request,
    said: params,
  });
  if (begun.outcome === 'held') return { call: begun.call, api };
  throw begunError(begun);
}

/** What the SDK names otherwise than the providers, in the members that bound a call. */
function boundedPart(params: Json, api: SdkApi): Json {
  const { maxOutputTokens } = params;
  const messages = sdkMessages(params.prompt);
  // Not every thought is counted against it (see wire/request-bounds.ts).
  if (api.api === 'generateContent') return { messages, tools: sdkTools(params.tools) };
  return { messages, tools: sdkTools(params.tools), max_tokens: maxOutputTokens };
}

/** The SDK says `file` where a provider says image, audio or document; all of them bring input of their own size. */
function sdkMessages(prompt: unknown): unknown {
  return Array.isArray(prompt) ? prompt : [];
}

function sdkTools(tools: unknown): unknown {
  if (!Array.isArray(tools)) return undefined;
  return tools.map((tool: Json) => ({ type: tool.type === 'function' ? 'function' : 'provider' }));
}

function wholeAnswer(streamed: boolean): Ending {
  return { ended: 'complete', sent: true, httpStatus: 200, streamed };
}

async function ended<T>(call: MeteredCall, run: () => PromiseLike<T>, streamed: boolean): Promise<T> {
  try {
    return await run();
  } catch (error) {
    await call.finish(failedAnswer(error, streamed));
    throw error;
  }
}

/** The SDK's APICallError knows the status; without one the connection broke, which may have been after it was sent. */
function failedAnswer(error: unknown, streamed: boolean): Ending {
  const { statusCode, name } = error as { readonly statusCode?: number; readonly name?: string };
  return {
    ended: name === 'AbortError' ? 'aborted' : 'error',
    sent: true,
    httpStatus: statusCode ?? null,
    streamed,
  };
}

interface Watching {
  readonly api: SdkApi;
  readonly model: SdkModel;
  readonly passRaw: boolean;
}

/** Reads the provider's raw chunks, which it takes out again where nobody asked for them. */
function watched(
  source: ReadableStream<Json>,
  call: MeteredCall,
  { api, model, passRaw }: Watching,
): ReadableStream<Json> {
  const reader = source.getReader();
  let sawRaw = false;
  const take = (part: Json): boolean => {
    if (part.type === 'raw') {
      sawRaw = true;
      call.chunk(Buffer.from(eventOf(part.rawValue)));
      return passRaw;
    }
    if (part.type === 'finish' && !sawRaw) {
      call.chunk(Buffer.from(eventOf(summaryBody(api, model.modelId, part.usage))));
    }
    return true;
  };
  return new ReadableStream<Json>(
    {
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = await reader.read();
            if (done) break;
            if (take(value)) return controller.enqueue(value);
          }
          await call.finish(wholeAnswer(true));
          controller.close();
        } catch (error) {
          await call.finish(failedAnswer(error, true));
          controller.error(error);
        }
      },
      async cancel(reason) {
        const ending: Ending = { ended: 'aborted', sent: true, httpStatus: 200, streamed: true };
        await Promise.allSettled([reader.cancel(reason), call.finish(ending)]);
      },
    },
    { highWaterMark: 0 },
  );
}

function eventOf(value: unknown): string {
  const type = isObject(value) && typeof value.type === 'string' ? `event: ${value.type}\n` : '';
  return `${type}data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
