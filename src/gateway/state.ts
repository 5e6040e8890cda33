import type { Context } from '../core/context.ts';
import type { Meter } from '../meter/meter.ts';
import type { GatewayBounds } from './bounds.ts';
import type { Drains } from './drains.ts';
import type { Exchange } from './exchange.ts';
import type { GatewayEvent } from './gateway.ts';
import type { Arrival } from './metered-call.ts';

/** What every call of one running gateway shares. */
export interface GatewayState {
  readonly context: Context;
  readonly meter: Meter;
  readonly bounds: GatewayBounds;
  readonly drains: Drains;
  readonly log: (event: GatewayEvent) => void;
  /** Sends a request to its route's provider; resolves when the exchange is over and booked. */
  run(exchange: Exchange, arrival: Arrival, request: UpstreamRequest): Promise<void>;
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}
