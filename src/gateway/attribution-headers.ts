import type { IncomingHttpHeaders } from 'node:http';
import { type AttributionInput, parseAttribution } from '../core/attribution.ts';
import { NanocentError } from '../errors/error.ts';

export type HeaderAttribution = Omit<AttributionInput, 'model'>;

const headerOf = {
  username: 'x-nanocent-user',
  caller: 'x-nanocent-caller',
  project: 'x-nanocent-project',
  purpose: 'x-nanocent-purpose',
  session: 'x-nanocent-session',
} as const;
const tagsHeader = 'x-nanocent-tags';

/** Who a call is for, from its headers. Throws field_invalid, naming the header. */
export function attributionOf(headers: IncomingHttpHeaders): HeaderAttribution {
  const said: Record<string, string> = {};
  for (const [field, header] of Object.entries(headerOf)) {
    const value = textOf(headers[header]);
    if (value !== undefined) said[field] = value;
  }
  const tags = textOf(headers[tagsHeader]);
  const attribution = { ...said, ...(tags === undefined ? {} : { tags: parseTags(tags) }) };
  try {
    parseAttribution({ model: 'any', ...attribution });
  } catch (error) {
    throw named(error);
  }
  return attribution;
}

function parseTags(text: string): Record<string, string> {
  const tags: Record<string, string> = Object.create(null);
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, equals).trim();
    if (equals < 1 || name in tags) {
      throw new NanocentError('field_invalid', `${tagsHeader} has no name=value, or a name twice`, {
        field: tagsHeader,
        fix: 'write it as team=red,feature=search',
      });
    }
    tags[name] = part.slice(equals + 1).trim();
  }
  return { ...tags };
}

/** Header bytes arrive one char per byte; names of people are UTF-8. */
function textOf(value: string | string[] | undefined): string | undefined {
  if (value === undefined) return undefined;
  const latin1 = Array.isArray(value) ? value.join(', ') : value;
  const utf8 = Buffer.from(latin1, 'latin1').toString('utf8');
  return (utf8.includes('\ufffd') ? latin1 : utf8).trim();
}

/** The same error under the name that the caller wrote. */
function named(error: unknown): unknown {
  if (!NanocentError.is(error) || error.field === undefined) return error;
  const field = error.field.split('.')[0]!;
  const header = field === 'tags' ? tagsHeader : (headerOf[field as keyof typeof headerOf] ?? field);
  const message = error.message.replace(error.field, header);
  return new NanocentError(error.code, message, {
    field: header,
    ...(error.fix === undefined ? {} : { fix: error.fix.replace(error.field, header) }),
  });
}
