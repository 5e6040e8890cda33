import type { JsonObject, WireFormat } from './format.ts';
import { anthropicMessages } from './formats/anthropic.ts';
import { openaiChat, openaiCompletions } from './formats/openai-chat.ts';
import { openaiEmbeddings } from './formats/openai-embeddings.ts';
import { openaiImages } from './formats/openai-images.ts';
import { openaiResponses } from './formats/openai-responses.ts';
import { openaiTranscription } from './formats/openai-transcription.ts';
import { otherProviders } from './formats/other-providers.ts';

/** Every wire format; a dialect stands before the format it could be mistaken for. */
const formats: readonly WireFormat[] = [
  ...otherProviders,
  anthropicMessages,
  openaiResponses,
  openaiEmbeddings,
  openaiImages,
  openaiTranscription,
  openaiCompletions,
  openaiChat,
];

const formatsByApi: ReadonlyMap<string, readonly WireFormat[]> = Map.groupBy(formats, ({ api }) =>
  api.toLowerCase(),
);

/** Names by which the same API is known elsewhere. */
const apiAliases: Readonly<Record<string, string>> = {
  chat: 'chat.completions',
  'openai-compatible': 'chat.completions',
  streamgeneratecontent: 'generatecontent',
  'converse-stream': 'converse',
  'invoke-with-response-stream': 'invoke',
};

/**
 * The format a provider speaks on an API; null when nobody we know speaks it. A provider that has no format of its
 * own for an API is read as the API's first owner writes it.
 */
export function formatOf(provider: string, api: string): WireFormat | null {
  // Its own name comes before the alias: `chat` is an API of Cohere's.
  const named = [plainName(api), apiName(api)].flatMap((name) => formatsByApi.get(name) ?? []);
  return (
    named.find((format) => format.provider === provider) ??
    named.find((format) => originators.includes(format.provider)) ??
    named[0] ??
    null
  );
}

/** The most specific format, of those wanted, that one of the payloads can only be. */
export function formatFitting(
  payloads: readonly JsonObject[],
  isWanted: (format: WireFormat) => boolean,
): WireFormat | null {
  return formats.find((format) => isWanted(format) && payloads.some((json) => format.fits(json))) ?? null;
}

/** The wire formats that there is a reader for. */
export function knownApis(): readonly string[] {
  return [...new Set(formats.map((format) => format.api))];
}

/** `/v1/chat/completions`, `chat` and `chat.completions` are one API. */
export function apiName(api: string): string {
  const plain = plainName(api);
  return Object.hasOwn(apiAliases, plain) ? apiAliases[plain]! : plain;
}

/** In lower case and without version; what stands after a model in the path (`models/x:generateContent`) alone. */
function plainName(api: string): string {
  return api
    .toLowerCase()
    .replace(/^\/?(v\d\w*\/)?/, '')
    .replace(/^(?:.*\/)?models?\/.*[:/]([a-z-]+)$/, '$1')
    .replaceAll('/', '.');
}

/** Providers whose APIs others imitate, and the reading of the imitations where it is not quite the same. */
const originators: readonly string[] = ['openai-compatible', 'openai', 'anthropic'];
