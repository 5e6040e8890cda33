import { formatUsd } from '../money/index.ts';
import type { Booked, Ending, MeteredCall } from './call.ts';
import { type StreamFilter, usageChunkFilter } from './wire/usage-chunk-filter.ts';

export interface WatchOptions {
  readonly dropUsageChunk: boolean;
  /** What the tightest cost limit leaves once the call is booked, in nanocents; null where none bounds it. */
  readonly remaining: () => Promise<bigint | null>;
}

/** A stream that nobody reads is stopped after this long, and what came by then is booked. */
const idleMs = 10 * 60_000;

/**
 * The provider's answer as its client sees it. A whole answer is read here and booked before it is handed on, with its cost
 * in the headers; a stream passes as it comes and is booked before it ends.
 */
export async function watchedAnswer(
  answer: Response,
  call: MeteredCall,
  options: WatchOptions,
): Promise<Response> {
  const streamed = /^text\/event-stream\b/i.test(answer.headers.get('content-type') ?? '');
  const ending = (ended: Ending['ended']): Ending => ({
    ended,
    sent: true,
    httpStatus: answer.status,
    streamed,
  });
  const whole = async (body: Uint8Array<ArrayBuffer> | null) => {
    const booked = await call.finish(ending('complete'));
    // The answer goes on without what cannot be read.
    const left = booked.outcome === 'settled' ? await options.remaining().catch(() => null) : null;
    return handedOn(answer, body, call, bookedHeaders(booked, left));
  };
  if (answer.body === null) return whole(null);
  if (streamed) {
    const filter = options.dropUsageChunk ? usageChunkFilter() : null;
    const body = watchedStream(answer.body, call, filter, ending);
    return handedOn(answer, body, call, {});
  }
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    await call.finish(ending('error'));
    throw error;
  }
  call.chunk(bytes);
  return whole(bytes);
}

/** What a call cost, and in `left` what the tightest cost limit leaves, for the headers of its answer. */
export function bookedHeaders(booked: Booked, left: bigint | null): Readonly<Record<string, string>> {
  if (booked.outcome !== 'settled' || booked.nanocents === null) return {};
  return {
    'x-nanocent-cost-usd': formatUsd(booked.nanocents),
    'x-nanocent-cost-nanocents': String(booked.nanocents),
    ...(left === null ? {} : { 'x-nanocent-remaining-usd': formatUsd(left) }),
  };
}

function handedOn(
  answer: Response,
  body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | null,
  call: MeteredCall,
  more: Readonly<Record<string, string>>,
): Response {
  const { status, statusText } = answer;
  const handed = new Response(body, { status, statusText, headers: answer.headers });
  const { headers } = handed;
  headers.set('x-nanocent-call-id', call.id);
  headers.set('x-nanocent-reserved-usd', formatUsd(call.heldNanocents));
  for (const name in more) headers.set(name, more[name]!);
  // The body is decoded already, and may be shorter by the usage that only we had asked for.
  headers.delete('content-encoding');
  headers.delete('content-length');
  Object.defineProperty(handed, 'url', { value: answer.url });
  return handed;
}

function watchedStream(
  source: ReadableStream<Uint8Array>,
  call: MeteredCall,
  filter: StreamFilter | null,
  ending: (ended: Ending['ended']) => Ending,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let idle: NodeJS.Timeout;
  const watchIdle = () => {
    clearTimeout(idle);
    idle = setTimeout(() => void stop('nobody read the answer'), idleMs).unref();
  };
  const stop = async (reason: unknown) => {
    clearTimeout(idle);
    await Promise.allSettled([reader.cancel(reason), call.finish(ending('aborted'))]);
  };
  watchIdle();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        watchIdle();
        try {
          for (;;) {
            const { done, value } = await reader.read();
            if (done) break;
            call.chunk(value);
            const passed = filter
              ? filter.push(Buffer.from(value.buffer, value.byteOffset, value.length))
              : value;
            if (passed.length > 0) return controller.enqueue(passed);
          }
          clearTimeout(idle);
          const rest = filter?.end();
          if (rest?.length) controller.enqueue(rest);
          await call.finish(ending('complete'));
          controller.close();
        } catch (error) {
          clearTimeout(idle);
          await call.finish(ending((error as Error).name === 'AbortError' ? 'aborted' : 'error'));
          controller.error(error);
        }
      },
      cancel: stop,
    },
    // Nothing is read ahead of the client.
    { highWaterMark: 0 },
  );
}
