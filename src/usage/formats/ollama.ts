import { count, isCount, listAt, textAt } from '../counts.ts';
import type { FormatReader, JsonObject, ReadingParts, WireFormat } from '../format.ts';
import { unknownUsage } from '../usage.ts';

/**
 * Ollama's own API: one JSON object per line, counts at the top of the last one (`"done":true`). When the whole prompt
 * was still in the model's memory there is no `prompt_eval_count`: the input is then unknown, not zero.
 * https://docs.ollama.com/api/usage (from the researched notes, 2026-11-22)
 */
export const ollamaChat: WireFormat = ollamaFormat('api.chat');
export const ollamaGenerate: WireFormat = ollamaFormat('api.generate');
export const ollamaEmbed: WireFormat = ollamaFormat('api.embed');

function ollamaFormat(api: string): WireFormat {
  return {
    provider: 'ollama',
    api,
    wanted: /"done"\s*:\s*true|"eval_count"|"prompt_eval_count"|"tool_calls"/,
    answerKeys: ['content', 'response', 'thinking'],
    fits: (json) =>
      (typeof json.done === 'boolean' && textAt(json, 'model') !== null) || isCount(json.prompt_eval_count),
    open: () => new OllamaReader(),
  };
}

class OllamaReader implements FormatReader {
  #model: string | null = null;
  #last: JsonObject | null = null;
  #toolCalls = 0;

  payload(json: JsonObject): void {
    this.#model = textAt(json, 'model') ?? this.#model;
    this.#toolCalls += listAt(json, 'message.tool_calls').length;
    if (json.done === true || Array.isArray(json.embeddings)) this.#last = json;
  }

  finish(): ReadingParts {
    const problems: string[] = [];
    const last = this.#last;
    const input = count(last, 'prompt_eval_count', problems);
    // An embedding has no output; everything else says how much.
    const output = Array.isArray(last?.embeddings) ? 0 : count(last, 'eval_count', problems);
    const none = input === null ? null : 0;
    const known = { cacheRead: none, cacheWrite5m: none, cacheWrite1h: none, cacheWrite: none };
    return {
      model: this.#model,
      usage: last === null ? unknownUsage : { ...unknownUsage, input, ...known, output },
      final: last !== null,
      terms: {},
      items: [],
      billedNanocents: null,
      responseId: null,
      toolCalls: this.#toolCalls,
      raw: last === null ? null : countsText(last),
      problems,
    };
  }
}

/** There is no usage object: the two counts stand at the top, among the answer's text, which is not kept. */
function countsText(last: JsonObject): string {
  const { prompt_eval_count, eval_count } = last;
  return JSON.stringify({ prompt_eval_count, eval_count });
}
