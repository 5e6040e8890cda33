import { count, listAt, objectAt, sum, textAt, usageUnless } from '../counts.ts';
import { rawAt } from '../exact.ts';
import type { FormatReader, JsonObject, ReadingParts, WireFormat } from '../format.ts';
import type { ReadingItem, ServedTerms } from '../reading.ts';
import { tierTerms } from '../terms.ts';
import { type Usage, unknownUsage } from '../usage.ts';
import { cacheWrites } from './anthropic-cache.ts';

/**
 * Anthropic messages. Input excludes what was read from and written to the cache; output includes thinking. In a
 * stream `message_start` gives first counts and `message_delta` cumulative ones that replace them (input may grow:
 * search results become input). The counts at the top leave out compaction, which is added here, and an advisor's
 * or a declined model's iterations, which become items with their own models.
 * https://platform.claude.com/docs/en/api/messages and the types of @anthropic-ai/sdk 1.12.0 (checked 2026-11-22)
 */
export const anthropicMessages: WireFormat = {
  provider: 'anthropic',
  api: 'messages',
  wanted: /"type"\s*:\s*"message_|"tool_use"/,
  answerKeys: ['text', 'thinking', 'partial_json'],
  fits: (json) =>
    json.type === 'message_start' ||
    (json.type === 'message' && objectAt(json, 'usage') !== null) ||
    (json.type === 'message_delta' && objectAt(json, 'usage') !== null),
  open: () => new MessagesReader(),
};

class MessagesReader implements FormatReader {
  #model: string | null = null;
  #responseId: string | null = null;
  #toolCalls: number | null = null;
  #start: Sent | null = null;
  #delta: Sent | null = null;
  #stopped = false;

  payload(json: JsonObject, text: string): void {
    if (json.type === 'message') this.#message(json, text, []);
    else if (json.type === 'message_start') this.#message(objectAt(json, 'message'), text, ['message']);
    else if (json.type === 'content_block_start') this.#block(objectAt(json, 'content_block'));
    else if (json.type === 'message_delta') this.#delta = sentAt(json, text, ['usage']) ?? this.#delta;
    if (json.type === 'message_stop' || textAt(json, 'delta.stop_reason') !== null) this.#stopped = true;
  }

  finish(): ReadingParts {
    const usage = { ...this.#start?.usage, ...withoutNulls(this.#delta?.usage ?? {}) };
    const problems: string[] = [];
    const seen = this.#start !== null || this.#delta !== null;
    const start = this.#delta === null ? null : (this.#start?.usage ?? null);
    const counts = seen ? messageCounts(usage, start, problems) : unknownUsage;
    const items = modelItems(usage, problems);
    return {
      model: this.#model,
      usage: usageUnless(problems, counts),
      final: seen && this.#stopped && typeof usage.output_tokens === 'number',
      terms: messageTerms(usage),
      items: problems.length === 0 ? items : [],
      billedNanocents: null,
      responseId: this.#responseId,
      toolCalls: this.#toolCalls,
      raw: this.#raw(),
      problems,
    };
  }

  /** A message once: retrying proxies repeat its start, and its input is counted once. */
  #message(message: JsonObject | null, text: string, path: readonly string[]): void {
    if (message === null) return;
    const id = textAt(message, 'id');
    if (this.#start !== null && id === this.#responseId) return;
    this.#responseId = id;
    this.#model = textAt(message, 'model');
    this.#start = sentAt(message, text, [...path, 'usage']);
    this.#delta = null;
    this.#stopped = path.length === 0;
    this.#toolCalls = 0;
    for (const block of listAt(message, 'content')) this.#block(block);
  }

  #block(block: JsonObject | null): void {
    if (block?.type === 'tool_use') this.#toolCalls = (this.#toolCalls ?? 0) + 1;
  }

