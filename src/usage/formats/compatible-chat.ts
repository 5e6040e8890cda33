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
 * Any server that speaks OpenAI's shape and has no entry of its own: Moonshot, Together, Hugging Face, LM Studio,
 * vLLM … (docs/provider-formats.md says what each does).
 */
export const compatibleChat: WireFormat = compatibleFormat({
  provider: 'openai-compatible',
  fits: () => false,
});

/** Read the same way, and named where a body shows whose it is: by a mark of its own or by its maker's model names. */
export const namedCompatible: readonly WireFormat[] = [
  compatibleFormat({ provider: 'azure', fits: isAzure }),
  compatibleFormat({ provider: 'ollama', fits: (json) => json.system_fingerprint === 'fp_ollama' }),
  compatibleFormat({ provider: 'zai', fits: (json) => isChat(json) && isModel(json, /^glm-\d/) }),
  compatibleFormat({
    provider: 'alibaba',
    fits: (json) => isChat(json) && isModel(json, /^(qwen[\d.]*|qwq)-/),
  }),
  compatibleFormat({
    provider: 'moonshotai',
    fits: (json) => isChat(json) && isModel(json, /^(kimi|moonshot)-/),
  }),
];

/**
 * Gemini behind OpenAI's shape: thinking is in the total and in no other count.
 * https://ai.google.dev/gemini-api/docs/openai (from the researched notes, 2026-11-22)
 */
export const geminiChat: WireFormat = compatibleFormat({
  provider: 'google',
  fits: (json) => isChat(json) && isModel(json, /^(google\/|models\/)?gemini-/),
});

export function isChat(json: JsonObject): boolean {
  return textAt(json, 'object')?.startsWith('chat.completion') ?? false;
}

export function isModel(json: JsonObject, names: RegExp): boolean {
  return names.test(textAt(json, 'model') ?? '');
}

/** Azure filters content, and says so beside the prompt and every choice. */
function isAzure(json: JsonObject): boolean {
  return (
    Array.isArray(json.prompt_filter_results) ||
    listAt(json, 'choices').some((choice) => isObject(choice.content_filter_results))
  );
}

/** Usage on a chunk before any finish reason is a count so far: vLLM on request, Perplexity always. */
function beforeTheEnd(json: JsonObject, finished: boolean): boolean {
  return !finished && listAt(json, 'choices').some((choice) => isObject(choice.delta));
}
