import { Pool } from 'undici';
import type { GatewayBounds } from './bounds.ts';
import type { Provider } from './provider.ts';

/** Connections to each provider's origin. A credential leaves only through the pool of the origin it belongs to. */
export interface Upstreams {
  poolOf(provider: Provider): Pool;
  close(): Promise<void>;
}

const connectMs = 10_000;

export function openUpstreams(providers: readonly Provider[], bounds: GatewayBounds): Upstreams {
  const pools = new Map<string, Pool>();
  for (const { baseUrl } of providers) {
    const { origin } = new URL(baseUrl);
    if (pools.has(origin)) continue;
    pools.set(
      origin,
      new Pool(origin, {
        connections: bounds.connectionsMax,
        pipelining: 1,
        connect: { timeout: connectMs },
        headersTimeout: bounds.answerStartMs,
        bodyTimeout: bounds.answerIdleMs,
      }),
    );
  }
  return {
    poolOf: (provider) => pools.get(new URL(provider.baseUrl).origin)!,
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}
