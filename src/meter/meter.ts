import { type Insufficient, reserveWithAccountants } from '../core/accountants.ts';
import { costLimitOver } from '../core/blind-spend.ts';
import type { Context } from '../core/context.ts';
import { holdRequest } from '../core/hold.ts';
import type { WriteRequest, WriteResult } from '../core/request.ts';
import { holdRuleFor, noReservationRules } from '../core/reservation-rules.ts';
import { filledUp, inRun } from '../core/run.ts';
import { NanocentError } from '../errors/error.ts';
import type { BeginOptions, Begun, CallInput } from './call.ts';
import { HeldCall, type HeldCallState } from './held-call.ts';
import { holdMsDefault, holdMsMax, holdMsMin, type MeterOptions } from './options.ts';
import { type HoldSize, sizeHold } from './size-hold.ts';

/** Reserves before a call and settles after it, whatever carries the call. */
export interface Meter {
  /**
   * Sets money aside, or says why the call may not be made. Throws what the store throws when it cannot answer
   * (store_busy, store_unreachable …), spool_behind while too much waits to be booked, and field_invalid for attribution that cannot be stored: then nothing is held.
   */
  begin(call: CallInput, options?: BeginOptions): Promise<Begun>;
}

/** A meter on open books: the core under `books.fetch`, the middleware and the gateway. Throws field_invalid for a `holdMs` out of its bounds. */
export function createMeter(context: Context, options: MeterOptions = {}): Meter {
  const holdMs = options.holdMs ?? holdMsDefault;
  if (!Number.isInteger(holdMs) || holdMs < holdMsMin || holdMs > holdMsMax) {
    throw new NanocentError('field_invalid', `holdMs is ${holdMs}, not ${holdMsMin} to ${holdMsMax}`, {
      field: 'holdMs',
    });
  }
  return { begin: (call, how = {}) => begin(context, { ...options, holdMs }, call, how) };
}

type Reserve = Extract<WriteRequest, { kind: 'reserve' }>;
type Settings = MeterOptions & { readonly holdMs: number };

async function begin(
  context: Context,
  settings: Settings,
  asked: CallInput,
  options: BeginOptions,
): Promise<Begun> {
  context.spool?.admit();
  const call = options.scope ? filledUp(options.scope.attribution, asked) : asked;
  const first = await beginAs(context, settings, call, options);
  if (first.outcome !== 'refused') return first;
  for (const model of fallbacksOf(context, call.model, options)) {
    const next = await beginAs(context, settings, { ...call, model }, options);
    if (next.outcome === 'held') {
      return { ...next, insteadOf: { model: call.model, refusals: first.refusals } };
    }
    // A refusal of one model, or a price that is not known, says nothing of the next.
    if (next.outcome !== 'refused' && next.outcome !== 'unpriced') return next;
  }
  return first;
}

/** Each is a question to the store. */
const fallbackModelsMax = 16;

function fallbacksOf(context: Context, model: string, { fallbackModels }: BeginOptions): readonly string[] {
  const models = fallbackModels === 'configured' ? (context.fallbackModels?.[model] ?? []) : fallbackModels;
  if (models === undefined) return [];
  if (models.length > fallbackModelsMax) {
    throw new NanocentError(
      'field_invalid',
      `${models.length} fallback models, more than ${fallbackModelsMax}`,
      {
        field: 'fallbackModels',
        fix: 'name the few that would do',
      },
    );
  }
  return models.filter((other) => other !== model);
}

