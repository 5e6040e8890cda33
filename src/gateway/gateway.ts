import type { Context } from '../core/context.ts';
import type { GatewayBounds } from './bounds.ts';
import type { Provider } from './provider.ts';

/** What a gateway stands on: books, providers, an address and bounds. */
export interface GatewayOptions {
  /** Of open books: `books.context`. The gateway never closes it. */
  readonly context: Context;
  /** Upstreams; `providersFromEnvironment(process.env)` gives OpenAI and Anthropic. */
  readonly providers: readonly Provider[];
  /** A loopback name or address: `127.0.0.1` when left out. Anything else is refused. */
  readonly host?: string;
  /** 4141 when left out; 0 takes any free port. */
  readonly port?: number;
  /** Pages under `/-/`, such as the dashboard's; asked for whatever the gateway does not answer there itself. */
  readonly pages?: Pages;
  /** One line of facts at a time: ids, numbers and names, never a body or a credential. */
  readonly log?: (event: GatewayEvent) => void;
  readonly bounds?: Partial<GatewayBounds>;
}

/** A gateway that listens. */
export interface Gateway {
  /** `http://127.0.0.1:4141` */
  readonly url: string;
  /** Calls in flight. */
  readonly active: number;
  /** Stops admitting, waits until every call is settled, then resolves; a second call cuts those still running. */
  close(): Promise<void>;
}

/** Answers a page or a file of one; null when there is none at this path. */
export type Pages = (request: PageRequest) => Promise<Page | null>;

/** What a page of the gateway is asked. */
export interface PageRequest {
  readonly method: string;
  /** With the leading `/-/`, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Where the reader reached the gateway: `http://127.0.0.1:4141`. */
  readonly address: string;
}

/** What a page of the gateway answers. */
export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** What happened, as data for a log. */
export interface GatewayEvent {
  readonly event:
    | 'started'
    | 'call'
    | 'refused'
    | 'replay_failed'
    | 'sweep_failed'
    | 'settle_failed'
    | 'settle_spooled'
    | 'renew_failed'
    | 'stopped';
  readonly [fact: string]: string | number | boolean | null;
}
