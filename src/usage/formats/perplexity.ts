import { count, objectAt, textAt } from '../counts.ts';
import { nanocentsOfUsd, rawAt } from '../exact.ts';
import type { JsonObject, WireFormat } from '../format.ts';
import type { Usage } from '../usage.ts';
import { compatibleFormat } from './compatible-chat.ts';
import { compatibleCounts, unitsOf } from './compatible-counts.ts';
import { responsesFormat } from './openai-responses.ts';

/**
 * Reasoning and citation tokens stand at the top of the usage object and in no other count, the total included;
 * searches are billed beside tokens. Every chunk of a stream carries the usage so far.
 * https://docs.perplexity.ai/getting-started/pricing (checked 2026-11-22)
 */
export const perplexityChat: WireFormat = compatibleFormat({
  provider: 'perplexity',
  fits: fitsPerplexity,
  counts,
  billedNanocents: billedByPerplexity,
});

/** Other makers' models behind OpenAI's responses, with the bill told the same way. */
export const perplexityResponses: WireFormat = responsesFormat({
  provider: 'perplexity',
  fits: (json) => objectAt(json, 'usage.cost') !== null || objectAt(json, 'response.usage.cost') !== null,
  billedNanocents: billedByPerplexity,
});

function fitsPerplexity(json: JsonObject): boolean {
  const usage = objectAt(json, 'usage');
  return (
    usage?.search_context_size !== undefined ||
    usage?.num_search_queries !== undefined ||
    objectAt(usage, 'cost') !== null ||
    (Array.isArray(json.citations) && (textAt(json, 'model')?.startsWith('sonar') ?? false))
  );
}

/** `usage.cost.total_cost`, in USD. */
function billedByPerplexity(usage: JsonObject, usageText: string, problems: string[]): bigint | null {
  const text = rawAt(usageText, ['cost', 'total_cost']);
  const billed = nanocentsOfUsd(text);
  if (billed === null && typeof objectAt(usage, 'cost')?.total_cost === 'number') {
    problems.push('cost.total_cost is no amount');
  }
  return billed;
}

function counts(usage: JsonObject, problems: string[]): Usage {
  const reasoning = count(usage, 'reasoning_tokens', problems);
  const counted = compatibleCounts(usage, problems);
  const beside = reasoning !== null && counted.output !== null && counted.reasoning === null;
  return {
    ...counted,
    ...(beside ? { output: counted.output + reasoning, reasoning } : {}),
    units: unitsOf(usage, { num_search_queries: 'webSearch', citation_tokens: 'citationToken' }, problems),
  };
}
