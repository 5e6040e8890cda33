import { listAt } from '../counts.ts';
import type { WireFormat } from '../format.ts';
import { chatCounts, chatFormat } from './openai-chat.ts';

/**
 * OpenAI embeddings: `{"prompt_tokens":12,"total_tokens":12}`; nothing is put out, so output is zero.
 * https://developers.openai.com/api/reference/resources/embeddings (checked 2026-11-22)
 */
export const openaiEmbeddings: WireFormat = chatFormat({
  provider: 'openai',
  api: 'embeddings',
  fits: (json) => listAt(json, 'data').some((entry) => entry.object === 'embedding'),
  counts: (usage, problems) => chatCounts({ completion_tokens: 0, ...usage }, problems),
});
