import type { SdkApi } from './sdk-api.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * An answer in the provider's own form, made from the SDK's usage where the answer itself is not at hand: the raw usage
 * as the provider wrote it, else the SDK's summary.
 */
export function summaryBody(api: SdkApi, model: string, usage: unknown): Json {
  const said = isObject(usage) ? usage : {};
  const raw = isObject(said.raw) ? said.raw : null;
  switch (api.api) {
    case 'messages':
      return { type: 'message', model, usage: raw ?? messageUsage(said) };
    case 'generateContent':
      return { modelVersion: model, usageMetadata: raw ?? googleUsage(said) };
    case 'responses':
      return { object: 'response', status: 'completed', model, usage: raw ?? responseUsage(said) };
    case 'embeddings':
      return {
        object: 'list',
        model,
        usage: raw ?? { prompt_tokens: said.tokens, total_tokens: said.tokens },
      };
    default:
      return { object: 'chat.completion', model, choices: [], usage: raw ?? chatUsage(said) };
  }
}

interface Counts {
  readonly input: number | undefined;
  readonly uncached: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly output: number | undefined;
  readonly reasoning: number | undefined;
}

function countsOf(usage: Json): Counts {
  const input = isObject(usage.inputTokens) ? usage.inputTokens : {};
  const output = isObject(usage.outputTokens) ? usage.outputTokens : {};
  return {
    input: count(input.total),
    uncached: count(input.noCache),
    cacheRead: count(input.cacheRead),
    cacheWrite: count(input.cacheWrite),
    output: count(output.total),
    reasoning: count(output.reasoning),
  };
}

function chatUsage(usage: Json): Json {
  const { input, output, cacheRead, reasoning } = countsOf(usage);
  return {
    prompt_tokens: input,
    completion_tokens: output,
    ...(cacheRead === undefined ? {} : { prompt_tokens_details: { cached_tokens: cacheRead } }),
    ...(reasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}

function responseUsage(usage: Json): Json {
  const { input, output, cacheRead, reasoning } = countsOf(usage);
  return {
    input_tokens: input,
    output_tokens: output,
    ...(cacheRead === undefined ? {} : { input_tokens_details: { cached_tokens: cacheRead } }),
    ...(reasoning === undefined ? {} : { output_tokens_details: { reasoning_tokens: reasoning } }),
  };
}

function messageUsage(usage: Json): Json {
  const { input, uncached, cacheRead, cacheWrite, output } = countsOf(usage);
  return {
    input_tokens: uncached ?? input,
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: cacheWrite,
    output_tokens: output,
  };
}

function googleUsage(usage: Json): Json {
  const { input, cacheRead, output, reasoning } = countsOf(usage);
  return {
    promptTokenCount: input,
    cachedContentTokenCount: cacheRead,
    candidatesTokenCount: output === undefined ? undefined : output - (reasoning ?? 0),
    thoughtsTokenCount: reasoning,
  };
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
