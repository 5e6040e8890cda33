import { count, isCount, isObject, listAt, objectAt, sum, textAt, usageUnless } from '../counts.ts';
import { rawAt } from '../exact.ts';
import type { FormatReader, JsonObject, ReadingParts, WireFormat } from '../format.ts';
import { type Usage, unknownUsage } from '../usage.ts';
import { anthropicMessages } from './anthropic.ts';
import { ConverseReader, isConverseUsage } from './bedrock-converse.ts';
import { compatibleChat } from './compatible-chat.ts';

/**
 * Bedrock's InvokeModel: every model family answers with a body of its own, and a stream's last payload adds
 * `amazon-bedrock-invocationMetrics`. The family's own counts win, since they know more; the metrics stand in where a
 * family has none or was cut.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html (from the researched notes, 2026-11-22)
 */
export const bedrockInvoke: WireFormat = {
  provider: 'aws-bedrock',
  api: 'invoke',
  wanted:
    /"usage"|"amazon-bedrock-invocationMetrics"|_token_count"|TokenCount"|"tool_use"|"toolUse"|"finish_reason"\s*:\s*"/,
  answerKeys: ['text', 'thinking', 'partial_json', 'generation', 'outputText', 'content', 'completion'],
  eventBytesMax: 24 * 1024 * 1024,
  fits: (json) => objectAt(json, metricsName) !== null || countsAtTop.some((name) => isCount(json[name])),
  open: () => new InvokeReader(),
};

const metricsName = 'amazon-bedrock-invocationMetrics';
const countsAtTop = ['generation_token_count', 'prompt_token_count', 'inputTextTokenCount'] as const;

class InvokeReader implements FormatReader {
  #family: FormatReader | null = null;
  #metrics: {
    readonly usage: Usage;
    readonly raw: string | null;
    readonly problems: readonly string[];
  } | null = null;

  payload(json: JsonObject, text: string): void {
    this.#family ??= familyOf(json);
    this.#family?.payload(json, text);
    const metrics = objectAt(json, metricsName);
    if (metrics === null) return;
    const problems: string[] = [];
    const usage = metricsUsage(metrics, problems);
    this.#metrics = { usage, problems, raw: rawAt(text, [metricsName]) };
  }

  finish(ended: boolean): ReadingParts {
    const told = this.#family?.finish(ended) ?? nothing;
    if (this.#metrics === null || (told.final && told.problems.length === 0)) return told;
    return { ...told, ...this.#metrics, final: true };
  }
}

const nothing: ReadingParts = {
  model: null,
  usage: unknownUsage,
  final: false,
  terms: {},
  items: [],
  billedNanocents: null,
  responseId: null,
  toolCalls: null,
  raw: null,
  problems: [],
};

/** Who speaks, from the first payload that only one family can have sent. */
function familyOf(json: JsonObject): FormatReader | null {
  const usage = objectAt(json, 'usage');
  if (textAt(json, 'type')?.startsWith('message') || isCount(usage?.input_tokens))
    return anthropicMessages.open();
  if (isObject(json.messageStart) || isConverseUsage(usage ?? objectAt(json, 'metadata.usage'))) {
    return new ConverseReader();
  }
  if (Array.isArray(json.choices) || isCount(usage?.prompt_tokens)) return compatibleChat.open();
  return countsAtTop.some((name) => isCount(json[name])) ? new TopCountsReader() : null;
}

/** Llama and Titan: counts at the top of the body; in a stream the input comes first and the output grows. */
class TopCountsReader implements FormatReader {
  #input: number | null = null;
  #output: number | null = null;
  #final = false;
  readonly #problems: string[] = [];

  payload(json: JsonObject): void {
    const known = (...names: readonly string[]) =>
      names.map((name) => count(json, name, this.#problems)).find((value) => value !== null) ?? null;
    this.#input = known('prompt_token_count', 'inputTextTokenCount') ?? this.#input;
    this.#output = known('generation_token_count', 'totalOutputTextTokenCount') ?? this.#output;
    const results = listAt(json, 'results');
    if (results.length > 0)
      this.#output = sum(results.map((result) => count(result, 'tokenCount', this.#problems)));
    // An embedding has no output.
    if (Array.isArray(json.embedding)) this.#output = 0;
    const stopped = [textAt(json, 'stop_reason'), textAt(json, 'completionReason')].some(
      (reason) => reason !== null,
    );
    if (stopped || results.length > 0 || Array.isArray(json.embedding)) this.#final = true;
  }

  finish(): ReadingParts {
    const none = this.#input === null ? null : 0;
    const usage: Usage = {
      input: this.#input,
      cacheRead: none,
      cacheWrite5m: none,
      cacheWrite1h: none,
      cacheWrite: none,
      output: this.#output,
      reasoning: null,
      units: {},
    };
    const raw = JSON.stringify({ input: this.#input, output: this.#output });
    return {
      ...nothing,
      usage: usageUnless(this.#problems, usage),
      final: this.#final,
      raw,
      problems: this.#problems,
    };
  }
}

/** The same meaning as Converse's counts: input leaves the cache out. No time to live is told. */
function metricsUsage(metrics: JsonObject, problems: string[]): Usage {
  const cacheRead = count(metrics, 'cacheReadInputTokenCount', problems) ?? 0;
  const cacheWrite = count(metrics, 'cacheWriteInputTokenCount', problems) ?? 0;
  return usageUnless(problems, {
    input: count(metrics, 'inputTokenCount', problems),
    cacheRead,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheWrite,
    output: count(metrics, 'outputTokenCount', problems),
    reasoning: null,
    units: {},
  });
}
