import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import type { ErrorCode } from '../errors/codes.ts';
import type { Booked, Ending } from '../meter/call.ts';
import { statusOf } from '../meter/wire/status.ts';
import type { StreamFilter } from '../meter/wire/usage-chunk-filter.ts';
import { providerError, send } from './answer.ts';
import type { Drains } from './drains.ts';
import { headersToClient } from './passed-headers.ts';
import type { Flavour } from './provider.ts';

/** What reads along, and has the last word before the client's answer ends. */
export interface Watcher {
  chunk(bytes: Buffer): void;
  finish(ending: Ending): Promise<Booked>;
}

export interface ExchangeOptions {
  readonly response: ServerResponse;
  readonly flavour: Flavour;
  /** Null on routes where nothing is billed. */
  readonly watcher: Watcher | null;
  /** Headers of ours on the answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** And those that can be said once the call is booked. */
  readonly bookedHeaders: (booked: Booked) => Promise<Readonly<Record<string, string>>>;
  readonly filter: StreamFilter | null;
  readonly answerBytesMax: number;
  readonly answerMs: number;
  readonly drains: Drains;
}

/**
 * One answer on its way from provider to client. A stream passes as it comes; a whole answer waits for its settle, so
 * that its headers can say what it cost. Neither ends at the client before the books are written.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Resolves when the answer has ended on both sides and is booked. */
  readonly done: Promise<void>;
  readonly #options: ExchangeOptions;
  readonly #total: NodeJS.Timeout;
  #resolve!: () => void;
  #controller: Dispatcher.DispatchController | null = null;
  /** From the moment the request may have left: then it may have been billed. */
  #sent = false;
  /** The provider's; null where no answer began. */
  status: number | null = null;
  #answerHeaders: Record<string, string> = {};
  #streamed = false;
  /** Waits here until it is booked; null once the answer passes as it comes. */
  #waiting: Buffer[] | null = [];
  #waitingBytes = 0;
  #clientGone = false;
  #abortedFor: 'client' | 'time' | 'shutdown' | null = null;
  #endDrain: (() => void) | null = null;
  #finished = false;

  /** What the books said of it; null before its end, and where nothing is booked. */
  booked: Booked | null = null;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#total = setTimeout(() => this.abort('time'), options.answerMs).unref();
    options.response.on('close', () => this.#onClientClose());
    options.response.on('drain', () => this.#controller?.resume());
  }

  /** For a client that left before the call began. */
  cancel(): void {
    this.#clientGone = true;
    this.#abortedFor = 'client';
    void this.#finish('aborted', null);
  }

  /** Ends the answer early; what was produced by then is booked. */
  abort(why: 'client' | 'time' | 'shutdown'): void {
    this.#abortedFor ??= why;
    this.#controller?.abort(new Error(`aborted: ${why}`));
  }

  /** Called before the first byte is written; what is aborted here never leaves. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#abortedFor === null) this.#sent = true;
    else controller.abort(new Error(`aborted: ${this.#abortedFor}`));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.status = status;
    this.#answerHeaders = headersToClient(headers);
    this.#streamed = /^text\/event-stream\b/i.test(headers['content-type'] ?? '');
    if (this.#streamed || this.#options.watcher === null) this.#startPassing({});
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#options.watcher?.chunk(chunk);
    if (this.#waiting === null) {
      this.#write(
        this.#options.filter && this.#streamed ? this.#options.filter.push(chunk) : chunk,
        controller,
      );
      return;
    }
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes <= this.#options.answerBytesMax) return;
    const waiting = this.#waiting;
    this.#startPassing({});
    this.#write(Buffer.concat(waiting), controller);
  }

  onResponseEnd(): void {
    void this.#finish('complete', null);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    void this.#finish(this.#abortedFor === null || this.#abortedFor === 'time' ? 'error' : 'aborted', error);
  }

  async #finish(ended: Ending['ended'], error: Error | null): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    clearTimeout(this.#total);
    const ending = { ended, sent: this.#sent, httpStatus: this.status, streamed: this.#streamed };
    const booked = (await this.#options.watcher?.finish(ending)) ?? null;
    this.booked = booked;
    this.#endDrain?.();
    if (!this.#clientGone) {
      if (ended === 'complete') await this.#endWhole(booked);
      else this.#endCut(error);
    }
    this.#resolve();
  }

  async #endWhole(booked: Booked | null): Promise<void> {
    const { response, filter, bookedHeaders } = this.#options;
    if (this.#waiting === null) {
      response.end(this.#streamed ? filter?.end() : undefined);
      return;
    }
    const body = this.#waiting.length === 1 ? this.#waiting[0]! : Buffer.concat(this.#waiting);
    const told = booked === null ? {} : await bookedHeaders(booked);
    this.#startPassing({
      ...told,
      ...(this.status === 204 || this.status === 304 ? {} : { 'content-length': String(body.length) }),
    });
    response.end(body);
  }

  /** What the client has seen no beginning of gets an error; the rest of a cut answer stays missing. */
  #endCut(error: Error | null): void {
    const { response, flavour, headers, filter } = this.#options;
    if (response.headersSent) {
      setTimeout(() => response.destroy(), flushMs).unref();
      response.write(filter?.end() ?? '', () => response.destroy());
      return;
    }
    const { code, message } = causeOf(error, this.#abortedFor);
    send(response, providerError(flavour, { status: statusOf(code), code, message, headers }));
  }

  #startPassing(more: Readonly<Record<string, string>>): void {
    this.#waiting = null;
    const { response, headers } = this.#options;
    if (this.#clientGone) return;
    response.writeHead(this.status!, { ...this.#answerHeaders, ...headers, ...more });
    if (this.#streamed) response.flushHeaders();
  }

  #write(bytes: Buffer, controller: Dispatcher.DispatchController): void {
    if (this.#clientGone || bytes.length === 0) return;
    if (!this.#options.response.write(bytes)) controller.pause();
  }

  /** Read on for the usage where that is allowed, else stop the provider. */
  #onClientClose(): void {
    if (this.#finished || this.#options.response.writableFinished) return;
    this.#clientGone = true;
    const drainable = this.#options.watcher !== null && this.#sent;
    this.#endDrain = drainable ? this.#options.drains.begin(() => this.abort('client')) : null;
    if (this.#endDrain === null) this.abort('client');
    else this.#controller?.resume();
  }
}

/** How long the last bytes of a cut answer may take to reach their client. */
const flushMs = 5_000;

function causeOf(
  error: Error | null,
  why: string | null,
): { readonly code: ErrorCode; readonly message: string } {
  const name = (error as NodeJS.ErrnoException | null)?.code ?? '';
  if (why === 'time' || /TIMEOUT/.test(name)) {
    return { code: 'provider_timeout', message: 'The provider did not answer in time.' };
  }
  if (why === 'shutdown') {
    return { code: 'shutting_down', message: 'The gateway was stopped before the provider answered.' };
  }
  const cause = name === '' ? '' : ` (${name})`;
  return {
    code: 'provider_unreachable',
    message: `The provider could not be reached, or broke off${cause}.`,
  };
}
