import { count, isCount, listAt, remainder, sum, textAt, usageUnless } from '../counts.ts';
import type { JsonObject } from '../format.ts';
import type { Usage } from '../usage.ts';

/** Where one of Google's usage objects keeps its counts; `generateContent` and the interactions API differ in names. */
export interface GeminiFields {
  readonly prompt: string;
  readonly cached: string;
  readonly toolUse: string;
  readonly candidates: string;
  readonly thoughts: string;
  readonly total: string;
  /** A list of `{modality, <count>}` for each of these. */
  readonly promptDetails: string;
  readonly cachedDetails: string;
  readonly toolUseDetails: string;
  readonly candidatesDetails: string;
  readonly detailCount: string;
}

/** Counts are omitted when 0, so a usage object is one that has any of the three that cannot all be 0. */
export function saysCounts(usage: JsonObject, fields: GeminiFields): boolean {
  return [fields.prompt, fields.candidates, fields.total].some((name) => isCount(usage[name]));
}

/**
 * Input is the prompt, cached content included, plus what the provider's own tools put into it beside the prompt.
 * Output is total − input: that holds whether a backend counts thoughts beside the candidates or inside them.
 */
export function geminiUsage(
  usage: JsonObject,
  fields: GeminiFields,
  units: Usage['units'],
  problems: string[],
): Usage {
  const omittedIsZero = (name: string) => count(usage, name, problems) ?? 0;
  const prompt = omittedIsZero(fields.prompt);
  const cached = omittedIsZero(fields.cached);
  const toolUse = omittedIsZero(fields.toolUse);
  const candidates = omittedIsZero(fields.candidates);
  const thoughts = omittedIsZero(fields.thoughts);
  const total = count(usage, fields.total, problems);
  const output =
    total === null ? candidates + thoughts : remainder(total, [prompt, toolUse], fields.total, problems);
  if (output !== null && output < Math.max(candidates, thoughts)) {
    problems.push(
      `${fields.total} leaves ${output} for an output of ${candidates} and thoughts of ${thoughts}`,
    );
  }
  const uncached = remainder(prompt, [cached], fields.prompt, problems);
  return usageUnless(problems, {
    input: sum([uncached, toolUse]),
    cacheRead: cached,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheWrite: 0,
    output,
    reasoning: thoughts,
    ...modalities(usage, fields, {
      input: sum([uncached, toolUse]),
      cached,
      output: Math.max((output ?? 0) - thoughts, 0),
    }),
    ...(toolUse > 0 ? { toolUseInput: toolUse } : {}),
    units,
  });
}

type Modalities = Pick<
  Usage,
  | 'inputAudio'
  | 'inputImage'
  | 'inputVideo'
  | 'cacheReadAudio'
  | 'cacheReadImage'
  | 'outputAudio'
  | 'outputImage'
  | 'outputVideo'
>;

/** Each is bounded by its parent: a breakdown that does not fit must never be priced beyond it. */
function modalities(
  usage: JsonObject,
  fields: GeminiFields,
  parents: { readonly input: number; readonly cached: number; readonly output: number },
): Modalities {
  const of = (list: string, modality: string) => tokensOf(usage, list, modality, fields.detailCount);
  const uncached = (modality: string) =>
    of(fields.promptDetails, modality) -
    of(fields.cachedDetails, modality) +
    of(fields.toolUseDetails, modality);
  return {
    ...within(parents.input, {
      inputAudio: uncached('audio'),
      inputImage: uncached('image'),
      inputVideo: uncached('video'),
    }),
    // Cached video has no price of its own anywhere: it stays a part of what was read from the cache.
    ...within(parents.cached, {
      cacheReadAudio: of(fields.cachedDetails, 'audio'),
      cacheReadImage: of(fields.cachedDetails, 'image'),
    }),
    ...within(parents.output, {
      outputAudio: of(fields.candidatesDetails, 'audio'),
      outputImage: of(fields.candidatesDetails, 'image'),
      outputVideo: of(fields.candidatesDetails, 'video'),
    }),
  };
}

/** Those above 0, in this order and never more than the whole. */
function within(whole: number, counts: Modalities): Modalities {
  let rest = whole;
  const found: [string, number][] = [];
  for (const [name, count] of Object.entries(counts)) {
    const tokens = Math.min(count, rest);
    if (tokens <= 0) continue;
    rest -= tokens;
    found.push([name, tokens]);
  }
  return Object.fromEntries(found);
}

function tokensOf(usage: JsonObject, list: string, modality: string, countName: string): number {
  return listAt(usage, list)
    .filter((each) => textAt(each, 'modality')?.toLowerCase() === modality)
    .reduce((tokens, each) => tokens + (isCount(each[countName]) ? each[countName] : 0), 0);
}
