import type { TrackInput } from '../core/track.ts';
import { NanocentError } from '../errors/error.ts';
import type { Books } from './books.ts';

/** Who the calls are for, where the spans do not say. */
export interface SpanAttribution {
  readonly username?: string;
  readonly caller?: string;
  readonly project?: string;
  readonly purpose?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Told of a span that could not be booked; it is not tried again. */
  readonly onError?: (error: unknown) => void;
}

/** The part of OpenTelemetry's ReadableSpan that is read here. */
export interface FinishedSpan {
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Seconds and nanoseconds. */
  readonly startTime: readonly [number, number];
  readonly duration: readonly [number, number];
  readonly resource?: { readonly attributes: Readonly<Record<string, unknown>> };
  spanContext(): { readonly traceId: string; readonly spanId: string };
}

/** OpenTelemetry's SpanProcessor, by shape: nothing of its packages is needed here. */
export interface NanocentSpanProcessor {
  onStart(): void;
  onEnd(span: FinishedSpan): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Spans that may wait to be booked; what comes on top is told as an error. */
const waitingMax = 10_000;

/**
 * Books the calls that a program's instrumentation tells in GenAI spans, each once: for programs that are instrumented
 * already. It records what happened, so no limit stops anything here. Give a call either to this or to a metered client, not to both.
 */
export function nanocentSpanProcessor(
  books: Pick<Books, 'track'>,
  attribution: SpanAttribution = {},
): NanocentSpanProcessor {
  const { onError, ...who } = attribution;
  const waiting = new Set<Promise<void>>();
  const flush = async () => {
    while (waiting.size > 0) await Promise.all(waiting);
  };
  const book = async (input: TrackInput) => {
    try {
      await books.track(input);
    } catch (error) {
      onError?.(error);
    }
  };
  return {
    onStart() {},
    onEnd(span) {
      const input = callOf(span, who);
      if (input === null) return;
      if (waiting.size >= waitingMax) {
        onError?.(new NanocentError('store_busy', `${waitingMax} spans are waiting for the store already`));
        return;
      }
      const booked = book(input).finally(() => waiting.delete(booked));
      waiting.add(booked);
    },
    forceFlush: flush,
    shutdown: flush,
  };
}

/**
 * Operations that call a model, https://github.com/open-telemetry/semantic-conventions-genai (from the researched notes,
 * 2026-11-22). Agents and tools are spans around or beside them.
 */
const callingModels = ['chat', 'text_completion', 'generate_content', 'embeddings'];

/** Providers by their names in the conventions, where the catalog has another one. */
const providerNames: Readonly<Record<string, string>> = {
  'gcp.gemini': 'google',
  'gcp.vertex_ai': 'google-vertex',
  'gcp.gen_ai': 'google',
  'aws.bedrock': 'aws-bedrock',
  'azure.ai.openai': 'azure',
  'azure.ai.inference': 'azure',
  mistral_ai: 'mistral',
  x_ai: 'xai',
};

function callOf(span: FinishedSpan, who: Omit<SpanAttribution, 'onError'>): TrackInput | null {
  const { attributes, startTime, duration, resource } = span;
  const text = (...names: string[]) =>
    firstOf(attributes, names, (value) => typeof value === 'string' && value !== '');
  const operation = text('gen_ai.operation.name');
  const requested = text('gen_ai.request.model') as string | undefined;
  const model = (text('gen_ai.response.model') as string | undefined) ?? requested;
  if (model === undefined || !callingModels.includes((operation as string | undefined) ?? 'chat'))
    return null;
  const provider = text('gen_ai.provider.name', 'gen_ai.system') as string | undefined;
  const said = {
    username: text('gen_ai.user', 'user.id', 'enduser.id'),
    session: text('gen_ai.conversation.id', 'session.id'),
    caller: resource?.attributes['service.name'],
  };
  const { traceId, spanId } = span.spanContext();
  return {
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => typeof value === 'string')),
    ...who,
    model,
    ...(requested === undefined ? {} : { requestedModel: requested }),
    ...(provider === undefined ? {} : { provider: providerNames[provider] ?? provider }),
    ...counts(attributes),
    timestamp: new Date(startTime[0] * 1000 + Math.floor(startTime[1] / 1e6)).toISOString(),
    executionMicroseconds: duration[0] * 1_000_000 + Math.round(duration[1] / 1000),
    idempotencyKey: `otel/${traceId}/${spanId}`,
  };
}

/** Under all the names that they have had. */
function counts(attributes: Readonly<Record<string, unknown>>): Partial<TrackInput> {
  const count = (...names: string[]) => firstOf(attributes, names, isCount) as number | undefined;
  const prompt = count('gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens');
  const cached = count('gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_read_input_tokens');
  const written = count(
    'gen_ai.usage.cache_write.input_tokens',
    'gen_ai.usage.cache_creation.input_tokens',
    'gen_ai.usage.cache_creation_input_tokens',
  );
  const inCache = (cached ?? 0) + (written ?? 0);
  // Some count the input without its cache, against the conventions: more in the cache than in all gives them away.
  const promptTokens = prompt !== undefined && inCache > prompt ? prompt + inCache : prompt;
  const said = {
    promptTokens,
    cachedTokens: cached,
    cacheWriteTokens: written,
    completionTokens: count('gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'),
    reasoningTokens: count('gen_ai.usage.reasoning.output_tokens', 'gen_ai.usage.reasoning_tokens'),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function firstOf(
  attributes: Readonly<Record<string, unknown>>,
  names: readonly string[],
  fits: (value: unknown) => boolean,
): unknown {
  return names.map((name) => attributes[name]).find(fits);
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
