import { NanocentError } from '../errors/error.ts';
import { begunError } from './begun-error.ts';
import type { Begun, CallInput, Ending } from './call.ts';
import type { Meter } from './meter.ts';
import { watchedAnswer } from './watched-answer.ts';
import { askForUsage } from './wire/ask-for-usage.ts';
import { type Dialect, type Endpoint, endpointOf } from './wire/endpoint.ts';
import { type JsonBody, parseJsonBody } from './wire/json-body.ts';
import { requestBounds } from './wire/request-bounds.ts';

/** Who and what a client's calls are for; the model and the route come from each request. */
export interface FetchAttribution
  extends Pick<
    CallInput,
    'caller' | 'username' | 'project' | 'session' | 'purpose' | 'key' | 'tags' | 'keepPrompt'
  > {
  /** Whose API stands behind the client's base URL, where its host does not say: `openai`, `anthropic`, `google` … */
  readonly provider?: string;
  /** The provider in the catalog whose prices hold; `provider` when left out. */
  readonly pricedAs?: string;
}

export interface MeteredFetchOptions {
  readonly meter: Meter;
  readonly attribution: FetchAttribution;
  /** What carries the calls; the global fetch when left out. */
  readonly fetch: typeof fetch;
  /** What the tightest cost limit leaves for such calls, in nanocents; null where none bounds them. */
  readonly remaining: (call: CallInput) => Promise<bigint | null>;
  /** Why a call is not made, in the shape that the provider's own client parses. */
  readonly answerRefusal: (refused: Exclude<Begun, { outcome: 'held' }>, dialect: Dialect) => Response;
  /** Thrown instead, where the caller is no client of a provider: what a refusal is as an error. */
  readonly throwRefusals?: boolean;
  /** The same for what is wrong with the request, and for a store that cannot answer. */
  readonly answerProblem: (error: unknown, dialect: Dialect) => Response;
}

type Metered = Extract<Endpoint, { kind: 'metered' }>;

/** Nested deeper than any provider accepts. */
const bodyDepthMax = 200;

/**
 * A fetch for any client that takes one: every call that can be billed is held first, sent, read along, and settled
 * before its answer ends. A refusal is an answer (429 or 402, as the provider would say it), so that the client raises its own
 * typed error. What could be billed and cannot be metered is not sent: it answers 404.
 */
export function createMeteredFetch(options: MeteredFetchOptions): typeof fetch {
  return async (input, init) => {
    const request = outgoing(input, init);
    const endpoint = endpointOf(request.url, request.method, options.attribution.provider);
    if (endpoint.kind === 'free') return options.fetch(input, init);
    try {
      if (endpoint.kind === 'unknown') throw unknownRoute(request);
      return await meteredCall(options, request, endpoint);
    } catch (error) {
      // What the provider's connection broke with is the client's to see as it is.
      if (!NanocentError.is(error) || options.throwRefusals) throw error;
      return options.answerProblem(error, endpoint.dialect);
    }
  };
}

interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly body: () => Promise<Buffer>;
  /** Sends the same request with this body. */
  readonly send: (carrier: typeof fetch, body: Buffer) => Promise<Response>;
  readonly signal: AbortSignal | null;
}

function outgoing(input: string | URL | Request, init: RequestInit | undefined): Outgoing {
  if (input instanceof Request) {
    const request = new Request(input, init);
    return {
      url: new URL(request.url),
      method: request.method.toUpperCase(),
      body: async () => Buffer.from(await request.clone().arrayBuffer()),
      send: (carrier, body) => carrier(new Request(request, { body })),
      signal: request.signal,
    };
  }
  return {
    url: new URL(input),
    method: (init?.method ?? 'GET').toUpperCase(),
    body: () => bytesOf(init?.body ?? null),
    // `duplex` was needed for a stream, and is wrong for bytes.
    send: (carrier, body) => carrier(input, { ...init, body: body as Uint8Array<ArrayBuffer> }),
    signal: init?.signal ?? null,
  };
}

async function bytesOf(body: RequestInit['body'] | null): Promise<Buffer> {
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return Buffer.from(await new Response(body).arrayBuffer());
}

async function meteredCall(
  options: MeteredFetchOptions,
  request: Outgoing,
  endpoint: Metered,
): Promise<Response> {
  const body = parseJsonBody(await request.body(), bodyDepthMax);
  const call = callInput(options.attribution, endpoint, body);
  const begun = await options.meter.begin(call);
  if (begun.outcome !== 'held') {
    if (options.throwRefusals) throw begunError(begun);
    return options.answerRefusal(begun, endpoint.dialect);
  }
  const held = begun.call;
  const { bytes, addedUsage } = askForUsage(body, endpoint.api);
  if (request.signal?.aborted) {
    await held.finish({ ended: 'aborted', sent: false, httpStatus: null, streamed: false });
    throw request.signal.reason;
  }
  let answer: Response;
  try {
    answer = await request.send(options.fetch, bytes);
  } catch (error) {
    await held.finish(endingOf(error, request.signal));
    throw error;
  }
  return watchedAnswer(answer, held, {
    dropUsageChunk: addedUsage,
    remaining: () => options.remaining(call),
  });
}

function callInput(attribution: FetchAttribution, endpoint: Metered, body: JsonBody): CallInput {
  const model = endpoint.model ?? body.json.model;
  if (typeof model !== 'string') {
    throw new NanocentError('field_missing', 'model is missing, or is no text', {
      field: 'model',
      fix: 'give the model as the provider names it, for example gpt-4o',
    });
  }
  if (body.json.background === true) {
    throw new NanocentError('field_invalid', 'a background response cannot be metered here yet', {
      field: 'background',
      fix: 'leave background out, or stream the response',
    });
  }
  const { provider, api } = endpoint;
  const requestBytes = body.bytes.length;
  return {
    ...attribution,
    model,
    provider,
    readAs: provider,
    api,
    endpoint: endpoint.endpoint,
    requestBytes,
    request: requestBounds(body.json, api, requestBytes),
    said: body.json,
  };
}

function unknownRoute({ url, method }: Outgoing): NanocentError {
  return new NanocentError(
    'route_not_found',
    `${method} ${url.pathname} cannot be metered, and was not sent`,
    {
      fix: 'use a client without the metered fetch for what costs nothing, or book it with books.charge()',
    },
  );
}

/** Failures of a request that never reached a provider: nobody can have billed it. */
const unsent = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'],
]);

function endingOf(error: unknown, signal: AbortSignal | null): Ending {
  const causes = [error, (error as { cause?: unknown } | null)?.cause] as (
    | { code?: string }
    | null
    | undefined
  )[];
  const aborted = signal?.aborted === true;
  return {
    ended: aborted ? 'aborted' : 'error',
    sent: !causes.some((cause) => cause?.code !== undefined && unsent.has(cause.code)),
    httpStatus: null,
    streamed: false,
  };
}
