import {
  checkTotal,
  count,
  isObject,
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
import { countMax, type Usage, unknownUsage } from '../usage.ts';

/**
 * OpenAI chat completions. Input includes what was read from and written to the cache; output includes reasoning
 * and rejected predictions. A stream carries usage only when asked (`stream_options.include_usage`), in a last
 * chunk with `choices: []`; every chunk before says `"usage":null`.
 * https://developers.openai.com/api/reference/resources/chat (checked 2026-11-22)
 */
export const openaiChat: WireFormat = chatFormat({
  provider: 'openai',
  api: 'chat.completions',
  fits: (json) => textAt(json, 'object')?.startsWith('chat.completion') ?? looksLikeChat(json),
  counts: chatCounts,
});

/** The legacy text completions: the same usage without details. */
export const openaiCompletions: WireFormat = chatFormat({
  provider: 'openai',
  api: 'completions',
  fits: (json) => json.object === 'text_completion',
  counts: chatCounts,
});

/** What sets a provider's chat completions apart from OpenAI's. */
export interface ChatDialect {
  readonly provider: string;
  readonly api: string;
  fits(json: JsonObject): boolean;
  /** The counts of a usage object; what is wrong goes into `problems`. */
  counts(usage: JsonObject, problems: string[]): Usage;
  /** Members that hold the usage object, the first one present wins; `usage` unless said otherwise. */
  readonly usagePaths?: readonly (readonly string[])[];
  /** The provider's own bill; `usageText` is the usage object's exact text. */
  billedNanocents?(usage: JsonObject, usageText: string, problems: string[]): bigint | null;
  /** Other models or fees inside the response; `json` is the payload that carried the usage. */
  items?(json: JsonObject, usageText: string, problems: string[]): readonly ReadingItem[];
  terms?(json: JsonObject): ServedTerms;
  /**
   * True when this payload's usage is not the last (cumulative usage on every chunk). `finished`: some choice has
   * given its finish reason, here or before.
   */
  interim?(json: JsonObject, finished: boolean): boolean;
}

export function chatFormat(dialect: ChatDialect): WireFormat {
  return {
    provider: dialect.provider,
    api: dialect.api,
    // A tool call names its function once, in its first chunk.
    wanted: /"usage"\s*:\s*\{|"name"\s*:\s*"|"finish_reason"\s*:\s*"/,
    answerKeys: ['content', 'reasoning_content', 'reasoning', 'refusal', 'arguments', 'text'],
    fits: dialect.fits,
    open: () => new ChatReader(dialect),
  };
}

/** Counts after OpenAI's shape, for OpenAI and all who copied it unchanged. */
export function chatCounts(usage: JsonObject, problems: string[]): Usage {
  const prompt = count(usage, 'prompt_tokens', problems);
  const output = count(usage, 'completion_tokens', problems);
  const cacheRead = count(usage, 'prompt_tokens_details.cached_tokens', problems);
  const cacheWrite = count(usage, 'prompt_tokens_details.cache_write_tokens', problems);
  const reasoning = count(usage, 'completion_tokens_details.reasoning_tokens', problems);
  checkTotal(count(usage, 'total_tokens', problems), [prompt, output], 'total_tokens', problems);
  const input = remainder(prompt, [cacheRead, cacheWrite], 'prompt_tokens', problems);
  remainder(output, [reasoning], 'completion_tokens', problems);
  return usageUnless(problems, {
    ...restOfInput(prompt, { input, cacheRead, cacheWrite }),
    output,
    reasoning,
    ...subsets(usage, problems, { prompt, input, output }),
    units: {},
  });
}

type Subsets = Pick<Usage, 'inputAudio' | 'cacheReadAudio' | 'inputImage' | 'outputAudio'>;

/** Kinds with possible rates of their own, where the provider counts any. */
function subsets(
  usage: JsonObject,
  problems: string[],
  totals: { readonly prompt: number | null; readonly input: number | null; readonly output: number | null },
): Subsets {
  const audio = count(usage, 'prompt_tokens_details.audio_tokens', problems);
  const inputImage = count(usage, 'prompt_tokens_details.image_tokens', problems);
  const outputAudio = count(usage, 'completion_tokens_details.audio_tokens', problems);
  remainder(totals.prompt, [audio, inputImage], 'prompt_tokens', problems);
  remainder(totals.output, [outputAudio], 'completion_tokens', problems);
  // The provider does not say which audio was cached: as much as fits is taken as uncached, the dearer kind.
  const inputAudio = audio === null || totals.input === null ? audio : Math.min(audio, totals.input);
  const uncached = totals.input === null ? countMax : totals.input - (inputAudio ?? 0);
  const cacheReadAudio = audio === null || inputAudio === null ? 0 : audio - inputAudio;
  return {
    ...(inputAudio === null ? {} : { inputAudio }),
    ...(cacheReadAudio === 0 ? {} : { cacheReadAudio }),
    ...(inputImage === null ? {} : { inputImage: Math.min(inputImage, uncached) }),
    ...(outputAudio === null ? {} : { outputAudio }),
  };
}

class ChatReader implements FormatReader {
  readonly #dialect: ChatDialect;
  #model: string | null = null;
  #responseId: string | null = null;
  #terms: ServedTerms = {};
  /** Tool calls by choice and index: a stream repeats the index on every chunk of a call. Bounded below. */
  readonly #toolCalls = new Set<string>();
  #choicesSeen = false;
  #finished = false;
  #counted: Counted | null = null;

  constructor(dialect: ChatDialect) {
    this.#dialect = dialect;
  }

  payload(json: JsonObject, text: string): void {
    this.#model = textAt(json, 'model') ?? this.#model;
    this.#responseId = textAt(json, 'id') ?? this.#responseId;
    this.#terms = { ...this.#terms, ...(this.#dialect.terms ?? servedTerms)(json) };
    for (const choice of listAt(json, 'choices')) this.#choice(choice);
    this.#count(json, text);
  }

  finish(): ReadingParts {
    const counted = this.#counted;
    return {
      model: this.#model,
      usage: counted?.usage ?? unknownUsage,
      final: counted?.final ?? false,
      terms: this.#terms,
      items: counted?.items ?? [],
      billedNanocents: counted?.billedNanocents ?? null,
      responseId: this.#responseId,
      toolCalls: this.#choicesSeen ? this.#toolCalls.size : null,
      raw: counted?.raw ?? null,
      problems: counted?.problems ?? [],
    };
  }

  #choice(choice: JsonObject): void {
    this.#choicesSeen = true;
    if (textAt(choice, 'finish_reason') !== null) this.#finished = true;
    const holder = objectAt(choice, 'delta') ?? objectAt(choice, 'message');
    for (const [position, call] of listAt(holder, 'tool_calls').entries()) {
      if (this.#toolCalls.size >= toolCallsMax) return;
      const index = typeof call.index === 'number' ? call.index : position;
      this.#toolCalls.add(`${choice.index}/${index}`);
    }
  }

  /** The last usage object wins: where a stream repeats it, it is cumulative. */
  #count(json: JsonObject, text: string): void {
    for (const path of this.#dialect.usagePaths ?? [['usage']]) {
      const usage = objectAt(json, path.join('.'));
      const raw = usage === null ? null : rawAt(text, path);
      if (usage === null || raw === null) continue;
      const problems: string[] = [];
      const counts = this.#dialect.counts(usage, problems);
      const items = this.#dialect.items?.(json, raw, problems) ?? [];
      const billedNanocents = this.#dialect.billedNanocents?.(usage, raw, problems) ?? null;
      const final = !(this.#dialect.interim?.(json, this.#finished) ?? false);
      this.#counted = { usage: usageUnless(problems, counts), items, billedNanocents, final, raw, problems };
      return;
    }
  }
}

const toolCallsMax = 10_000; // a response with more is not counted further

interface Counted {
  readonly usage: Usage;
  readonly items: readonly ReadingItem[];
  readonly billedNanocents: bigint | null;
  readonly final: boolean;
  readonly raw: string;
  readonly problems: readonly string[];
}

function looksLikeChat(json: JsonObject): boolean {
  const holds = listAt(json, 'choices').some((choice) => isObject(choice.delta) || isObject(choice.message));
  return holds || objectAt(json, 'usage')?.prompt_tokens !== undefined;
}
