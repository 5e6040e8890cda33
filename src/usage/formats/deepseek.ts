import { checkTotal, count, objectAt } from '../counts.ts';
import type { JsonObject, WireFormat } from '../format.ts';
import type { Usage } from '../usage.ts';
import { compatibleFormat } from './compatible-chat.ts';
import { compatibleCounts } from './compatible-counts.ts';

/**
 * Input is cache hits and misses together; output includes reasoning. The model named in the response may be another
 * than was asked for (`deepseek-reasoner` served by a later model): price what served.
 * https://api-docs.deepseek.com/api/create-chat-completion (from the researched notes, 2026-11-22)
 */
export const deepseekChat: WireFormat = compatibleFormat({
  provider: 'deepseek',
  fits: (json) => objectAt(json, 'usage')?.prompt_cache_miss_tokens !== undefined,
  counts,
});

function counts(usage: JsonObject, problems: string[]): Usage {
  const hit = count(usage, 'prompt_cache_hit_tokens', problems);
  const miss = count(usage, 'prompt_cache_miss_tokens', problems);
  const prompt = count(usage, 'prompt_tokens', problems);
  checkTotal(prompt, [hit, miss], 'prompt_tokens', problems);
  // The two are DeepSeek's own words for its bill; OpenAI's spelling beside them is a courtesy.
  const details = {
    ...objectAt(usage, 'prompt_tokens_details'),
    ...(hit === null ? {} : { cached_tokens: hit }),
  };
  return compatibleCounts({ ...usage, prompt_tokens_details: details }, problems);
}
