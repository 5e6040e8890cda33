import type { TrackInput } from '../core/track.ts';
import { NanocentError } from '../errors/error.ts';
import { nearest } from '../errors/nearest.ts';
import { parseNanocents, parseUsd, usdFromNumber } from '../money/index.ts';
import { lineBytesMax } from './lines.ts';
import { visible } from './text.ts';

const plainFields = [
  'model',
  'requestedModel',
  'provider',
  'endpoint',
  'caller',
  'username',
  'project',
  'session',
  'purpose',
  'key',
  'tags',
  'promptTokens',
  'completionTokens',
  'totalTokens',
  'localPromptTokens',
  'localCompletionTokens',
  'localTotalTokens',
  'cachedTokens',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'toolCalls',
  'timestamp',
  'idempotencyKey',
] as const;

/** Other names of the same fields, as the options, the seeds' columns and our own documents spell them. */
const otherNames: Readonly<Record<string, string>> = {
  callerName: 'caller',
  user: 'username',
  userName: 'username',
  projectName: 'project',
  modelName: 'model',
  at: 'timestamp',
  datetime: 'timestamp',
  executionTime: 'executionSeconds',
  usd: 'cost',
};
const readFields = ['cost', 'nanocents', 'executionSeconds'];
const known: readonly string[] = [...plainFields, ...readFields];

/**
 * One JSON line as a call. Null is "left out". Throws body_malformed for what is no object, field_invalid for an
 * unknown field, amount_invalid for a cost that is none.
 */
export function trackLine(text: string, tooLong: boolean): TrackInput {
  const fields = fieldsOf(parse(text, tooLong));
  const { cost, nanocents, executionSeconds, ...rest } = fields;
  if (cost !== undefined && nanocents !== undefined) {
    throw invalid('cost', 'cost and nanocents both say what it cost', 'leave one of them out');
  }
  return {
    ...(rest as unknown as TrackInput),
    ...(rest.tags === undefined ? {} : { tags: tagsOf(rest.tags) }),
    nanocents: cost === undefined ? nanocentsOf(nanocents) : costOf(cost),
    executionMicroseconds: microsecondsOf(executionSeconds),
  };
}

function parse(text: string, tooLong: boolean): Record<string, unknown> {
  if (tooLong) throw new NanocentError('body_malformed', `longer than ${lineBytesMax} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's words repeat the line; ours do not.
    throw new NanocentError('body_malformed', 'not JSON', { fix: 'write one JSON object a line' });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new NanocentError('body_malformed', 'not a JSON object', { fix: 'write one JSON object a line' });
}

function fieldsOf(value: Record<string, unknown>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(value)) {
    const camel = name.replace(/[_-](\w)/g, (_, letter: string) => letter.toUpperCase());
    const field = otherNames[camel] ?? camel;
    if (!known.includes(field)) throw unknownField(name);
    if (one === null) continue;
    if (fields[field] !== undefined) {
      throw invalid(name, `${visible(name)} says ${field} a second time`, 'leave one of them out');
    }
    fields[field] = one;
  }
  return fields;
}

function unknownField(name: string): NanocentError {
  const near = nearest(name, known);
  return invalid(name, `there is no field ${visible(name)}`, near ? `did you mean ${near}?` : 'leave it out');
}

function costOf(cost: unknown): bigint {
  if (typeof cost === 'string') return parseUsd(cost, { field: 'cost' });
  return usdFromNumber(cost as number, { field: 'cost' });
}

function nanocentsOf(nanocents: unknown): bigint | undefined {
  if (nanocents === undefined) return undefined;
  if (typeof nanocents === 'string') return parseNanocents(nanocents, { field: 'nanocents' });
  if (Number.isSafeInteger(nanocents)) return BigInt(nanocents as number);
  throw new NanocentError('amount_invalid', 'nanocents is not a whole number', {
    field: 'nanocents',
    fix: 'write it as a decimal string',
  });
}

function microsecondsOf(seconds: unknown): number | undefined {
  if (seconds === undefined) return undefined;
  if (typeof seconds === 'number' && Number.isFinite(seconds)) return Math.round(seconds * 1e6);
  throw invalid('executionSeconds', 'executionSeconds is not a number', 'give seconds, such as 1.5');
}

function tagsOf(tags: unknown): Readonly<Record<string, string>> {
  if (typeof tags === 'object' && tags !== null && !Array.isArray(tags))
    return tags as Record<string, string>;
  throw invalid('tags', 'tags is not an object', 'write it as {"name": "value"}');
}

function invalid(field: string, message: string, fix: string): NanocentError {
  return new NanocentError('field_invalid', message, { field, fix });
}
