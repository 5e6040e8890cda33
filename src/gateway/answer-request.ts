import type { IncomingMessage, ServerResponse } from 'node:http';
import { NanocentError } from '../errors/error.ts';
import { problemOf } from '../meter/wire/provider-error.ts';
import { providerError, send } from './answer.ts';
import { clientCredential, paymentFor } from './credential.ts';
import { answerFree } from './free-call.ts';
import { assertLocal } from './local-only.ts';
import { type Arrival, answerMetered } from './metered-call.ts';
import { type OwnRoutes, ownAnswer } from './own-routes.ts';
import { flavourOf, matchRoute, type Route } from './routes.ts';
import type { GatewayState } from './state.ts';

export interface Shared {
  readonly state: GatewayState;
  readonly routes: readonly Route[];
  readonly own: OwnRoutes;
  /** Keys the hash that a forwarded credential is booked under. */
  readonly pepper: string;
}

/** Answers one request, whatever it is. Never rejects. */
export async function answerRequest(
  shared: Shared,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = request.url ?? '';
  const [path = ''] = url.split('?', 1);
  // A client that goes away mid-request makes these fail; there is nobody left to tell.
  request.on('error', () => {});
  response.on('error', () => {});
  const flavour = flavourOf(path, request.headers['anthropic-version'] !== undefined);
  try {
    assertBounds(shared.state, request, url);
    assertLocal(request);
    const query = new URLSearchParams(url.slice(path.length));
    const method = request.method ?? '';
    const own = await ownAnswer(shared.own, method, path, query);
    if (own !== null) return send(response, own, method !== 'HEAD');
    const arrival = arrivalOf(shared, request, response, { path, query, search: url.slice(path.length) });
    if (shared.own.closing()) throw closing();
    await (arrival.route.api === null ? answerFree : answerMetered)(shared.state, arrival);
  } catch (error) {
    const problem = problemOf(error);
    // An unread body would be taken for the next request.
    const headers = request.complete ? problem.headers : { ...problem.headers, connection: 'close' };
    shared.state.log({ event: 'refused', code: problem.code, status: problem.status });
    send(response, providerError(flavour, { ...problem, ...(headers ? { headers } : {}) }));
  }
}

function arrivalOf(
  { routes, pepper }: Shared,
  request: IncomingMessage,
  response: ServerResponse,
  asked: { readonly path: string; readonly query: URLSearchParams; readonly search: string },
): Arrival {
  const { path, query, search } = asked;
  const flavour = flavourOf(path, request.headers['anthropic-version'] !== undefined);
  const match = matchRoute(routes, request.method ?? '', path, flavour);
  if (match.outcome === 'none') throw unknownRoute(path);
  if (match.outcome === 'method') {
    throw new NanocentError('method_not_allowed', `${path} takes ${match.allowed.join(', ')}`, {
      data: { allowed: match.allowed.join(', ') },
    });
  }
  const { route, id } = match;
  const upstreamPath = id === null ? route.upstreamPath : route.upstreamPath.replace(':id', id);
  return {
    request,
    response,
    route,
    payment: paymentFor(route.provider, clientCredential(request.headers, query), pepper),
    target: `${new URL(route.provider.baseUrl).pathname.replace(/\/$/, '')}${upstreamPath}${search}`,
  };
}

function assertBounds({ bounds }: GatewayState, request: IncomingMessage, url: string): void {
  if (url.length > bounds.urlBytesMax) {
    throw new NanocentError('field_invalid', `the URL is longer than ${bounds.urlBytesMax} bytes`, {
      field: 'url',
    });
  }
  if (request.rawHeaders.length / 2 > bounds.headersMax) {
    throw new NanocentError('field_invalid', `more than ${bounds.headersMax} header lines`, {
      field: 'headers',
    });
  }
}

function unknownRoute(path: string): NanocentError {
  return new NanocentError(
    'route_not_found',
    `the gateway has no route ${JSON.stringify(path.slice(0, 200))}`,
    {
      fix: 'it forwards only what it can meter; docs/gateway.md lists the routes',
    },
  );
}

function closing(): NanocentError {
  return new NanocentError('shutting_down', 'the gateway is stopping', { fix: 'try again when it is back' });
}