async function beginAs(
  context: Context,
  settings: Settings,
  call: CallInput,
  options: BeginOptions,
): Promise<Begun> {
  const startedAt = performance.now();
  const pricedAs = call.pricedAs ?? call.provider;
  await context.catalog.ready({ provider: pricedAs });
  const { purpose } = inRun(context, call, options.run).input;
  const rules = context.reservations ?? noReservationRules;
  const rule = holdRuleFor(rules, { ...options, model: call.model, purpose });
  const size = sizeHold(call, context.catalog, context.clock.now(), rule);
  const request = reserveRequest(context, call, size, { ttlMs: settings.holdMs, run: options.run });
  if (size.outcome === 'unpriced' && context.unpriced !== 'allow') {
    const limitId = await costLimitOver(context, request.expiry);
    if (limitId !== null) return { outcome: 'unpriced', reason: size.reason, nearest: size.nearest, limitId };
  }
  const taken = await take(context, request, options.scope);
  if (taken.outcome !== 'taken') return taken;
  const state = {
    call,
    pricedAs,
    startedAt,
    draft: request.expiry,
    id: request.id,
    heldNanocents: request.quantities.cost ?? 0n,
    sizing: size.outcome === 'sized' ? size.sizing : null,
    holder: taken.holder,
  };
  return {
    outcome: 'held',
    call: new HeldCall(context, settings, state),
    model: call.model,
    insteadOf: null,
  };
}

type Taken =
  | { readonly outcome: 'taken'; readonly holder: HeldCallState['holder'] }
  | Exclude<Begun, { outcome: 'held' }>;

/** A reservation of its own, or a part of the scope's. */
async function take(context: Context, request: Reserve, scope: BeginOptions['scope']): Promise<Taken> {
  if (scope) {
    if (request.idempotency) throw keyInScope();
    const { cost = 0n, ...units } = request.quantities;
    const { id, attributes, caps } = request;
    const part = await scope.begin({ id, units, nanocents: cost, attributes, caps });
    return part.outcome === 'refused' ? part : { outcome: 'taken', holder: { scope } };
  }
  const result = await reserveWithAccountants(context, request);
  if (result.outcome !== 'reserved') return otherwise(context, result);
  return { outcome: 'taken', holder: { fence: result.reservation.fence } };
}

function keyInScope(): NanocentError {
  return new NanocentError('field_invalid', 'a call inside a scope has no idempotency key of its own', {
    field: 'idempotency',
    fix: 'leave the key out, or make the call outside of the scope',
  });
}

function reserveRequest(
  context: Context,
  call: CallInput,
  size: HoldSize,
  how: { readonly ttlMs: number; readonly run: BeginOptions['run'] },
): Reserve {
  const sized = size.outcome === 'sized';
  const {
    idempotency = null,
    request: _,
    requestBytes: __,
    pricedAs: ___,
    readAs: ____,
    api: _____,
    said: ______,
    keepPrompt: _______,
    ...who
  } = call;
  const request = holdRequest(context, {
    ...who,
    ...how,
    requestedModel: call.model,
    nanocents: sized ? size.nanocents : 0n,
    quantities: sized ? size.quantities : {},
  });
  // A hold without the measure of money runs out as unpriced, one of 0 as free.
  const { cost: _cost, ...unpriced } = request.quantities;
  return { ...request, quantities: sized ? request.quantities : unpriced, idempotency };
}

async function otherwise(
  context: Context,
  result: WriteResult | Insufficient,
): Promise<Exclude<Begun, { outcome: 'held' }>> {
  switch (result.outcome) {
    case 'refused':
      return { outcome: 'refused', refusals: result.refusals };
    case 'insufficient':
      return { outcome: 'insufficient', accountant: result.accountant, error: result.error };
    case 'again':
      return { outcome: 'in_flight', callId: '', nanocents: null };
    case 'replayed':
      return replayed(context, result.id);
    case 'failed':
      if (result.code === 'idempotency_conflict') return { outcome: 'conflict', message: result.message };
      throw new NanocentError(result.code, result.message, { data: result.data });
    default:
      throw new NanocentError('plan_impossible', `a reserve was answered with ${result.outcome}`);
  }
}

async function replayed(context: Context, callId: string): Promise<Exclude<Begun, { outcome: 'held' }>> {
  const first = await context.ledger.reads.reservation(callId);
  const open = first === null || first.state === 'open';
  return { outcome: open ? 'in_flight' : 'done', callId, nanocents: first?.posted.cost ?? null };
}
