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

type Modalities = Pick<Usage, 'inputAudio' | 'cacheReadAudio' | 'inputImage' | 'outputAudio' | 'outputImage'>;

/** Each is bounded by its parent: a breakdown that does not fit must never be priced beyond it. */
function modalities(
  usage: JsonObject,
  fields: GeminiFields,
  parents: { readonly input: number; readonly cached: number; readonly output: number },
): Modalities {
  const of = (list: string, modality: string) => tokensOf(usage, list, modality, fields.detailCount);
  const found: { -readonly [Key in keyof Modalities]: Modalities[Key] } = {};
  const cachedAudio = of(fields.cachedDetails, 'audio');
  const cachedImage = of(fields.cachedDetails, 'image');
  const audio = of(fields.promptDetails, 'audio') - cachedAudio + of(fields.toolUseDetails, 'audio');
  const image = of(fields.promptDetails, 'image') - cachedImage + of(fields.toolUseDetails, 'image');
  const outputAudio = of(fields.candidatesDetails, 'audio');
  const outputImage = of(fields.candidatesDetails, 'image');
  if (audio > 0) found.inputAudio = Math.min(audio, parents.input);
  if (image > 0) found.inputImage = Math.min(image, parents.input - (found.inputAudio ?? 0));
  if (cachedAudio > 0) found.cacheReadAudio = Math.min(cachedAudio, parents.cached);
  if (outputAudio > 0) found.outputAudio = Math.min(outputAudio, parents.output);
  if (outputImage > 0) found.outputImage = Math.min(outputImage, parents.output - (found.outputAudio ?? 0));
  return found;
}

function tokensOf(usage: JsonObject, list: string, modality: string, countName: string): number {
  return listAt(usage, list)
    .filter((each) => textAt(each, 'modality')?.toLowerCase() === modality)
    .reduce((tokens, each) => tokens + (isCount(each[countName]) ? each[countName] : 0), 0);
}
