import { reserveWithAccountants } from '../core/accountants.ts';
import type { AmountInput } from '../core/amount-input.ts';
import { amountOf } from '../core/amount-input.ts';
import { type AttributionInput, attributesOf, parseAttribution } from '../core/attribution.ts';
import type { Context } from '../core/context.ts';
import { checkedTtl, draftOf } from '../core/hold.ts';
import { quantitiesOf } from '../core/quantities.ts';
import type { EntryDraft, WriteRequest } from '../core/request.ts';
import { filledUp, inRun, type Run } from '../core/run.ts';
import { Scope as HeldScope, type ScopeState } from '../core/scope.ts';
import { type TrackInput, trackRequest } from '../core/track.ts';
import { type UnitChargeInput, unitCost } from '../core/unit-charge.ts';
import type { OnExpire } from '../ledger/reservation.ts';
import { refusalError } from '../limits/refusal-error.ts';
import type { Entry } from '../store/entry.ts';
import { throwFailure } from './failure.ts';

/** Exactly one of `usd` and `nanocents` says how much money is set aside for the prompts inside, together. */
export interface ScopeInput extends Omit<AttributionInput, 'model'>, AmountInput {
  /** Left out where the prompts are for several models: then the limits of each are asked as it begins. */
  readonly model?: string | undefined;
  /** How long the hold lives without being renewed, which it is every third of that; 1 second to 24 hours, 10 minutes when left out. */
  readonly ttlMs?: number | undefined;
  /** What happens to the rest when this process dies: charged, marked and refundable (when left out), or freed. */
  readonly onExpire?: OnExpire | undefined;
  readonly run?: Run | null | undefined;
  readonly onRenewFailed?: ScopeState['onRenewFailed'];
}

export type ScopeTrackInput = Omit<TrackInput, 'model' | 'idempotencyKey'> & { readonly model?: string };
export type ScopeChargeInput = Omit<UnitChargeInput, 'idempotencyKey'>;

/** The model of a scope that is for several. */
const severalModels = '*';

/** A scope, with what a program books in it by hand. */
export class Scope extends HeldScope {
  readonly #context: Context;

  constructor(context: Context, state: ScopeState) {
    super(context, state);
    this.#context = context;
  }

  /**
   * Books a prompt that was made, out of the scope's money. Throws ReservationExceededError, with the response, when more is
   * spent by now than was set aside: it is booked in full first. A limit on requests or tokens does not stop what happened.
   */
  async track(input: ScopeTrackInput, response?: unknown): Promise<Entry> {
    const said = filledUp(this.attribution, input);
    const request = await trackRequest(this.#context, said as TrackInput);
    const { entry, attributes, quantities, caps } = request;
    const nanocents = quantities.cost ?? 0n;
    const units = { requests: 1n };
    const begun = await this.begin({ id: entry.callId, units, nanocents, attributes, caps });
    if (begun.outcome === 'refused')
      return this.#record({ ...request, entry: { ...entry, reservationId: this.id } });
    return this.#book(entry, quantities, response);
  }

  /** Sets own units aside and books them, such as a search, out of the scope's money. Throws as `books.charge`, and for a refusal. */
  async charge(input: ScopeChargeInput): Promise<Entry> {
    const said = filledUp(this.attribution, input) as UnitChargeInput;
    const cost = await unitCost(this.#context, said);
    const attribution = parseAttribution(said);
    const id = this.#context.ids.uuid();
    const entry: EntryDraft = {
      ...draftOf(this.#context, attribution, { id: this.id, callId: id }),
      ...cost,
    };
    const { caps } = inRun(this.#context, {}, undefined);
    const units = { requests: 1n, concurrent_requests: 1n };
    const attributes = attributesOf(attribution);
    const begun = await this.begin({ id, units, nanocents: cost.nanocents, attributes, ...caps });
    if (begun.outcome === 'refused') throw refusalError(begun.refusals);
    return this.#book(entry, quantitiesOf(entry), undefined);
  }

  async #book(entry: EntryDraft, quantities: EntryQuantities, response: unknown): Promise<Entry> {
    const ending = { kind: 'settle', id: this.id, quantities, attributes: null, entry } as const;
    const booked = await this.capture(entry.callId, this.captureOf(entry.callId, ending));
    this.throwIfExceeded(response);
    return booked.entry ?? { ...entry, recordedAt: this.#context.clock.now() };
  }

  /** A limit has no room for it, and it happened all the same: it is booked beside the hold. */
  async #record(request: WriteRequest): Promise<Entry> {
    const result = await this.#context.ledger.write(request);
    if (result.outcome !== 'recorded' || !result.entry) return throwFailure(result);
    return result.entry;
  }
}

type EntryQuantities = ReturnType<typeof quantitiesOf>;

/**
 * Sets money aside for several prompts. Throws limit_refused, TokensExhausted or InsufficientBalanceError where a limit has
 * no room, spool_behind while too much waits to be booked, field_missing or field_invalid unless exactly one of usd and nanocents is given.
 */
export async function openScope(context: Context, input: ScopeInput): Promise<Scope> {
  const { usd, nanocents, ttlMs, onExpire, run, onRenewFailed, ...who } = input;
  context.spool?.admit();
  const cost = amountOf({ usd, nanocents });
  const { caps, input: shared } = inRun(context, who, run);
  const attribution = parseAttribution({ ...shared, model: shared.model ?? severalModels });
  const { model: _, ...others } = attributesOf(attribution);
  const attributes = shared.model === undefined ? others : attributesOf(attribution);
  const id = context.ids.uuid();
  const checked = checkedTtl(ttlMs);
  const request: Extract<WriteRequest, { kind: 'reserve' }> = {
    kind: 'reserve',
    id,
    quantities: { cost },
    attributes,
    ttlMs: checked,
    onExpire: onExpire ?? 'charge',
    // Its prompts count themselves.
    expiry: { ...draftOf(context, attribution, { id, callId: id }), calls: 0 },
    idempotency: null,
    ...caps,
  };
  const result = await reserveWithAccountants(context, request);
  if (result.outcome === 'refused') throw refusalError(result.refusals);
  if (result.outcome === 'insufficient') throw result.error;
  if (result.outcome !== 'reserved') return throwFailure(result);
  return new Scope(context, {
    reservation: result.reservation,
    attribution: shared,
    attributes,
    ttlMs: checked,
    ...caps,
    onRenewFailed,
  });
}

/** The callback form: settles when the work has ended, however it did. The work's own error goes before the scope's. */
export async function withScope<Result>(
  scope: Scope,
  work: (scope: Scope) => Promise<Result>,
): Promise<Result> {
  let result: Result;
  try {
    result = await work(scope);
  } catch (error) {
    await scope.endQuietly().catch((ending) => {
      throw new SuppressedError(ending, error, `the end of scope ${scope.id} failed after its work had`);
    });
    throw error;
  }
  await scope.end();
  return result;
}
