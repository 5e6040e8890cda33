import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What to answer one request with, byte by byte if need be. */
export interface FakeAnswer {
  /** 200 when left out. */
  readonly status?: number;
  /** JSON's or a stream's content type is set by the body when left out. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Writes of at most this many bytes each; one write when left out. */
  readonly chunkBytes?: number;
  /** Not before this resolves. */
  readonly after?: Promise<unknown>;
  /** Before the headers, and between two writes. */
  readonly firstMs?: number;
  readonly betweenMs?: number;
  /** The connection breaks after this many bytes of body; −1 breaks it before the headers. */
  readonly cutAfterBytes?: number;
  /** Goes on waiting after the last byte, without an end. */
  readonly hangs?: boolean;
}

/** A request as it reached the fake provider. */
export interface FakeRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** A provider on a local port that plays answers back and remembers what it was asked. */
export interface FakeProvider extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly FakeRequest[];
  /** How many answers broke off because the other side left. */
  readonly leftEarly: number;
  /** From now on. A list is played in order, its last element for ever. */
  answerWith(answer: FakeAnswer | readonly FakeAnswer[] | ((request: FakeRequest) => FakeAnswer)): void;
  close(): Promise<void>;
}

/** Starts one that answers 404 until told otherwise. */
export async function startFakeProvider(): Promise<FakeProvider> {
  const requests: FakeRequest[] = [];
  let next: (request: FakeRequest) => FakeAnswer = () => ({
    status: 404,
    body: '{"error":{"message":"nothing to play"}}',
  });
  let leftEarly = 0;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const request = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    requests.push(request);
    response.on('close', () => {
      if (!response.writableEnded) leftEarly += 1;
    });
    await play(next(request), response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.close();
    server.closeAllConnections();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get leftEarly() {
      return leftEarly;
    },
    answerWith(answer) {
      if (typeof answer === 'function') next = answer;
      else next = inTurn(Array.isArray(answer) ? answer : [answer]);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function inTurn(answers: readonly FakeAnswer[]): () => FakeAnswer {
  let position = 0;
  return () => answers[Math.min(position++, answers.length - 1)]!;
}

async function play(answer: FakeAnswer, response: ServerResponse): Promise<void> {
  const body = Buffer.from(answer.body as string);
  const cut = answer.cutAfterBytes;
  await answer.after;
  if (answer.firstMs) await pause(answer.firstMs);
  if (cut === -1) {
    response.destroy();
    return;
  }
  response.writeHead(answer.status ?? 200, { 'content-type': typeOf(body), ...answer.headers });
  response.flushHeaders();
  const whole = cut === undefined ? body : body.subarray(0, cut);
  const size = answer.chunkBytes ?? Math.max(whole.length, 1);
  for (let at = 0; at < whole.length && !response.destroyed; at += size) {
    if (at > 0 && answer.betweenMs) await pause(answer.betweenMs);
    if (!response.write(whole.subarray(at, at + size)) && !response.destroyed) {
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
  }
  if (cut !== undefined) {
    // What was written must arrive before the break.
    response.write('', () => response.destroy());
  } else if (!answer.hangs) {
    response.end();
  }
}

function typeOf(body: Buffer): string {
  return /^\s*[{[]/.test(body.toString('latin1', 0, 16))
    ? 'application/json'
    : 'text/event-stream; charset=utf-8';
}
