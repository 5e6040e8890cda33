import type { ErrorCode } from '../../errors/codes.ts';
import { NanocentError } from '../../errors/error.ts';
import type { Dialect } from './endpoint.ts';
import { statusOf } from './status.ts';

export interface Problem {
  readonly status: number;
  readonly code: ErrorCode;
  /** What happened and what to do next. */
  readonly message: string;
  /** The field or header at fault. */
  readonly field?: string | undefined;
  /** Facts for programs, inside the error. */
  readonly nanocent?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error of ours in the shape that the provider's own client parses, so that it raises its own typed error. */
export function errorDocument(dialect: Dialect, problem: Problem): object {
  const { status, code, message, field, nanocent } = problem;
  const facts = { nanocent: { code, ...nanocent } };
  switch (dialect) {
    case 'anthropic':
      return { type: 'error', error: { type: anthropicType(status), message, ...facts } };
    case 'google':
      return { error: { code: status, message, status: googleStatus(status), ...facts } };
    case 'openai':
      return { error: { message, type: openaiType(status), param: field ?? null, code, ...facts } };
  }
}

/** A thrown error as a problem; what is not ours says nothing of its inside. */
export function problemOf(error: unknown): Problem {
  if (!NanocentError.is(error)) {
    return { status: 500, code: 'plan_impossible', message: 'The gateway failed; its log says where.' };
  }
  const status = statusOf(error.code);
  const message = error.fix === undefined ? error.message : `${error.message}: ${error.fix}`;
  const retry = status === 503 ? { 'retry-after': '1' } : undefined;
  return { status, code: error.code, message, field: error.field, ...(retry ? { headers: retry } : {}) };
}

/** https://platform.claude.com/docs/en/api/errors (checked 2026-11-22) */
function anthropicType(status: number): string {
  const types: Readonly<Record<number, string>> = {
    401: 'authentication_error',
    402: 'billing_error',
    403: 'permission_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    503: 'overloaded_error',
    504: 'timeout_error',
  };
  return types[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
}

/** https://developers.openai.com/api/docs/guides/error-codes (checked 2026-11-22) */
function openaiType(status: number): string {
  const types: Readonly<Record<number, string>> = {
    402: 'insufficient_quota',
    429: 'rate_limit_exceeded',
  };
  return types[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error');
}

/** https://cloud.google.com/apis/design/errors (from the researched notes, 2026-11-22) */
function googleStatus(status: number): string {
  const names: Readonly<Record<number, string>> = {
    401: 'UNAUTHENTICATED',
    402: 'FAILED_PRECONDITION',
    403: 'PERMISSION_DENIED',
    404: 'NOT_FOUND',
    409: 'ABORTED',
    429: 'RESOURCE_EXHAUSTED',
    503: 'UNAVAILABLE',
    504: 'DEADLINE_EXCEEDED',
  };
  return names[status] ?? (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
}
