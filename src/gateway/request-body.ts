import type { IncomingMessage } from 'node:http';
import { NanocentError } from '../errors/error.ts';
import { type JsonBody, parseJsonBody } from '../meter/wire/json-body.ts';
import type { GatewayBounds } from './bounds.ts';

/** Throws body_too_large, body_malformed or field_invalid. */
export async function readJsonBody(request: IncomingMessage, bounds: GatewayBounds): Promise<JsonBody> {
  assertJsonType(request);
  return parseJsonBody(await readBytes(request, bounds.bodyBytesMax), bounds.bodyDepthMax);
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
