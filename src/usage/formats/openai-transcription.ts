import { checkTotal, count, objectAt, remainder, restOfInput, textAt, usageUnless } from '../counts.ts';
import { rawAt } from '../exact.ts';
import type { FormatReader, JsonObject, ReadingParts, WireFormat } from '../format.ts';
import { type Usage, unknownUsage } from '../usage.ts';

/**
 * OpenAI transcription and translation. Usage is one of two: seconds of audio (whisper) or tokens, whose details
 * are spelled `input_token_details`. Nothing in the body names the model.
 * https://developers.openai.com/api/reference/resources/audio (checked 2026-11-22)
 */
export const openaiTranscription: WireFormat = {
  provider: 'openai',
  api: 'audio.transcriptions',
  wanted: /"usage"\s*:\s*\{/,
  answerKeys: ['delta'],
  fits: (json) =>
    ['duration', 'tokens'].includes(textAt(json, 'usage.type') ?? '') ||
    (textAt(json, 'type') ?? '').startsWith('transcript.text.'),
  open: () => new TranscriptionReader(),
};

export function transcriptionCounts(usage: JsonObject, problems: string[]): Usage {
  if (usage.type === 'duration') {
    const seconds = count(usage, 'seconds', problems);
    return usageUnless(problems, {
      ...unknownUsage,
      units: seconds === null ? {} : { audioSecond: seconds },
    });
  }
  const total = count(usage, 'input_tokens', problems);
  const output = count(usage, 'output_tokens', problems);
  const inputAudio = count(usage, 'input_token_details.audio_tokens', problems);
  const text = count(usage, 'input_token_details.text_tokens', problems);
  remainder(total, [inputAudio, text], 'input_tokens', problems);
  checkTotal(count(usage, 'total_tokens', problems), [total, output], 'total_tokens', problems);
  return usageUnless(problems, {
    ...restOfInput(total, { input: total, cacheRead: null, cacheWrite: null }),
    output,
    reasoning: null,
    ...(inputAudio === null ? {} : { inputAudio }),
    units: {},
  });
}

class TranscriptionReader implements FormatReader {
  #usage: JsonObject | null = null;
  #raw: string | null = null;

  payload(json: JsonObject, text: string): void {
    const usage = objectAt(json, 'usage');
    if (usage === null) return;
    this.#usage = usage;
    this.#raw = rawAt(text, ['usage']);
  }

  finish(): ReadingParts {
    const problems: string[] = [];
    return {
      model: null,
      usage: this.#usage === null ? unknownUsage : transcriptionCounts(this.#usage, problems),
      final: this.#usage !== null,
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
