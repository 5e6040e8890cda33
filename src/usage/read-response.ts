import { NanocentError } from '../errors/error.ts';
import { rawElements } from './exact.ts';
import type { JsonObject, WireFormat } from './format.ts';
import { defaultBounds, openFramer, textOf } from './framing.ts';
import { openReader } from './reader.ts';
import type { Reading } from './reading.ts';
import { apiName, formatFitting, formatOf } from './registry.ts';
import { readableJson, wholeMembers } from './salvage.ts';

/** Where a recorded answer is from. */
export interface ResponseSource {
  /** Found out from the body when not given. */
  readonly provider?: string;
  readonly api?: string;
}

/**
 * Reads a recorded response: a JSON body, server-sent events, one payload per line or a binary event stream; whole
 * or cut (then `partial`). Throws `body_malformed` when it is nothing we know, `field_invalid` for an unknown API.
 */
export function readResponse(body: Uint8Array | string, source: ResponseSource = {}): Reading {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const payloads = payloadsOf(bytes);
  if (payloads.length === 0)
    throw malformed(bytes.byteLength === 0 ? 'It is empty' : 'It holds no JSON object');
  const reader = openReader({ ...sourceOf(payloads, source), framing: 'auto', ...recordedBounds });
  reader.chunk(bytes);
  return reader.finish();
}

/** A recorded body is in memory as a whole already. */
const recordedBounds = {
  eventBytesMax: defaultBounds.bodyBytesMax,
  bodyBytesMax: defaultBounds.bodyBytesMax,
};

function sourceOf(
  payloads: readonly JsonObject[],
  source: ResponseSource,
): { provider: string; api: string } {
  const { provider, api } = source;
  if (provider !== undefined && api !== undefined) return { provider, api };
  const fitting = formatFitting(payloads, (format) => mayBe(format, source));
  if (fitting !== null) return { provider: provider ?? fitting.provider, api: api ?? fitting.api };
  const shape = provider === undefined ? null : formatFitting(payloads, () => true);
  if (provider !== undefined && shape !== null) return { provider, api: shape.api };
  if (api !== undefined && formatOf('openai', api) !== null)
    return { provider: formatOf('openai', api)!.provider, api };
  throw malformed('No payload has the shape of a response we know');
}

function mayBe(format: WireFormat, source: ResponseSource): boolean {
  if (source.provider !== undefined) return format.provider === source.provider;
  return source.api === undefined || format.api.toLowerCase() === apiName(source.api);
}

/** Every object in the body, whatever its framing; not bounded beyond the body itself. */
function payloadsOf(bytes: Uint8Array): readonly JsonObject[] {
  const payloads: JsonObject[] = [];
  const add = (text: string): boolean => {
    const json = readableJson(text);
    if (json !== null) payloads.push(json);
    return json !== null;
  };
  const sink = {
    payload: (text: string) => void add(textOf(text)),
    tail: (text: string) => {
      const decoded = textOf(text);
      if (add(decoded)) return;
      for (const element of rawElements(decoded) ?? []) add(element);
      if (payloads.length === 0) add(wholeMembers(decoded) ?? '');
    },
    lost: () => {},
  };
  const framer = openFramer('auto', sink, recordedBounds);
  framer.push(bytes);
  framer.end();
  return payloads;
}

function malformed(why: string): NanocentError {
  return new NanocentError('body_malformed', `The response cannot be read. ${why}.`, {
    field: 'body',
    fix: 'Expected is a provider\'s response as it was sent: a JSON object, server-sent events ("data: {…}") or one JSON object per line; name the provider and API if it is one.',
  });
}
