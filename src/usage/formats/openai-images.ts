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
import { type Usage, unknownUsage } from '../usage.ts';

/**
 * OpenAI images (generations, edits). Text and image tokens have rates of their own on both sides. Older models
 * send no usage: the images themselves are what is billed. Bodies and events do not name the model.
 * https://developers.openai.com/api/reference/resources/images (checked 2026-11-22)
 */
export const openaiImages: WireFormat = {
  provider: 'openai',
  api: 'images',
  wanted: /"usage"\s*:\s*\{/,
  answerKeys: ['b64_json'],
  eventBytesMax: 32 * 1024 * 1024, // an event carries a whole image in base64
  fits: (json) =>
    /^image_(generation|edit)\./.test(textAt(json, 'type') ?? '') ||
    listAt(json, 'data').some((image) => 'b64_json' in image || 'url' in image),
  open: () => new ImagesReader(),
};

/** Counts of an image usage object; cached input has no kind but its own. */
export function imageCounts(usage: JsonObject, problems: string[]): Usage {
  const total = count(usage, 'input_tokens', problems);
  const output = count(usage, 'output_tokens', problems);
  const cacheRead =
    count(usage, 'cached_tokens', problems) ?? count(usage, 'input_tokens_details.cached_tokens', problems);
  checkTotal(count(usage, 'total_tokens', problems), [total, output], 'total_tokens', problems);
  const input = remainder(total, [cacheRead], 'input_tokens', problems);
  const image = count(usage, 'input_tokens_details.image_tokens', problems);
  remainder(
    total,
    [image, count(usage, 'input_tokens_details.text_tokens', problems)],
    'input_tokens',
    problems,
  );
  const cachedImage = count(usage, 'cached_tokens_details.image_tokens', problems);
  const inputImage = remainder(image, [cachedImage], 'image_tokens', problems);
  const outputText = count(usage, 'output_tokens_details.text_tokens', problems);
  const outputImage =
    count(usage, 'output_tokens_details.image_tokens', problems) ??
    remainder(output, [outputText], 'output_tokens', problems);
  remainder(output, [outputImage], 'output_tokens', problems);
  return usageUnless(problems, {
    ...restOfInput(total, { input, cacheRead, cacheWrite: null }),
    output,
    reasoning: null,
    ...(inputImage === null ? {} : { inputImage: Math.min(inputImage, input ?? inputImage) }),
    ...(cachedImage === null ? {} : { cacheReadImage: Math.min(cachedImage, cacheRead ?? cachedImage) }),
    ...(outputImage === null ? {} : { outputImage }),
    units: {},
  });
}

class ImagesReader implements FormatReader {
  #usage: JsonObject | null = null;
  #raw: string | null = null;
  #images: number | null = null;

  payload(json: JsonObject, text: string): void {
    const usage = objectAt(json, 'usage');
    if (usage !== null) {
      this.#usage = usage;
      this.#raw = rawAt(text, ['usage']);
    }
    if (Array.isArray(json.data)) this.#images = json.data.length;
  }

  finish(ended: boolean): ReadingParts {
    const problems: string[] = [];
    const perImage = this.#usage === null && this.#images !== null;
    return {
      model: null,
      usage:
        this.#usage === null
          ? { ...unknownUsage, units: perImage ? { image: this.#images! } : {} }
          : imageCounts(this.#usage, problems),
      final: this.#usage !== null || (perImage && ended),
      terms: {},
      items: [],
      billedNanocents: null,
      responseId: null,
      toolCalls: null,
      raw: this.#raw,
      problems,
    };
  }
}
