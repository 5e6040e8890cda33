import { count, listAt, objectAt, textAt } from '../counts.ts';
import { rawAt } from '../exact.ts';
import type { FormatReader, JsonObject, ReadingParts, WireFormat } from '../format.ts';
import { tierTerms } from '../terms.ts';
import { unknownUsage } from '../usage.ts';
import { type GeminiFields, geminiUsage, saysCounts } from './gemini-usage.ts';

/**
 * https://ai.google.dev/api/interactions-api and https://ai.google.dev/gemini-api/docs/streaming
 * (from the researched notes, 2026-11-22).
 */
export const geminiInteractions: WireFormat = {
  provider: 'google',
  api: 'interactions',
  wanted: /"usage"|"total_usage"|"interaction"|"function_call"|"error"/,
  answerKeys: ['text', 'arguments'],
  eventBytesMax: 32 * 1024 * 1024, // an event may carry a whole image
  fits: (json) =>
    textAt(json, 'object') === 'interaction' ||
    (textAt(json, 'event_type')?.startsWith('interaction.') ?? false) ||
    objectAt(json, 'usage')?.total_input_tokens !== undefined,
  open: () => new InteractionReader(),
};

const fields: GeminiFields = {
  prompt: 'total_input_tokens',
  cached: 'total_cached_tokens',
  toolUse: 'total_tool_use_tokens',
  candidates: 'total_output_tokens',
  thoughts: 'total_thought_tokens',
  total: 'total_tokens',
  promptDetails: 'input_tokens_by_modality',
  cachedDetails: 'cached_tokens_by_modality',
  toolUseDetails: 'tool_use_tokens_by_modality',
  candidatesDetails: 'output_tokens_by_modality',
  detailCount: 'tokens',
};

/** The interaction itself is the whole body; in a stream it is inside the first and the last event. */
const usagePaths = ['interaction.usage', 'usage', 'metadata.usage', 'metadata.total_usage'] as const;

const openStatuses = new Set(['in_progress', 'queued', 'created']);

class InteractionReader implements FormatReader {
  #model: string | null = null;
  #responseId: string | null = null;
  #tier: string | null = null;
  #usage: JsonObject | null = null;
  #raw: string | null = null;
  #toolCalls = 0;
  #closed = false;

  payload(json: JsonObject, text: string): void {
    const interaction = objectAt(json, 'interaction') ?? json;
    this.#model = textAt(interaction, 'model') ?? textAt(interaction, 'agent') ?? this.#model;
    this.#responseId = textAt(interaction, 'id') ?? this.#responseId;
    this.#tier = textAt(interaction, 'service_tier') ?? this.#tier;
    const status = textAt(interaction, 'status');
    if (status !== null) this.#closed = !openStatuses.has(status);
    const steps = [...listAt(interaction, 'steps'), ...listAt(interaction, 'outputs')];
    const started = textAt(json, 'event_type') === 'step.start' ? objectAt(json, 'step') : null;
    for (const step of started === null ? steps : [started]) {
      if (textAt(step, 'type') === 'function_call') this.#toolCalls += 1;
    }
    for (const path of usagePaths) {
      const usage = objectAt(json, path);
      if (usage === null || !saysCounts(usage, fields)) continue;
      this.#usage = usage;
      this.#raw = rawAt(text, path.split('.'));
    }
  }

  finish(ended: boolean): ReadingParts {
    const problems: string[] = [];
    const usage = this.#usage;
    return {
      model: this.#model,
      usage: usage === null ? unknownUsage : geminiUsage(usage, fields, searches(usage, problems), problems),
      final: usage !== null && ended && this.#closed,
      terms: tierTerms(this.#tier),
      items: [],
      billedNanocents: null,
      responseId: this.#responseId,
      toolCalls: this.#toolCalls,
      raw: this.#raw,
      problems,
    };
  }
}

function searches(usage: JsonObject, problems: string[]): Readonly<Record<string, number>> {
  const total = listAt(usage, 'grounding_tool_count')
    .filter((tool) => textAt(tool, 'type') === 'google_search')
    .reduce(
      (queries, tool) =>
        queries + (count(tool, 'search_query_count', problems) ?? count(tool, 'count', problems) ?? 0),
      0,
    );
  return total > 0 ? { webSearch: total } : {};
}
