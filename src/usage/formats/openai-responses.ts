import {
  checkTotal,
  count,
  listAt,
  objectAt,
  remainder,
  restOfInput,
  textAt,
  usageUnless,
} from '../counts.ts';
import { rawAt } from '../exact.ts';
import type { FormatReader, JsonObject, ReadingParts, WireFormat } from '../format.ts';
import type { ReadingItem, ServedTerms } from '../reading.ts';
import { servedTerms } from '../terms.ts';
import { type Usage, unknownUsage } from '../usage.ts';
import { imageCounts } from './openai-images.ts';

/** The last event repeats the whole output, images in base64 included. */
const imageEventBytesMax = 32 * 1024 * 1024;

/**
 * OpenAI responses. Input includes the cache, output includes reasoning. A stream carries usage once, inside the
 * response of its last event. Searches are counted by `tool_usage`, and where that is missing by the items of the
 * output whose action is a search (opening a page is none). The tier asked for is echoed until the last event.
 * https://developers.openai.com/api/reference/resources/responses (checked 2026-11-22)
 */
export const openaiResponses: WireFormat = responsesFormat({
  provider: 'openai',
  fits: (json) => json.object === 'response' || textAt(json, 'response.object') === 'response',
});

/** What sets a provider's responses apart from OpenAI's. */
export interface ResponsesDialect {
  readonly provider: string;
  fits(json: JsonObject): boolean;
  counts?(usage: JsonObject, problems: string[]): Usage;
  /** The provider's own bill; `usageText` is the usage object's exact text. */
  billedNanocents?(usage: JsonObject, usageText: string, problems: string[]): bigint | null;
  /** Fees inside the response. */
  items?(usage: JsonObject, usageText: string): readonly ReadingItem[];
}

export function responsesFormat(dialect: ResponsesDialect): WireFormat {
  return {
    provider: dialect.provider,
    api: 'responses',
    wanted: /"usage"\s*:\s*\{|"type"\s*:\s*"(?:function_call|custom_tool_call|web_search_call)"/,
    answerKeys: ['delta'],
    eventBytesMax: imageEventBytesMax,
    fits: dialect.fits,
    open: () => new ResponsesReader(dialect),
  };
}

export function responsesCounts(usage: JsonObject, problems: string[]): Usage {
  const total = count(usage, 'input_tokens', problems);
  const output = count(usage, 'output_tokens', problems);
  const cacheRead = count(usage, 'input_tokens_details.cached_tokens', problems);
  const cacheWrite = count(usage, 'input_tokens_details.cache_write_tokens', problems);
  const reasoning = count(usage, 'output_tokens_details.reasoning_tokens', problems);
  checkTotal(count(usage, 'total_tokens', problems), [total, output], 'total_tokens', problems);
  const input = remainder(total, [cacheRead, cacheWrite], 'input_tokens', problems);
  remainder(output, [reasoning], 'output_tokens', problems);
  return usageUnless(problems, {
    ...restOfInput(total, { input, cacheRead, cacheWrite }),
    output,
    reasoning,
    units: {},
  });
}

class ResponsesReader implements FormatReader {
  readonly #dialect: ResponsesDialect;
  #model: string | null = null;
  #responseId: string | null = null;
  #terms: ServedTerms = {};
  /** By type, from single items as they end; the whole response at the end counts anew. */
  #calls = { tools: 0, searches: 0 };
  #seen = false;
  #counted: Pick<ReadingParts, 'usage' | 'items' | 'billedNanocents' | 'raw' | 'problems'> | null = null;

  constructor(dialect: ResponsesDialect) {
    this.#dialect = dialect;
  }

  payload(json: JsonObject, text: string): void {
    const isEvent = objectAt(json, 'response') !== null;
    const response = isEvent ? objectAt(json, 'response') : json;
    if (json.type === 'response.output_item.done') this.#item(objectAt(json, 'item'));
    if (response === null || !('output' in response || 'usage' in response)) return;
    this.#seen = true;
    this.#model = textAt(response, 'model') ?? this.#model;
    this.#responseId = textAt(response, 'id') ?? this.#responseId;
    if (objectAt(response, 'usage') !== null) this.#count(response, text, isEvent ? ['response'] : []);
  }

  finish(): ReadingParts {
    const counted = this.#counted;
    const searches = this.#calls.searches;
    return {
      model: this.#model,
      usage: counted?.usage ?? { ...unknownUsage, units: searches === 0 ? {} : { webSearch: searches } },
      final: counted !== null,
      terms: this.#terms,
      items: counted?.items ?? [],
      billedNanocents: counted?.billedNanocents ?? null,
      responseId: this.#responseId,
      toolCalls: this.#seen ? this.#calls.tools : null,
      raw: counted?.raw ?? null,
      problems: counted?.problems ?? [],
    };
  }

  #item(item: JsonObject | null): void {
    if (item?.type === 'function_call' || item?.type === 'custom_tool_call') this.#calls.tools += 1;
    if (item?.type === 'web_search_call' && textAt(item, 'action.type') === 'search')
      this.#calls.searches += 1;
  }

  #count(response: JsonObject, text: string, path: readonly string[]): void {
    const problems: string[] = [];
    const usage = objectAt(response, 'usage')!;
    const raw = rawAt(text, [...path, 'usage']);
    this.#terms = servedTerms(response);
    this.#calls = { tools: 0, searches: 0 };
    for (const item of listAt(response, 'output')) this.#item(item);
    const billable = count(response, 'tool_usage.web_search.num_requests', problems);
    const searches = billable ?? this.#calls.searches;
    const counts = (this.#dialect.counts ?? responsesCounts)(usage, problems);
    const items = [...imageItems(response, problems), ...(this.#dialect.items?.(usage, raw ?? '') ?? [])];
    const billedNanocents = this.#dialect.billedNanocents?.(usage, raw ?? '', problems) ?? null;
    const units = searches === 0 ? counts.units : { ...counts.units, webSearch: searches };
    this.#counted = {
      usage: usageUnless(problems, { ...counts, units }),
      items: problems.length === 0 ? items : [],
      billedNanocents,
      raw,
      problems,
    };
  }
}

/** Images drawn by the tool are billed at the image model's rates, beside the response's own tokens. */
function imageItems(response: JsonObject, problems: string[]): readonly ReadingItem[] {
  const drawn = objectAt(response, 'tool_usage.image_gen');
  if (drawn === null) return [];
  const usage = imageCounts(drawn, problems);
  if (usage.input === 0 && usage.cacheRead === 0 && usage.output === 0) return [];
  const tool = listAt(response, 'tools').find((candidate) => candidate.type === 'image_generation');
  return [{ model: textAt(tool ?? null, 'model'), usage, reason: 'imageGeneration' }];
}
