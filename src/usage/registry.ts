import type { JsonObject, WireFormat } from './format.ts';
import { openaiChat, openaiCompletions } from './formats/openai-chat.ts';

/** Every wire format; a dialect stands before the format it could be mistaken for. */
const formats: readonly WireFormat[] = [openaiCompletions, openaiChat];

/** Names by which the same API is known elsewhere. */
const apiAliases: Readonly<Record<string, string>> = {
  chat: 'chat.completions',
  'openai-compatible': 'chat.completions',
};

/**
 * The format a provider speaks on an API; null when we know none. A provider that has no format of its own for an
 * API is read as the API's first owner writes it: OpenAI's or Anthropic's shape.
 */
export function formatOf(provider: string, api: string): WireFormat | null {
  const wanted = apiName(api);
  const own = formats.find((format) => format.provider === provider && format.api === wanted);
  return (
    own ?? formats.find((format) => originators.includes(format.provider) && format.api === wanted) ?? null
  );
}

/** The most specific format that one of the payloads can only be. */
export function formatFitting(payloads: readonly JsonObject[]): WireFormat | null {
  return formats.find((format) => payloads.some((json) => format.fits(json))) ?? null;
}

export function knownApis(): readonly string[] {
  return [...new Set(formats.map((format) => format.api))];
}

/** `/v1/chat/completions`, `chat` and `chat.completions` are one API. */
export function apiName(api: string): string {
  const plain = api
    .toLowerCase()
    .replace(/^\/?(v\d\w*\/)?/, '')
    .replaceAll('/', '.');
  return apiAliases[plain] ?? plain;
}

/** Providers whose APIs others imitate. */
const originators: readonly string[] = ['openai', 'anthropic'];
