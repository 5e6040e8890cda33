import { setTimeout as pause } from 'node:timers/promises';
import type { Books } from '../../src/books/books.ts';
import { openBooks } from '../../src/books/open-books.ts';
import type { Gateway, GatewayEvent, GatewayOptions, Provider } from '../../src/gateway/index.ts';
import { Secret, startGateway } from '../../src/gateway/index.ts';
import type { Entry } from '../../src/store/entry.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/fake-provider.ts';

/** A gateway in front of a fake provider, over books in memory, at a fixed instant. */
export interface Harness {
  readonly books: Books;
  readonly gateway: Gateway;
  readonly provider: FakeProvider;
  readonly events: GatewayEvent[];
  /** Waits until a number of entries is booked and nothing is held; gives them oldest first. */
  entries(count: number): Promise<readonly Entry[]>;
  /** Waits until nothing is held any more. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface HarnessOptions {
  /** Configured keys; without one the client's own is forwarded. */
  readonly key?: string;
  readonly bounds?: GatewayOptions['bounds'];
  readonly providers?: (url: string) => readonly Provider[];
  readonly books?: Books;
}

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const clock = fakeClock('2026-11-22T12:00:00Z');
  const books = options.books ?? (await openBooks({ store: 'memory', clock }));
  const provider = await startFakeProvider();
  const events: GatewayEvent[] = [];
  const gateway = await startGateway({
    context: books.context,
    providers: (options.providers ?? ((url) => providersAt(url, options.key)))(provider.url),
    port: 0,
    log: (event) => events.push(event),
    ...(options.bounds ? { bounds: options.bounds } : {}),
  });
  const settled = async () => {
    await until(async () => (await books.reads.openReservations(1)).length === 0, 'a hold is still open');
  };
  return {
    books,
    gateway,
    provider,
    events,
    settled,
    async entries(count) {
      await until(async () => (await books.tail(1000)).length >= count, `not ${count} entries`);
      await settled();
      return [...(await books.tail(1000))].reverse();
    },
    async close() {
      await gateway.close();
      await provider.close();
      await books.close();
    },
  };
}

/** Tells a story against a harness of its own, checks that the books balance after it, and takes everything down. */
export async function withHarness(
  options: HarnessOptions,
  tell: (harness: Harness) => Promise<void>,
): Promise<void> {
  const harness = await startHarness(options);
  try {
    await tell(harness);
    const { balanced, differences } = await harness.books.verify();
    if (!balanced) throw new Error(differences.map(String).join('\n'));
  } finally {
    await harness.close();
  }
}

export function providersAt(url: string, key?: string): readonly Provider[] {
  const secret = key === undefined ? null : new Secret(key);
  return [
    { name: 'openai', flavour: 'openai', baseUrl: `${url}/v1`, key: secret },
    { name: 'anthropic', flavour: 'anthropic', baseUrl: `${url}/v1`, key: secret },
  ];
}

const waitMs = 5_000;

export async function until(holds: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = Date.now() + waitMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(otherwise);
    await pause(5);
  }
}

/** Posts JSON and reads the whole answer. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-test', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}