  /** Both objects of a stream, as sent: one alone does not explain the counts. */
  #raw(): string | null {
    if (this.#start === null || this.#delta === null) return this.#start?.raw ?? this.#delta?.raw ?? null;
    return `{"message_start":${this.#start.raw},"message_delta":${this.#delta.raw}}`;
  }
}

/** A usage object and its exact text. */
interface Sent {
  readonly usage: JsonObject;
  readonly raw: string;
}

function sentAt(holder: JsonObject, text: string, path: readonly string[]): Sent | null {
  const usage = objectAt(holder, 'usage');
  const raw = rawAt(text, path);
  return usage === null || raw === null ? null : { usage, raw };
}

/** What `message_delta` does not know it sends as null; that replaces nothing. */
function withoutNulls(usage: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
}

/** The counts at the top and those of compaction, which the top leaves out. */
export function messageCounts(usage: JsonObject, start: JsonObject | null, problems: string[]): Usage {
  const compactions = listAt(usage, 'iterations').filter((iteration) => iteration.type === 'compaction');
  const top = plainCounts(usage, start, problems);
  const parts = [top, ...compactions.map((iteration) => plainCounts(iteration, null, problems))];
  const searches = count(usage, 'server_tool_use.web_search_requests', problems);
  return {
    input: total(parts, 'input'),
    cacheRead: total(parts, 'cacheRead'),
    cacheWrite5m: total(parts, 'cacheWrite5m'),
    cacheWrite1h: total(parts, 'cacheWrite1h'),
    cacheWrite: total(parts, 'cacheWrite'),
    output: total(parts, 'output'),
    reasoning: top.reasoning,
    units: searches === null ? {} : { webSearch: searches },
  };
}

type Kind = 'input' | 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h' | 'cacheWrite' | 'output';

function total(parts: readonly Usage[], kind: Kind): number | null {
  const counts = parts.map((part) => part[kind]);
  return counts.includes(null) ? null : sum(counts);
}

/** One object's own counts. A cache that is not named where input is was not used: zero. */
function plainCounts(usage: JsonObject, start: JsonObject | null, problems: string[]): Usage {
  const input = count(usage, 'input_tokens', problems);
  const output = count(usage, 'output_tokens', problems);
  const reasoning = count(usage, 'output_tokens_details.thinking_tokens', problems);
  const cacheRead = count(usage, 'cache_read_input_tokens', problems);
  if (reasoning !== null && output !== null && reasoning > output) {
    problems.push(`thinking_tokens of ${reasoning} are more than output_tokens of ${output}`);
  }
  return {
    input,
    cacheRead: cacheRead ?? (input === null ? null : 0),
    ...cacheWrites(usage, start, input === null ? null : 0, problems),
    output,
    reasoning,
    units: {},
  };
}

/**
 * Iterations of other models. An advisor always is one; of the rest, those that a fallback model did not serve
 * itself: the declined attempts. Iterations without a model are the served model's own and in the counts at the top.
 */
export function modelItems(usage: JsonObject, problems: string[]): readonly ReadingItem[] {
  const iterations = listAt(usage, 'iterations');
  const served = iterations.find((iteration) => iteration.type === 'fallback_message');
  const items: ReadingItem[] = [];
  for (const iteration of iterations) {
    const model = textAt(iteration, 'model');
    const isDeclined =
      served !== undefined && iteration.type === 'message' && model !== null && model !== served.model;
    if (iteration.type !== 'advisor_message' && !isDeclined) continue;
    const reason = isDeclined ? 'fallback' : 'advisor';
    items.push({ model, usage: plainCounts(iteration, null, problems), reason });
  }
  return items;
}

export function messageTerms(usage: JsonObject): ServedTerms {
  const region = textAt(usage, 'inference_geo')?.toLowerCase() ?? 'global';
  const tier = textAt(usage, 'speed') === 'fast' ? 'fast' : textAt(usage, 'service_tier');
  return { ...tierTerms(tier), ...(nowhereInParticular.includes(region) ? {} : { region }) };
}

const nowhereInParticular: readonly string[] = ['global', 'not_available'];
