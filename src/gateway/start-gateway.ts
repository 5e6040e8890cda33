import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lookAfter } from '../core/look-after.ts';
import { NanocentError } from '../errors/error.ts';
import { createMeter } from '../meter/meter.ts';
import { answerRequest } from './answer-request.ts';
import { defaultBounds, type GatewayBounds } from './bounds.ts';
import { Drains } from './drains.ts';
import type { Exchange } from './exchange.ts';
import type { Gateway, GatewayEvent, GatewayOptions } from './gateway.ts';
import { isLoopback } from './local-only.ts';
import type { Provider } from './provider.ts';
import { routesFor } from './routes.ts';
import type { GatewayState } from './state.ts';
import { openUpstreams } from './upstream.ts';

/** Between two looks for holds whose deadline has passed. */
const sweepMs = 5_000;
/** How long clients may take to read the end of their answers when the gateway stops. */
const farewellMs = 5_000;

/**
 * Starts the gateway; it serves when this resolves. Throws config_invalid for an address beyond this machine or a
 * provider that is the gateway itself, address_in_use for a busy port, and what the store throws when it is not there.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const host = options.host ?? '127.0.0.1';
  if (!isLoopback(host)) {
    throw new NanocentError(
      'config_invalid',
      `the gateway has no keys yet, so it may not listen on ${host}`,
      {
        field: 'host',
        fix: 'listen on 127.0.0.1, and reach it from elsewhere through an SSH tunnel',
      },
    );
  }
  const running = new RunningGateway(options);
  await running.start(host, options.port ?? 4141);
  return running;
}

class RunningGateway implements Gateway {
  readonly #options: GatewayOptions;
  readonly #bounds: GatewayBounds;
  readonly #upstreams: ReturnType<typeof openUpstreams>;
  readonly #server: Server;
  readonly #log: (event: GatewayEvent) => void;
  readonly #exchanges = new Set<Exchange>();
  /** Requests being answered, those without an exchange included. */
  readonly #answering = new Set<Promise<void>>();
  #sweep: NodeJS.Timeout | null = null;
  #closed: Promise<void> | null = null;
  #url = '';

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#bounds = { ...defaultBounds, ...options.bounds };
    this.#log = options.log ?? (() => {});
    this.#upstreams = openUpstreams(options.providers, this.#bounds);
    this.#server = createBoundedServer(this.#bounds);
  }

  get url(): string {
    return this.#url;
  }

  get active(): number {
    return this.#exchanges.size;
  }

  async start(host: string, port: number): Promise<void> {
    const { ledger } = this.#options.context;
    // What an earlier process left must not stand in the way of the first call.
    await this.#lookAfter();
    const { ledgerId } = await ledger.reads.facts();
    await listen(this.#server, host, port);
    const { address, family, port: bound } = this.#server.address() as AddressInfo;
    this.#url = `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
    const own = this.#options.providers.find((provider) => isOwnAddress(provider, bound));
    if (own !== undefined || !isLoopback(address)) {
      this.#server.close();
      throw own === undefined ? beyond(address) : loop(own);
    }
    this.#serve(ledgerId);
    this.#sweep = setInterval(() => void this.#lookAfter(), sweepMs).unref();
    this.#log({ event: 'started', url: this.#url });
  }

  close(): Promise<void> {
    if (this.#closed === null) {
      this.#closed = this.#close();
    } else {
      for (const exchange of this.#exchanges) exchange.abort('shutdown');
      this.#server.closeIdleConnections();
    }
    return this.#closed;
  }

  #serve(pepper: string): void {
    const state = this.#state();
    const routes = routesFor(this.#options.providers);
    const closing = () => this.#closed !== null;
    const shared = {
      state,
      routes,
      pepper,
      own: { context: state.context, pages: this.#options.pages, address: this.#url, closing },
    };
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const answering = answerRequest(shared, request, response).finally(() =>
        this.#answering.delete(answering),
      );
      this.#answering.add(answering);
    });
  }

  #state(): GatewayState {
    const { context } = this.#options;
    const log = this.#log;
    return {
      context,
      bounds: this.#bounds,
      drains: new Drains(this.#bounds.drainsMax, this.#bounds.drainMs),
      log,
      meter: createMeter(context, {
        onUnsettled: (request, error) =>
          log({ event: 'settle_failed', callId: request.id, code: codeOf(error), message: messageOf(error) }),
        onSpooled: ({ id }) => log({ event: 'settle_spooled', callId: id }),
        onRenewFailed: (callId, error) => log({ event: 'renew_failed', callId, code: codeOf(error) }),
      }),
      run: async (exchange, { route, response, target }, request) => {
        this.#exchanges.add(exchange);
        if (response.destroyed) exchange.cancel();
        else this.#upstreams.poolOf(route.provider).dispatch({ ...request, path: target }, exchange);
        await exchange.done;
        this.#exchanges.delete(exchange);
      },
    };
  }

  /** What could not be done now is tried again at the next sweep. */
  #lookAfter(): Promise<void> {
    return lookAfter(this.#options.context, (event, error) => this.#log({ event, code: codeOf(error) }));
  }

  async #close(): Promise<void> {
    if (this.#sweep !== null) clearInterval(this.#sweep);
    const closed = once(this.#server, 'close');
    this.#server.close();
    while (this.#answering.size > 0) await Promise.all(this.#answering);
    const idle = setInterval(() => this.#server.closeIdleConnections(), 20);
    const farewell = setTimeout(() => this.#server.closeAllConnections(), farewellMs);
    await closed;
    clearInterval(idle);
    clearTimeout(farewell);
    await this.#upstreams.close();
    this.#log({ event: 'stopped' });
  }
}

function createBoundedServer(bounds: GatewayBounds): Server {
  const server = createServer({
    maxHeaderSize: bounds.headerBytesMax,
    headersTimeout: bounds.requestHeadersMs,
    requestTimeout: bounds.requestMs,
    connectionsCheckingInterval: 5_000,
    keepAliveTimeout: 65_000,
  });
  // A client that neither reads nor writes for longer than any answer may take to begin or go on.
  server.timeout = bounds.answerStartMs + bounds.answerIdleMs;
  server.maxConnections = bounds.connectionsMax;
  // One more than is allowed, so that too many can be told from just enough.
  server.maxHeadersCount = bounds.headersMax + 1;
  return server;
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new NanocentError('address_in_use', `port ${port} of ${host} is taken by another program`, {
        field: 'port',
        fix: 'choose another with --port, or 0 for any free one',
        cause: error,
      });
    }
    if (code === 'EACCES') {
      throw new NanocentError('permission_denied', `this user may not listen on port ${port}`, {
        field: 'port',
        fix: 'choose a port above 1023 with --port',
        cause: error,
      });
    }
    throw error;
  }
}

function isOwnAddress({ baseUrl }: Provider, port: number): boolean {
  const { hostname, port: target } = new URL(baseUrl);
  return isLoopback(hostname) && Number(target) === port;
}

function loop(provider: Provider): NanocentError {
  return new NanocentError('config_invalid', `the base URL of ${provider.name} is this gateway itself`, {
    field: `${provider.name.toUpperCase()}_BASE_URL`,
    fix: 'unset it where the gateway starts; set it only where clients run',
  });
}

function beyond(address: string): NanocentError {
  return new NanocentError(
    'config_invalid',
    `the name stands for ${address}, which is not this machine alone`,
    {
      field: 'host',
      fix: 'listen on 127.0.0.1',
    },
  );
}

function codeOf(error: unknown): string {
  return NanocentError.is(error) ? error.code : 'unknown';
}

/** Names, ids and amounts: the last place where they are said. */
function messageOf(error: unknown): string {
  return NanocentError.is(error) ? error.message : 'unknown';
}
