import { count, listAt, objectAt, textAt, usageUnless } from '../counts.ts';
import { rawAt } from '../exact.ts';
import type { FormatReader, JsonObject, ReadingParts, WireFormat } from '../format.ts';
import { type Usage, unknownUsage } from '../usage.ts';
import { unitsOf } from './compatible-counts.ts';

/**
 * Cohere says twice what was used: `tokens` is what the model saw, `billed_units` what is charged, and only the
 * second is money. `cached_tokens` belongs to the first and has no price.
 * https://docs.cohere.com/v2/docs/how-does-cohere-pricing-work (from the researched notes, 2026-11-22)
 */
export const cohereChat: WireFormat = cohereFormat('chat');
export const cohereEmbed: WireFormat = cohereFormat('embed');
export const cohereRerank: WireFormat = cohereFormat('rerank');

function cohereFormat(api: string): WireFormat {
  return {
    provider: 'cohere',
    api,
    wanted: /"billed_units"|"message-end"|"stream-end"|"tool-call-start"|"tool_calls"/,
    answerKeys: ['text', 'thinking', 'tool_plan', 'arguments'],
    fits: (json) => billedPath(json) !== null,
    open: () => new CohereReader(),
  };
}

/** v2 chat, its stream's `message-end`, v1 chat and every embed and rerank, v1's `stream-end`. */
const usagePaths = ['usage', 'delta.usage', 'meta', 'response.meta'] as const;

function billedPath(json: JsonObject): string | null {
  return usagePaths.find((path) => objectAt(json, `${path}.billed_units`) !== null) ?? null;
}

class CohereReader implements FormatReader {
  #responseId: string | null = null;
  #counted: Pick<ReadingParts, 'usage' | 'raw' | 'problems'> | null = null;
  #toolCalls = 0;

  payload(json: JsonObject, text: string): void {
    this.#responseId =
      textAt(json, 'id') ??
      textAt(json, 'generation_id') ??
      textAt(json, 'response.generation_id') ??
      this.#responseId;
    if (textAt(json, 'type') === 'tool-call-start') this.#toolCalls += 1;
    else
      this.#toolCalls += Math.max(
        listAt(json, 'message.tool_calls').length,
        listAt(json, 'tool_calls').length,
      );
    const path = billedPath(json);
    if (path === null) return;
    const problems: string[] = [];
    const usage = billedUsage(objectAt(json, `${path}.billed_units`) ?? {}, problems);
    this.#counted = { usage, problems, raw: rawAt(text, path.split('.')) };
  }

  finish(): ReadingParts {
    return {
      model: null,
      usage: this.#counted?.usage ?? unknownUsage,
      final: this.#counted !== null,
      terms: {},
      items: [],
      billedNanocents: null,
      responseId: this.#responseId,
      toolCalls: this.#toolCalls,
      raw: this.#counted?.raw ?? null,
      problems: this.#counted?.problems ?? [],
    };
  }
}

/** The list of what is billed is complete: what it leaves out is billed as nothing. */
function billedUsage(billed: JsonObject, problems: string[]): Usage {
  const text = count(billed, 'input_tokens', problems) ?? 0;
  const image = count(billed, 'image_tokens', problems) ?? 0;
  const output = count(billed, 'output_tokens', problems) ?? 0;
  const names = { search_units: 'searchUnit', classifications: 'classification' };
  // An image is billed by its tokens, and counted beside them.
  const units = unitsOf(billed, image > 0 ? names : { ...names, images: 'embeddedImage' }, problems);
  return usageUnless(problems, {
    input: text + image,
    cacheRead: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheWrite: 0,
    output,
    reasoning: null,
    ...(image > 0 ? { inputImage: image } : {}),
    units,
  });
}
