import { isCount, objectAt, valueAt } from '../counts.ts';
import type { JsonObject, WireFormat } from '../format.ts';
import type { Usage } from '../usage.ts';
import { compatibleFormat, isChat, isModel } from './compatible-chat.ts';
import { compatibleCounts } from './compatible-counts.ts';

/**
 * Input includes cached tokens, under one of three names; audio is counted in seconds beside the tokens.
 * https://docs.mistral.ai/api/ (from the researched notes, 2026-11-22)
 */
export const mistralChat: WireFormat = compatibleFormat({
  provider: 'mistral',
  fits: (json) => fits(json) || (isChat(json) && isModel(json, ownModels)),
  counts,
});

const ownModels = /^(mistral|ministral|codestral|devstral|magistral|pixtral|voxtral|open-mi[sx]tral)-/;

/** Transcriptions by Voxtral; the stream ends with `transcription.done`. */
export const mistralTranscription: WireFormat = compatibleFormat({
  provider: 'mistral',
  api: 'audio.transcriptions',
  fits: (json) => fits(json) && !Array.isArray(json.choices),
  counts,
});

function fits(json: JsonObject): boolean {
  const usage = objectAt(json, 'usage');
  return (
    usage !== null &&
    ['num_cached_tokens', 'prompt_token_details', 'prompt_audio_seconds'].some((name) =>
      Object.hasOwn(usage, name),
    )
  );
}

function counts(usage: JsonObject, problems: string[]): Usage {
  const counted = compatibleCounts(usage, problems);
  // Not read strictly: the API gives `{}` here where there was no audio.
  const seconds = valueAt(usage, 'prompt_audio_seconds');
  if (!isCount(seconds) || seconds === 0) return counted;
  return { ...counted, units: { ...counted.units, audioSecond: seconds } };
}
