import { isUtf8 } from 'node:buffer';
import { NanocentError } from '../../errors/error.ts';
import { type JsonMember, jsonMembers } from './json-members.ts';

/** A request's JSON object: the bytes as they came, and what was read from them. */
export interface JsonBody {
  readonly bytes: Buffer;
  readonly text: string;
  /** Own enumerable members only; never merged into anything. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly members: readonly JsonMember[];
}

/** Throws body_malformed for what is no JSON object in UTF-8, is nested deeper than allowed, or names a member twice. */
export function parseJsonBody(bytes: Buffer, depthMax: number): JsonBody {
  if (!isUtf8(bytes)) throw malformed('the body is not UTF-8');
  const text = bytes.toString('utf8');
  const { members, depth } = jsonMembers(text);
  if (depth > depthMax) throw malformed(`the body is nested ${depth} levels deep, more than ${depthMax}`);
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

function malformed(message: string, cause?: unknown): NanocentError {
  return new NanocentError('body_malformed', message, cause === undefined ? {} : { cause });
}
