import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refusalProblem } from '../books/refusal-problem.ts';
import { remainingMoney } from '../books/remaining-money.ts';
import type { Context } from '../core/context.ts';
import type { Idempotency } from '../core/request.ts';
import { NanocentError } from '../errors/error.ts';
import type { Booked, CallInput } from '../meter/call.ts';
import { bookedHeaders } from '../meter/watched-answer.ts';
import { askForUsage } from '../meter/wire/ask-for-usage.ts';
import type { JsonBody } from '../meter/wire/json-body.ts';
import { requestBounds } from '../meter/wire/request-bounds.ts';
import { usageChunkFilter } from '../meter/wire/usage-chunk-filter.ts';
import { formatUsd } from '../money/index.ts';
import { providerError, send } from './answer.ts';
import { attributionOf, type HeaderAttribution } from './attribution-headers.ts';
import type { Payment } from './credential.ts';
import { Exchange } from './exchange.ts';
import type { GatewayEvent } from './gateway.ts';
import { headersToProvider } from './passed-headers.ts';
import { readJsonBody } from './request-body.ts';
import type { Route } from './routes.ts';
import type { GatewayState } from './state.ts';

export interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Route;
  readonly payment: Payment;
  /** Path and query at the provider. */
  readonly target: string;
}

/** A call that is billed: held first, then sent, read along, and settled. */
export async function answerMetered(state: GatewayState, arrival: Arrival): Promise<void> {
  const { request, response, route, payment } = arrival;
  const body = await readJsonBody(request, state.bounds);
  const call = callInput(arrival, body, attributionOf(request.headers));
  const begun = await state.meter.begin(call);
  if (begun.outcome !== 'held') {
    const problem = refusalProblem(begun, state.context.clock.now());
    state.log({ event: 'refused', code: problem.code, status: problem.status, model: call.model });
    send(response, providerError(route.provider.flavour, problem));
    return;
  }
  const { bytes, addedUsage } = askForUsage(body, route.api!);
  const exchange = new Exchange({
    response,
    flavour: route.provider.flavour,
    watcher: begun.call,
    headers: {
      'x-nanocent-call-id': begun.call.id,
      'x-nanocent-reserved-usd': formatUsd(begun.call.heldNanocents),
    },
    bookedHeaders: (booked) => toldHeaders(state.context, call, booked),
    filter: addedUsage ? usageChunkFilter() : null,
    answerBytesMax: state.bounds.answerBytesMax,
    answerMs: state.bounds.answerMs,
    drains: state.drains,
  });
  await state.run(exchange, arrival, {
    method: 'POST',
    headers: { ...headersToProvider(request.headers), ...payment.headers },
    body: bytes,
  });
  state.log(callEvent(call, exchange));
}

function callEvent({ model, provider }: CallInput, { status, booked }: Exchange): GatewayEvent {
  const settled = booked?.outcome === 'settled' ? booked : null;
  return {
    event: 'call',
    callId: booked?.callId ?? null,
    model,
    provider,
    status,
    outcome: booked?.outcome ?? null,
    basis: settled?.basis ?? null,
    nanocents: settled === null || settled.nanocents === null ? null : String(settled.nanocents),
  };
}

function callInput({ request, route, payment }: Arrival, body: JsonBody, who: HeaderAttribution): CallInput {
  const { model, background } = body.json;
  if (typeof model !== 'string') {
    throw new NanocentError('field_missing', 'model is missing, or is no text', {
      field: 'model',
      fix: 'give the model as the provider names it, for example gpt-4o',
    });
  }
  if (background === true) {
    throw new NanocentError('field_invalid', 'a background response cannot be metered here yet', {
      field: 'background',
      fix: 'leave background out, or stream the response',
    });
  }
  const { provider, api, endpoint } = route;
  const requestBytes = body.bytes.length;
  return {
    ...who,
    model,
    provider: provider.name,
    pricedAs: provider.pricedAs ?? provider.name,
    readAs: provider.flavour,
    api: api!,
    endpoint,
    key: payment.key,
    requestBytes,
    request: requestBounds(body.json, api!, requestBytes),
    said: body.json,
    idempotency: idempotencyOf(request, payment.key, endpoint, body, who),
  };
}

/** A key belongs to its credential and route; its fingerprint is the body with the attribution. */
function idempotencyOf(
  request: IncomingMessage,
  credential: string,
  endpoint: string,
  body: JsonBody,
  who: HeaderAttribution,
): Idempotency | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || key === '' || key.length > 255) {
    throw new NanocentError('field_invalid', 'an idempotency key has 1 to 255 characters', {
      field: 'idempotency-key',
    });
  }
  const said = JSON.stringify(['1', endpoint, hash('sha256', body.bytes, 'hex'), who]);
  return {
    name: hash('sha256', `gateway\n${credential}\n${endpoint}\n${key}`, 'hex').slice(0, 32),
    fingerprint: hash('sha256', said, 'hex'),
  };
}

/** The answer goes on without what cannot be read. */
async function toldHeaders(
  context: Context,
  call: CallInput,
  booked: Booked,
): Promise<Readonly<Record<string, string>>> {
  const left = booked.outcome === 'settled' ? await remainingMoney(context, call).catch(() => null) : null;
  return bookedHeaders(booked, left);
}
