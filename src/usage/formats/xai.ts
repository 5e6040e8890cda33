import { count, isCount, objectAt, sum } from '../counts.ts';
import { rawAt, scaledDecimal } from '../exact.ts';
import type { JsonObject, WireFormat } from '../format.ts';
import type { Usage } from '../usage.ts';
import { compatibleFormat } from './compatible-chat.ts';
import { compatibleCounts, unitsOf } from './compatible-counts.ts';
import { responsesCounts, responsesFormat } from './openai-responses.ts';

/**
 * The chat API leaves reasoning out of the completion and counts it in the total.
 * https://docs.x.ai/developers/rest-api-reference/inference/chat (from the researched notes, 2026-11-22)
 */
export const xaiChat: WireFormat = compatibleFormat({
  provider: 'xai',
  fits: (json) => json.object !== 'response' && fitsXai(objectAt(json, 'usage')),
  counts: chatCounts,
  billedNanocents: (_usage, text, problems) => billedByXai(text, problems),
});

/** The responses API has reasoning inside the output, as OpenAI's. */
export const xaiResponses: WireFormat = responsesFormat({
  provider: 'xai',
  fits: (json) =>
    fitsXai(objectAt(json, 'response.usage')) ||
    (json.object === 'response' && fitsXai(objectAt(json, 'usage'))),
  counts: (usage, problems) => ({ ...responsesCounts(usage, problems), units: xaiUnits(usage, problems) }),
  billedNanocents: (_usage, text, problems) => billedByXai(text, problems),
});

function fitsXai(usage: JsonObject | null): boolean {
  return usage?.cost_in_usd_ticks !== undefined;
}

/**
 * What xAI says it charged, tools included: ticks of 1e-10 USD, ten nanocents each.
 * https://docs.x.ai/developers/cost-tracking (checked 2026-11-22)
 */
function billedByXai(usageText: string, problems: string[]): bigint | null {
  const ticks = rawAt(usageText, ['cost_in_usd_ticks']);
  if (ticks === null || ticks === 'null') return null;
  const billed = scaledDecimal(ticks, 1);
  if (billed === null) problems.push('cost_in_usd_ticks is no amount');
  return billed;
}

/** Calls of xAI's own tools, inside the billed cost; the units are for reports, and for prices where no cost came. */
function xaiUnits(usage: JsonObject, problems: string[]): Usage['units'] {
  return unitsOf(
    usage,
    {
      num_sources_used: 'searchSource',
      'server_side_tool_usage_details.web_search_calls': 'webSearch',
      'server_side_tool_usage_details.x_search_calls': 'xSearch',
      'server_side_tool_usage_details.code_interpreter_calls': 'codeExecution',
      'server_side_tool_usage_details.file_search_calls': 'fileSearch',
      'server_side_tool_usage_details.document_search_calls': 'documentSearch',
      'server_side_tool_usage_details.image_generation_calls': 'imageGeneration',
    },
    problems,
  );
}

function chatCounts(usage: JsonObject, problems: string[]): Usage {
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = usage;
  const reasoning = count(objectAt(usage, 'completion_tokens_details'), 'reasoning_tokens', problems);
  // Where no total shows on which side reasoning stands, it stands where xAI's recorded bills have it: outside.
  const whole =
    isCount(prompt) && isCount(completion) && !isCount(total)
      ? { ...usage, total_tokens: sum([prompt, completion, reasoning]) }
      : usage;
  return { ...compatibleCounts(whole, problems), units: xaiUnits(usage, problems) };
}
