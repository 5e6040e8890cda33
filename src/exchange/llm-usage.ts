import { type Usage, unknownUsage } from '../usage/usage.ts';
import { foreignCount, foreignObject } from './foreign-values.ts';

type Details = Readonly<Record<string, unknown>>;

/** Counts of one call, and how sure they are. */
export interface LlmUsage {
  readonly usage: Usage;
  readonly certainty: string;
}

/**
 * What `llm` keeps of a call's usage: two totals, and details in each provider's own words with zeroes left out. Input includes
 * what was read from a cache at OpenAI and Google, and excludes it at Anthropic; Google's output may lack its thoughts,
 * which the total tells. Very old rows have the totals only inside the response.
 */
export function llmUsage(
  input: number | null,
  output: number | null,
  details: Details,
  responseUsage: Details | null,
): LlmUsage {
  const inside = input === null && output === null ? responseUsage : null;
  const all: Details = inside === null ? details : { ...inside, ...details };
  const given = {
    input: input ?? count(all, 'prompt_tokens') ?? count(all, 'input_tokens'),
    output: output ?? count(all, 'completion_tokens') ?? count(all, 'output_tokens'),
  };
  if (given.input === null && given.output === null) {
    return { usage: unknownUsage, certainty: 'which has no counts' };
  }
  const certainty = inside === null ? 'counts as the provider gave them' : 'counts from the response itself';
  if ('cache_read_input_tokens' in all || 'cache_creation_input_tokens' in all) {
    return { usage: anthropicUsage(given, all), certainty };
  }
  return { usage: inclusiveUsage(given, all), certainty };
}

type Given = { readonly input: number | null; readonly output: number | null };

function anthropicUsage(given: Given, details: Details): Usage {
  const written = count(details, 'cache_creation_input_tokens') ?? 0;
  const parts = foreignObject(details.cache_creation) ?? {};
  const hour = count(parts, 'ephemeral_1h_input_tokens') ?? 0;
  const minutes = count(parts, 'ephemeral_5m_input_tokens') ?? 0;
  const searches = count(foreignObject(details.server_tool_use) ?? {}, 'web_search_requests') ?? 0;
  const split = hour + minutes === written;
  return {
    ...unknownUsage,
    input: given.input,
    cacheRead: count(details, 'cache_read_input_tokens') ?? 0,
    cacheWrite5m: split ? minutes : 0,
    cacheWrite1h: split ? hour : 0,
    cacheWrite: split ? 0 : written,
    output: given.output,
    units: searches > 0 ? { webSearch: searches } : {},
  };
}

/** OpenAI (both APIs), Google, and everything else that counts its cache into the input. */
function inclusiveUsage(given: Given, details: Details): Usage {
  const inputs =
    foreignObject(details.prompt_tokens_details) ?? foreignObject(details.input_tokens_details) ?? {};
  const outputs =
    foreignObject(details.completion_tokens_details) ?? foreignObject(details.output_tokens_details) ?? {};
  const cached =
    count(inputs, 'cached_tokens') ??
    count(details, 'cachedContentTokenCount') ??
    count(details, 'cached') ??
    0;
  const thoughts = count(details, 'thoughtsTokenCount');
  const cacheRead = given.input === null ? null : Math.min(cached, given.input);
  const output = thoughts === null ? given.output : googleOutput(given, details);
  return {
    ...unknownUsage,
    input: given.input === null ? null : given.input - cacheRead!,
    cacheRead,
    cacheWrite5m: given.input === null ? null : 0,
    cacheWrite1h: given.input === null ? null : 0,
    cacheWrite: given.input === null ? null : 0,
    output,
    reasoning: thoughts ?? count(outputs, 'reasoning_tokens'),
  };
}

/** The provider's total has the thoughts in it, whatever version of the plugin wrote the output. */
function googleOutput(given: Given, details: Details): number | null {
  const total = count(details, 'totalTokenCount');
  if (given.output === null || given.input === null || total === null) return given.output;
  const tools = count(details, 'toolUsePromptTokenCount') ?? 0;
  return Math.max(given.output, total - given.input - tools);
}

function count(details: Details, name: string): number | null {
  return foreignCount(details[name], name);
}
