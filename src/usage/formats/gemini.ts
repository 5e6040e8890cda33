import { isObject, listAt, objectAt, textAt, valueAt } from '../counts.ts';
import { rawAt } from '../exact.ts';
import type { FormatReader, JsonObject, ReadingParts, WireFormat } from '../format.ts';
import { tierTerms } from '../terms.ts';
import { unknownUsage } from '../usage.ts';
import { type GeminiFields, geminiUsage, saysCounts } from './gemini-usage.ts';

/** An event may carry a whole image in base64. */
const imageEventBytesMax = 32 * 1024 * 1024;

/** https://ai.google.dev/api/generate-content#UsageMetadata (from the researched notes, 2026-11-22). */
export const geminiGenerateContent: WireFormat = {
  provider: 'google',
  api: 'generateContent',
  wanted: /"usageMetadata"|"promptFeedback"|"finishReason"/,
  answerKeys: ['text'],
  eventBytesMax: imageEventBytesMax,
  fits: (json) => objectAt(json, 'usageMetadata') !== null,
  open: () => new GeminiReader(),
};

/** The same body; Vertex adds `createTime` and the traffic type that tells the tier. */
export const vertexGenerateContent: WireFormat = {
  ...geminiGenerateContent,
  provider: 'google-vertex',
  fits: (json) =>
    geminiGenerateContent.fits(json) &&
    (textAt(json, 'usageMetadata.trafficType') !== null || textAt(json, 'createTime') !== null),
};

const fields: GeminiFields = {
  prompt: 'promptTokenCount',
  cached: 'cachedContentTokenCount',
  toolUse: 'toolUsePromptTokenCount',
  candidates: 'candidatesTokenCount',
  thoughts: 'thoughtsTokenCount',
  total: 'totalTokenCount',
  promptDetails: 'promptTokensDetails',
  cachedDetails: 'cacheTokensDetails',
  toolUseDetails: 'toolUsePromptTokensDetails',
  candidatesDetails: 'candidatesTokensDetails',
  detailCount: 'tokenCount',
};

/** Vertex's traffic types, in the words that prices are listed under. */
const trafficTiers: ReadonlyMap<string | null, string> = new Map([
  ['ON_DEMAND', 'standard'],
  ['TRAFFIC_TYPE_UNSPECIFIED', 'standard'],
  ['ON_DEMAND_FLEX', 'flex'],
  ['ON_DEMAND_PRIORITY', 'priority'],
  ['PROVISIONED_THROUGHPUT', 'provisioned'],
]);

class GeminiReader implements FormatReader {
  #model: string | null = null;
  #responseId: string | null = null;
  #tier: string | null = null;
  /** The last one with counts: every event repeats them, and in mid-stream they may shrink again. */
  #usage: JsonObject | null = null;
  #raw: string | null = null;
  #toolCalls = 0;
  #closed = false;
  readonly #queries = new Set<string>();

  payload(json: JsonObject, text: string): void {
    this.#model = textAt(json, 'modelVersion') ?? this.#model;
    this.#responseId = textAt(json, 'responseId') ?? this.#responseId;
    if (textAt(json, 'promptFeedback.blockReason') !== null) this.#closed = true;
    for (const candidate of listAt(json, 'candidates')) this.#watch(candidate);
    const usage = objectAt(json, 'usageMetadata');
    if (usage === null) return;
    this.#tier = textAt(usage, 'trafficType') ?? textAt(usage, 'serviceTier') ?? this.#tier;
    // Vertex opens a stream with usage objects that hold a traffic type and nothing else.
    if (!saysCounts(usage, fields)) return;
    this.#usage = usage;
    this.#raw = rawAt(text, ['usageMetadata']);
  }

  finish(ended: boolean): ReadingParts {
    const problems: string[] = [];
    const units = this.#units();
    return {
      model: this.#model,
      usage: this.#usage === null ? unknownUsage : geminiUsage(this.#usage, fields, units, problems),
      final: this.#usage !== null && ended && this.#closed,
      terms: tierTerms(trafficTiers.get(this.#tier) ?? this.#tier),
      items: [],
      billedNanocents: null,
      responseId: this.#responseId,
      toolCalls: this.#toolCalls,
      raw: this.#raw,
      problems,
    };
  }

  #watch(candidate: JsonObject): void {
    if (textAt(candidate, 'finishReason') !== null) this.#closed = true;
    this.#toolCalls += listAt(candidate, 'content.parts').filter((part) =>
      isObject(part.functionCall),
    ).length;
    const queries = valueAt(candidate, 'groundingMetadata.webSearchQueries');
    if (!Array.isArray(queries)) return;
    for (const query of queries) if (typeof query === 'string' && query !== '') this.#queries.add(query);
  }

  /**
   * Google charges a grounded prompt once up to Gemini 2.5 and each search query from Gemini 3 on:
   * https://ai.google.dev/gemini-api/docs/pricing (from the researched notes, 2026-11-22).
   */
  #units(): Readonly<Record<string, number>> {
    if (this.#queries.size === 0) return {};
    const generation = Number(/gemini-(\d{1,2})/.exec(this.#model ?? '')?.[1] ?? 0);
    return { webSearch: generation >= 3 ? this.#queries.size : 1 };
  }
}
