import { count, isCount, objectAt, sum, valueAt } from '../counts.ts';
import type { JsonObject } from '../format.ts';
import type { Usage } from '../usage.ts';
import { chatCounts } from './openai-chat.ts';

/**
 * The counts of any server that speaks OpenAI's shape, with the freedoms they take: the cached tokens' name, output
 * that leaves thinking out, reasoning a token above the output. OpenAI's own bodies are read more strictly.
 */
export function compatibleCounts(usage: JsonObject, problems: string[]): Usage {
  return chatCounts(reasoningWithinOutput(wholeOutput(cachedRenamed(usage))), problems);
}

/** Where servers put what OpenAI calls `prompt_tokens_details.cached_tokens`. */
const cachedNames = [
  'prompt_tokens_details.cached_tokens', // OpenAI, and most
  'num_cached_tokens', // Mistral
  'prompt_token_details.cached_tokens', // Mistral
  'cached_tokens', // Moonshot, Together, Hugging Face
  'prompt_cache_hit_tokens', // DeepSeek
] as const;

function cachedRenamed(usage: JsonObject): JsonObject {
  const values = cachedNames.map((name) => valueAt(usage, name));
  const said = values.find((value) => value !== undefined && value !== null);
  if (said === undefined || said === values[0]) return usage;
  const details = { ...objectAt(usage, 'prompt_tokens_details'), cached_tokens: said };
  return { ...usage, prompt_tokens_details: details };
}

/**
 * A total above prompt and completion is output that the completion leaves out: thinking, named in the details (xAI)
 * or nowhere (Gemini's OpenAI endpoint, where 35 + 12 gave a total of 109).
 */
function wholeOutput(usage: JsonObject): JsonObject {
  const [prompt, completion, total] = ['prompt_tokens', 'completion_tokens', 'total_tokens'].map(
    (name) => usage[name],
  );
  if (!isCount(prompt) || !isCount(completion) || !isCount(total)) return usage;
  const hidden = total - prompt - completion;
  if (hidden <= 0) return usage;
  const details = objectAt(usage, 'completion_tokens_details');
  return {
    ...usage,
    completion_tokens: completion + hidden,
    completion_tokens_details: { ...details, reasoning_tokens: details?.reasoning_tokens ?? hidden },
  };
}

/** Seen at OpenRouter: 11 of 10 tokens were reasoning. The billed output stands; what is part of it cannot be more. */
function reasoningWithinOutput(usage: JsonObject): JsonObject {
  const details = objectAt(usage, 'completion_tokens_details');
  const reasoning = details?.reasoning_tokens;
  const completion = usage.completion_tokens;
  if (!isCount(reasoning) || !isCount(completion) || reasoning <= completion) return usage;
  return { ...usage, completion_tokens_details: { ...details, reasoning_tokens: completion } };
}

/** Units billed beside tokens, from counts under the provider's names; zeros are left out, being no line of a bill. */
export function unitsOf(
  object: JsonObject | null,
  names: Readonly<Record<string, string>>,
  problems: string[],
): Readonly<Record<string, number>> {
  const units: Record<string, number> = {};
  for (const [path, unit] of Object.entries(names)) {
    const quantity = count(object, path, problems) ?? 0;
    if (quantity > 0) units[unit] = sum([units[unit] ?? 0, quantity]);
  }
  return units;
}
