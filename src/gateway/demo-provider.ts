import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { demoAnswer, demoStream } from './demo-answers.ts';
import type { Provider } from './provider.ts';

/** A provider that answers by itself, without a key and without a cost. */
export interface DemoProvider {
  /** For `startGateway`: the routes `/demo/v1/chat/completions` and `/demo/v1/messages`. */
  readonly providers: readonly Provider[];
  close(): Promise<void>;
}

/** Requests larger than this are no demonstration. */
const bodyBytesMax = 1024 * 1024;

/**
 * A provider of our own on a local port, for trying things out without a key or a network: it answers in OpenAI's and
 * Anthropic's shapes from texts of ours, with counts from the request, under whatever real model name was asked for.
 */
export async function startDemoProvider(): Promise<DemoProvider> {
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const common = { name: 'demo', baseUrl, key: null, open: true };
  return {
    providers: [
      { ...common, flavour: 'openai', pricedAs: 'openai' },
      { ...common, flavour: 'anthropic', pricedAs: 'anthropic' },
    ],
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const flavour = { '/v1/chat/completions': 'openai', '/v1/messages': 'anthropic' } as const;
  const path = (request.url ?? '').split('?', 1)[0]!;
  const shape = Object.hasOwn(flavour, path) ? flavour[path as keyof typeof flavour] : null;
  if (shape === null) {
    return json(response, 404, {
      error: { message: `the demo provider has no ${path}`, type: 'not_found_error' },
    });
  }
  const body = await bodyOf(request);
  if (body === null) {
    return json(response, 400, {
      error: { message: 'the body is no JSON object', type: 'invalid_request_error' },
    });
  }
  if (body.stream !== true) return json(response, 200, demoAnswer(shape, body));
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  for (const event of demoStream(shape, body)) {
    response.write(event);
    // Pieces one after the other, as a model would make them.
    await new Promise((resolve) => setTimeout(resolve, pieceMs));
  }
  response.end();
}

const pieceMs = 15;

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>> | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > bodyBytesMax) return null;
    chunks.push(chunk);
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : null;
  } catch {
    // Said to the caller as what it is.
    return null;
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
