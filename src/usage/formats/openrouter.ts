import { objectAt, textAt, valueAt } from '../counts.ts';
import { nanocentsOfUsd, rawAt } from '../exact.ts';
import type { JsonObject, WireFormat } from '../format.ts';
import type { ReadingItem } from '../reading.ts';
import { type Usage, unknownUsage } from '../usage.ts';
import { compatibleFormat } from './compatible-chat.ts';
import { compatibleCounts, unitsOf } from './compatible-counts.ts';
import { responsesCounts, responsesFormat } from './openai-responses.ts';

/**
 * Counts are normalised to OpenAI's meaning whatever serves; `cost` is what the account was charged.
 * https://openrouter.ai/docs/use-cases/usage-accounting (checked 2026-11-22)
 */
export const openrouterChat: WireFormat = compatibleFormat({
  provider: 'openrouter',
  fits: (json) => json.object !== 'response' && fitsOpenrouter(json),
  counts: (usage, problems) => ({
    ...compatibleCounts(usage, problems),
    ...outputImage(usage),
    units: openrouterUnits(usage, problems),
  }),
  billedNanocents: billedByOpenrouter,
  items: (json, text) => openrouterItems(objectAt(json, 'usage') ?? {}, text),
});

export const openrouterResponses: WireFormat = responsesFormat({
  provider: 'openrouter',
  fits: (json) => (json.object === 'response' || objectAt(json, 'response') !== null) && fitsOpenrouter(json),
  counts: (usage, problems) => ({
    ...responsesCounts(usage, problems),
    units: openrouterUnits(usage, problems),
  }),
  billedNanocents: billedByOpenrouter,
  items: openrouterItems,
});

function fitsOpenrouter(json: JsonObject): boolean {
  const response = objectAt(json, 'response') ?? json;
  const usage = objectAt(response, 'usage');
  return (
    textAt(response, 'id')?.startsWith('gen-') === true ||
    typeof usage?.is_byok === 'boolean' ||
    objectAt(usage, 'cost_details') !== null
  );
}

/**
 * What the call cost. With the caller's own provider key (`is_byok`) OpenRouter's `cost` is its fee alone, and the
 * provider bills the rest: both together, or unknown where the rest is not told.
 */
function billedByOpenrouter(usage: JsonObject, usageText: string, problems: string[]): bigint | null {
  const cost = amountAt(usageText, ['cost']);
  if (cost === null) {
    if (typeof usage.cost === 'number') problems.push('cost is no amount');
    return null;
  }
  if (usage.is_byok !== true) return cost;
  const upstream = amountAt(usageText, ['cost_details', 'upstream_inference_cost']);
  return upstream === null ? null : cost + upstream;
}

/**
 * What of the bill no token explains: a search, a page fetched, an advisor asked. Where the parts for input and
 * output are told, the rest of the cost is a fee; a nanocent may be the rounding of the three.
 */
function openrouterItems(usage: JsonObject, usageText: string): readonly ReadingItem[] {
  const details = ['cost_details'];
  const upstream = amountAt(usageText, [...details, 'upstream_inference_cost']);
  if (usage.is_byok === true) return upstream === null ? [] : [billedItem('byok', upstream)];
  const cost = amountAt(usageText, ['cost']);
  const input =
    amountAt(usageText, [...details, 'upstream_inference_prompt_cost']) ??
    amountAt(usageText, [...details, 'upstream_inference_input_cost']);
  const output =
    amountAt(usageText, [...details, 'upstream_inference_completions_cost']) ??
    amountAt(usageText, [...details, 'upstream_inference_output_cost']);
  if (cost === null || input === null || output === null) return [];
  const fee = cost - input - output;
  return fee > 1n ? [billedItem('fee', fee)] : [];
}

function openrouterUnits(usage: JsonObject, problems: string[]): Usage['units'] {
  return unitsOf(objectAt(usage, 'server_tool_use_details'), { web_search_requests: 'webSearch' }, problems);
}

function outputImage(usage: JsonObject): Pick<Usage, 'outputImage'> {
  const images = valueAt(usage, 'completion_tokens_details.image_tokens');
  const output = usage.completion_tokens;
  if (typeof images !== 'number' || typeof output !== 'number' || images <= 0) return {};
  return { outputImage: Math.min(images, output) };
}

function billedItem(reason: string, billedNanocents: bigint): ReadingItem {
  return { model: null, usage: unknownUsage, reason, billedNanocents };
}

/** To the nearest nanocent, from the text: OpenRouter prints binary fractions with their noise. */
function amountAt(usageText: string, path: readonly string[]): bigint | null {
  return nanocentsOfUsd(rawAt(usageText, path));
}
