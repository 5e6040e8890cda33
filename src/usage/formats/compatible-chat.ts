import { isObject, listAt, textAt } from '../counts.ts';
import type { JsonObject, WireFormat } from '../format.ts';
import { compatibleCounts } from './compatible-counts.ts';
import { type ChatDialect, chatFormat } from './openai-chat.ts';

/** Chat completions of a provider that goes its own ways within OpenAI's shape. */
export function compatibleFormat(
  dialect: Pick<ChatDialect, 'provider' | 'fits'> & Partial<ChatDialect>,
): WireFormat {
  return chatFormat({ api: 'chat.completions', counts: compatibleCounts, interim: beforeTheEnd, ...dialect });
}

/**
 * Any server that speaks OpenAI's shape and has no entry of its own: Azure OpenAI, Moonshot, Together, Hugging Face,
 * Z.ai, Alibaba, LM Studio, Ollama's `/v1`, vLLM … (docs/provider-formats.md says what each does).
 */
export const compatibleChat: WireFormat = compatibleFormat({
  provider: 'openai-compatible',
  fits: () => false,
});

/**
 * Gemini behind OpenAI's shape: thinking is in the total and in no other count.
 * https://ai.google.dev/gemini-api/docs/openai (from the researched notes, 2026-11-22)
 */
export const geminiChat: WireFormat = compatibleFormat({
  provider: 'google',
  fits: (json) => isChat(json) && /^(google\/|models\/)?gemini-/.test(textAt(json, 'model') ?? ''),
});

export function isChat(json: JsonObject): boolean {
  return textAt(json, 'object')?.startsWith('chat.completion') ?? false;
}

/** Usage on a chunk before any finish reason is a count so far: vLLM on request, Perplexity always. */
function beforeTheEnd(json: JsonObject, finished: boolean): boolean {
  return !finished && listAt(json, 'choices').some((choice) => isObject(choice.delta));
}
