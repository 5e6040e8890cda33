import { bedrockModel } from '../bedrock-model.ts';
import { count, isCount, listAt, objectAt, remainder, sum, textAt, usageUnless } from '../counts.ts';
import { rawAt } from '../exact.ts';
import type { FormatReader, JsonObject, ReadingParts, WireFormat } from '../format.ts';
import type { ServedTerms } from '../reading.ts';
import { tierTerms } from '../terms.ts';
import { type Usage, unknownUsage } from '../usage.ts';

/**
 * Bedrock's Converse: input leaves the cache out; output includes reasoning. The model is only in the URL
 * (bedrock-model.ts). A stream is binary (eventstream.ts) and says its usage in the last event, `metadata`.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html (checked 2026-11-22)
 */
export const bedrockConverse: WireFormat = {
  provider: 'aws-bedrock',
  api: 'converse',
  wanted: /"usage"|"toolUse"/,
  answerKeys: ['text'],
  eventBytesMax: 24 * 1024 * 1024,
  fits: (json) => isConverseUsage(objectAt(json, 'usage') ?? objectAt(json, 'metadata.usage')),
  open: () => new ConverseReader(),
};

export function isConverseUsage(usage: JsonObject | null): boolean {
  return isCount(usage?.inputTokens) && isCount(usage.outputTokens);
}

/** Events come bare in the binary stream, and under their name where an SDK has written them down. */
const eventNames = ['metadata', 'contentBlockStart'] as const;

export class ConverseReader implements FormatReader {
  #counted: {
    readonly usage: Usage;
    readonly raw: string | null;
    readonly problems: readonly string[];
  } | null = null;
  #terms: ServedTerms = {};
  #model: string | null = null;
  #toolCalls = 0;

  payload(json: JsonObject, text: string): void {
    const name = eventNames.find((each) => objectAt(json, each) !== null);
    const event = name === undefined ? json : (objectAt(json, name) ?? json);
    this.#toolCalls += listAt(event, 'output.message.content').filter((part) =>
      objectAt(part, 'toolUse'),
    ).length;
    if (objectAt(event, 'start.toolUse') !== null) this.#toolCalls += 1;
    const usage = objectAt(event, 'usage');
    if (usage === null) return;
    const problems: string[] = [];
    const counts = converseUsage(usage, problems);
    this.#counted = {
      usage: counts,
      raw: rawAt(text, name === undefined ? ['usage'] : [name, 'usage']),
      problems,
    };
    this.#serve(event);
  }

  finish(): ReadingParts {
    return {
      model: this.#model,
      usage: this.#counted?.usage ?? unknownUsage,
      final: this.#counted !== null,
      terms: this.#terms,
      items: [],
      billedNanocents: null,
      responseId: null,
      toolCalls: this.#toolCalls,
      raw: this.#counted?.raw ?? null,
      problems: this.#counted?.problems ?? [],
    };
  }

  #serve(event: JsonObject): void {
    // Latency-optimised inference has prices of its own; a router tells which model it chose.
    const optimized = textAt(event, 'performanceConfig.latency') === 'optimized';
    const tier = tierTerms(optimized ? 'fast' : textAt(event, 'serviceTier.type'));
    const routed = textAt(event, 'trace.promptRouter.invokedModelId');
    const invoked = routed === null ? null : bedrockModel(routed);
    this.#model = invoked?.model ?? null;
    this.#terms = {
      ...tier,
      ...(invoked === null || invoked.region === null ? {} : { region: invoked.region }),
    };
  }
}

/** Each count has an older name beside it in some bodies; the two are one count. */
export function converseUsage(usage: JsonObject, problems: string[]): Usage {
  const either = (name: string) =>
    count(usage, `${name}s`, problems) ?? count(usage, `${name}Count`, problems);
  const input = either('inputToken');
  const output = either('outputToken');
  const cacheRead = either('cacheReadInputToken') ?? 0;
  const written = either('cacheWriteInputToken') ?? 0;
  const cacheWrite5m = writtenFor('5m', usage, problems);
  const cacheWrite1h = writtenFor('1h', usage, problems);
  const cacheWrite = remainder(written, [cacheWrite5m, cacheWrite1h], 'cacheWriteInputTokens', problems);
  checkTotals(usage, [input, output], [cacheRead, written], problems);
  return usageUnless(problems, {
    input,
    cacheRead,
    cacheWrite5m,
    cacheWrite1h,
    cacheWrite,
    output,
    reasoning: null,
    units: {},
  });
}

/** A list of what was written, by time to live; absent in older bodies. */
function writtenFor(ttl: string, usage: JsonObject, problems: string[]): number {
  const details = listAt(usage, 'cacheDetails').filter((detail) => textAt(detail, 'ttl') === ttl);
  return sum(details.map((detail) => count(detail, 'inputTokens', problems)));
}

/** Models differ in whether their total has the cache in it. */
function checkTotals(
  usage: JsonObject,
  billed: readonly (number | null)[],
  cached: readonly number[],
  problems: string[],
): void {
  const total = count(usage, 'totalTokens', problems);
  if (total === null || billed.includes(null)) return;
  if (total !== sum(billed) && total !== sum([...billed, ...cached])) {
    problems.push(`totalTokens is ${total}, but its parts sum to ${sum([...billed, ...cached])}`);
  }
}
