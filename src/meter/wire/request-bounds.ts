import { inputTokensWithin } from '../../prices/estimate.ts';
import type { RequestBounds } from '../call.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a request's own text says about how large the call may become. */
export function requestBounds(json: Json, api: string, requestBytes: number): RequestBounds {
  const choices =
    json.n ?? (isObject(json.generationConfig) ? json.generationConfig.candidateCount : null) ?? 1;
  const tier = json.speed ?? json.service_tier;
  const countable = isCount(choices);
  return {
    inputTokensMax: bringsAllInput(json) ? inputTokensWithin(requestBytes) + toolPrompt(json) : null,
    outputTokensMax: countable ? outputBound(json, api) : null,
    choices: countable ? choices : 1,
    ...(typeof tier === 'string' && dearerTiers.includes(tier) ? { tier } : {}),
  };
}

/**
 * A provider tells the model how to call tools in a prompt of its own, which is billed: up to 530 tokens at Anthropic
 * (https://docs.anthropic.com/en/docs/tool-use-pricing-and-tokens, checked 2026-11-22). With room to spare.
 */
const toolPromptTokens = 1_000;

function toolPrompt({ tools }: Json): number {
  return Array.isArray(tools) && tools.length > 0 ? toolPromptTokens : 0;
}

const dearerTiers: readonly string[] = ['priority', 'fast'];

/** Members by which input comes from outside the body, or tools of the provider add to it. */
const outside = [
  ...['previous_response_id', 'conversation', 'prompt', 'container', 'mcp_servers', 'file_ids'],
  ...['web_search_options', 'context_management', 'fallbacks', 'cachedContent'],
];

/**
 * A token of a byte-level tokenizer stands for at least one byte, so a body's bytes bound its tokens, as long as all
 * input is text inside it.
 */
function bringsAllInput(json: Json): boolean {
  if (outside.some((name) => json[name] !== undefined && json[name] !== null)) return false;
  return ![json.messages, json.input, json.contents].some(hasMedia) && !hasServerTools(json.tools);
}

/** Parts other than text: images, audio, files and documents count by rules of their own. */
function hasMedia(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasMedia);
  if (!isObject(value)) return false;
  const type = value.type;
  if (typeof type === 'string' && /image|audio|video|file|document/.test(type)) return true;
  if (value.inlineData !== undefined || value.fileData !== undefined) return true;
  return hasMedia(value.content) || hasMedia(value.output) || hasMedia(value.parts);
}

/** Tools that the provider runs (search, code) bring input and fees of their own. */
function hasServerTools(tools: unknown): boolean {
  if (!Array.isArray(tools)) return false;
  return tools.some(
    (tool) =>
      isObject(tool) &&
      (!['function', 'custom', undefined].includes(tool.type as string) ||
        googleTools.some((name) => tool[name] !== undefined)),
  );
}

const googleTools = [
  'googleSearch',
  'googleSearchRetrieval',
  'codeExecution',
  'urlContext',
  'googleMaps',
  'fileSearch',
];

function outputBound(json: Json, api: string): number | null {
  if (api === 'embeddings') return 0;
  if (api === 'generateContent') return googleOutputBound(json.generationConfig);
  // Predicted text that the model rejects is billed as output, beside what it wrote.
  if (json.prediction !== undefined && json.prediction !== null) return null;
  const named = [json.max_completion_tokens, json.max_output_tokens, json.max_tokens];
  const bound = named.find((value) => value !== undefined && value !== null);
  return isCount(bound) ? bound : null;
}

/** Whether `maxOutputTokens` bounds what a model thinks is told in two ways: it is taken as a bound where none does. */
function googleOutputBound(config: unknown): number | null {
  if (!isObject(config) || !isCount(config.maxOutputTokens)) return null;
  const thinks = !isObject(config.thinkingConfig) || config.thinkingConfig.thinkingBudget !== 0;
  return thinks ? null : config.maxOutputTokens;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 100_000_000;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
