import { Exchange } from './exchange.ts';
import type { Arrival } from './metered-call.ts';
import { headersToProvider } from './passed-headers.ts';
import { readJsonBody } from './request-body.ts';
import type { GatewayState } from './state.ts';

/** A call that no provider bills: passed on without a hold. */
export async function answerFree(state: GatewayState, arrival: Arrival): Promise<void> {
  const { request, response, route, payment } = arrival;
  const body = route.method === 'POST' ? (await readJsonBody(request, state.bounds)).bytes : null;
  const exchange = new Exchange({
    response,
    flavour: route.provider.flavour,
    watcher: null,
    headers: {},
    bookedHeaders: async () => ({}),
    filter: null,
    answerBytesMax: state.bounds.answerBytesMax,
    answerMs: state.bounds.answerMs,
    drains: state.drains,
  });
  await state.run(exchange, arrival, {
    method: route.method,
    headers: { ...headersToProvider(request.headers), ...payment.headers },
    body,
  });
}
