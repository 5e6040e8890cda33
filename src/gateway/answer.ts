import type { ServerResponse } from 'node:http';
import type { Dialect } from '../meter/wire/endpoint.ts';
import { errorDocument, type Problem } from '../meter/wire/provider-error.ts';

/** A whole answer of our own. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export function jsonAnswer(status: number, document: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: `${JSON.stringify(document)}\n`,
  };
}

/** An error as the client of that provider parses it. */
export function providerError(dialect: Dialect, problem: Problem): Answer {
  return jsonAnswer(problem.status, errorDocument(dialect, problem), { ...problem.headers });
}

export function send(response: ServerResponse, answer: Answer, withBody = true): void {
  if (response.headersSent || response.destroyed) return;
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': body.byteLength,
    'x-content-type-options': 'nosniff',
  });
  response.end(withBody ? body : undefined);
}
