import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { NanocentError } from '../errors/error.ts';
import type { GatewayBounds } from './bounds.ts';
import { type JsonMember, jsonMembers } from './json-members.ts';

/** A request's JSON object: the bytes as they came, and what was read from them. */
export interface RequestBody {
  readonly bytes: Buffer;
  readonly text: string;
  /** Own enumerable members only; never merged into anything. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly members: readonly JsonMember[];
}

/** Throws body_too_large, body_malformed or field_invalid. */
export async function readJsonBody(request: IncomingMessage, bounds: GatewayBounds): Promise<RequestBody> {
  assertJsonType(request);
  const bytes = await readBytes(request, bounds.bodyBytesMax);
  if (!isUtf8(bytes)) throw malformed('the body is not UTF-8');
  const text = bytes.toString('utf8');
  const { members, depth } = jsonMembers(text);
  if (depth > bounds.bodyDepthMax) {
    throw malformed(`the body is nested ${depth} levels deep, more than ${bounds.bodyDepthMax}`);
  }
  const json = parseObject(text);
  const names = members.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    // Two readers of one body must not see two different calls.
    throw malformed(`the body names ${JSON.stringify(twice.slice(0, 40))} twice`);
  }
  return { bytes, text, json, members };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw malformed('the body is not valid JSON', error);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw malformed('the body is not a JSON object');
  }
  return json as Readonly<Record<string, unknown>>;
}

/** A page of another site can send a form without asking first, but not JSON: the type is part of the guard. */
function assertJsonType(request: IncomingMessage): void {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new NanocentError('field_invalid', 'the body must be JSON', {
      field: 'content-type',
      fix: 'send content-type: application/json',
    });
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new NanocentError('field_invalid', `a body in encoding ${encoding} cannot be metered`, {
      field: 'content-encoding',
      fix: 'send the body uncompressed',
    });
  }
}

async function readBytes(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  const announced = request.headers['content-length'];
  if (announced !== undefined && BigInt(announced) > BigInt(bytesMax)) throw tooLarge(bytesMax);
  for await (const chunk of request) {
    length += chunk.length;
    if (length > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length);
}

function tooLarge(bytesMax: number): NanocentError {
  return new NanocentError('body_too_large', `the body is larger than ${bytesMax} bytes`, {
    data: { bytesMax },
  });
}

function malformed(message: string, cause?: unknown): NanocentError {
  return new NanocentError('body_malformed', message, cause === undefined ? {} : { cause });
}
