import type { JsonBody } from './json-body.ts';

const asked = '"stream_options":{"include_usage":true}';

/** The body to send on, and whether the stream's last usage chunk is there only for us. */
export interface OutgoingBody {
  readonly bytes: Buffer;
  readonly addedUsage: boolean;
}

/**
 * A chat stream tells its usage only when asked to. Where the client did not ask, the member is put in by text, so
 * that every other byte of the body stays as it was.
 */
export function askForUsage(body: JsonBody, api: string): OutgoingBody {
  const { stream, stream_options: options } = body.json;
  const wants = isObject(options) && options.include_usage === true;
  // What is no object is the provider's to refuse.
  const odd = options !== undefined && options !== null && !isObject(options);
  if (api !== 'chat.completions' || stream !== true || wants || odd) {
    return { bytes: body.bytes, addedUsage: false };
  }
  return { bytes: Buffer.from(withUsage(body, options)), addedUsage: true };
}

function withUsage({ text, members }: JsonBody, options: unknown): string {
  const member = members.find(({ name }) => name === 'stream_options');
  if (member === undefined) {
    const start = text.indexOf('{') + 1;
    return `${text.slice(0, start)}${asked},${text.slice(start)}`;
  }
  const value = isObject(options) ? { ...options, include_usage: true } : { include_usage: true };
  return `${text.slice(0, member.valueStart)}${JSON.stringify(value)}${text.slice(member.valueEnd)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
