import { NanocentError } from '../errors/error.ts';
import { ReservationExceededError } from '../errors/named.ts';
import type { Quantities, Subject } from '../ledger/account.ts';
import type { Reservation } from '../ledger/reservation.ts';
import { addQuantities } from '../ledger/workbench.ts';
import { refusalError } from '../limits/refusal-error.ts';
import type { Entry } from '../store/entry.ts';
import { type AmountInput, amountOf } from './amount-input.ts';
import type { Context } from './context.ts';
import { type EndingRequest, nothingSpent, writeEnding } from './ending.ts';
import { reserveInRoom } from './expire-due.ts';
import type { LimitRefusal, WriteRequest } from './request.ts';
import type { Cap, SharedAttribution } from './run.ts';
import { type Capture, type ScopePart, ScopeParts } from './scope-parts.ts';

export interface ScopeState {
  readonly reservation: Reservation;
  /** Of every prompt inside that does not say otherwise. */
  readonly attribution: SharedAttribution & { readonly model?: string | undefined };
  readonly attributes: Subject;
  readonly ttlMs: number;
  readonly caps?: readonly Cap[] | undefined;
  /** A hold that could not be renewed: the work goes on, and what ends after its deadline is settled late. */
  readonly onRenewFailed?: ((reservationId: string, error: unknown) => void) | undefined;
}

/** What a scope came to. `spooled`: the store was away; the end is booked when it is back. */
export interface ScopeEnd {
  readonly outcome: 'settled' | 'settled_late' | 'voided' | 'spooled';
  readonly spentNanocents: bigint;
}

/** What the end of one prompt came to. */
export interface PartEnd {
  /** `late`: the hold had run out before; the scope's end books it. */
  readonly outcome: 'booked' | 'spooled' | 'late';
  readonly entry: Entry | null;
  /** Nanocents above everything that was set aside for the scope. */
  readonly overrunNanocents: bigint;
}

/** Whether there was room. */
export type Moved =
  | { readonly outcome: 'extended' }
  | { readonly outcome: 'refused'; readonly refusals: readonly LimitRefusal[] };

type Extend = Extract<WriteRequest, { kind: 'extend' }>;

/** How long the end of a scope waits for prompts inside that still run. */
const endWaitMs = 600_000;

/**
 * Money set aside for several prompts. Each is booked the moment it ends, so a crash loses nothing already known; the rest
 * stays held until the scope ends, which settles once. The deadline is renewed as long as the scope is open.
 */
export class Scope implements AsyncDisposable {
  readonly #context: Context;
  readonly #state: ScopeState;
  readonly #parts = new ScopeParts();
  #fence: number;
  #reserved: bigint;
  #spent = 0n;
  #captured = false;
  /** What ended after the hold had run out: the scope's end settles it late. */
  #late: Quantities = {};
  #owed: ReservationExceededError | null = null;
  /** Movements that carry the fence go one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #renewal: NodeJS.Timeout;
  #ending: Promise<ScopeEnd> | null = null;
  #closed = false;

  constructor(context: Context, state: ScopeState) {
    this.#context = context;
    this.#state = state;
    this.#fence = state.reservation.fence;
    this.#reserved = state.reservation.admitted.cost ?? 0n;
    this.#renewal = this.#nextRenewal();
  }

  /** Of the reservation. */
  get id(): string {
    return this.#state.reservation.id;
  }

  get attribution(): ScopeState['attribution'] {
    return this.#state.attribution;
  }

  /** Nanocents, extensions included. */
  get reserved(): bigint {
    return this.#reserved;
  }

  /** Nanocents of every prompt that ended. */
  get spent(): bigint {
    return this.#spent;
  }

  /** Nanocents left of what was set aside; 0 where more was spent. */
  get remaining(): bigint {
    return this.#spent < this.#reserved ? this.#reserved - this.#spent : 0n;
  }

  /** Sets more aside, with the test of a reserve. Throws as the opening of a scope does where a limit has no room. */
  async extend(amount: AmountInput): Promise<void> {
    const cost = amountOf(amount);
    if (this.#ending) throw scopeEnded(this.id);
    const { attributes, caps } = this.#state;
    const result = await this.#move(() => ({ quantities: { cost }, attributes, ...(caps && { caps }) }));
    if (result.outcome === 'refused') throw refusalError(result.refusals);
    this.#reserved += cost;
  }

  /**
   * Begins a prompt: takes its own units, and, where it comes under limits that the scope does not, its part of the money
   * there. Refused where one of them has no room. Whoever begins a part ends it with `capture`.
   */
  async begin(part: ScopePart): Promise<Moved> {
    if (this.#ending) throw scopeEnded(this.id);
    const caps = joined(this.#state.caps, part.caps);
    let begun = false;
    try {
      const { units: quantities, attributes } = part;
      const result = await this.#move(() => {
        // Only now: parts whose turn has not come take no room from this one.
        this.#parts.begin({ ...part, caps }, this.remaining);
        return { quantities, atLeast: { cost: this.#parts.claims }, attributes, ...(caps && { caps }) };
      });
      begun = result.outcome === 'extended';
      return result;
    } finally {
      if (!begun) this.#parts.end(part.id);
    }
  }

  /** The end of a part, as a movement of this hold. */
  captureOf(partId: string, ending: EndingRequest): Capture {
    return this.#parts.captureOf(ending, this.id, partId);
  }

  /** Books a part's end at once. What it cost above the scope's money is booked in full, and thrown by the scope later. */
  async capture(partId: string, request: Capture, pausesMs?: readonly number[]): Promise<PartEnd> {
    try {
      return this.#noted(request, await writeEnding(this.#context, request, pausesMs));
    } finally {
      this.#parts.end(partId);
    }
  }

  /** Throws ReservationExceededError, once, when more was spent than set aside; `response` is what was paid for. */
  throwIfExceeded(response?: unknown): void {
    const owed = this.#owed;
    this.#owed = null;
    if (owed === null) return;
    const { reservationId, reservedNanocents, actualNanocents } = owed;
    throw new ReservationExceededError({ reservationId, reservedNanocents, actualNanocents, response });
  }

  /**
   * Ends the scope when every prompt inside has: the sum stays, the rest is free. Nothing spent: nothing is settled, the hold
   * is voided. Throws ReservationExceededError, after the commit, for an overrun that nobody was told of.
   */
  async end(): Promise<ScopeEnd> {
    const came = await this.endQuietly();
    this.throwIfExceeded();
    return came;
  }

  /** The same for a body that has its own error to throw. */
  endQuietly(): Promise<ScopeEnd> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #end(): Promise<ScopeEnd> {
    await this.#turn;
    await this.#allEnded();
    await this.#turn;
    const request: EndingRequest = this.#captured
      ? {
          kind: 'settle',
          id: this.id,
          quantities: { ...nothingSpent, ...this.#late },
          attributes: null,
          entry: null,
          rowless: true,
        }
      : { kind: 'void', id: this.id, keep: {} };
    const result = await writeEnding(this.#context, request);
    switch (result.outcome) {
      case 'settled':
      case 'settled_late':
      case 'voided':
      case 'spooled':
        return { outcome: result.outcome, spentNanocents: this.#spent };
      case 'failed':
        throw new NanocentError(result.code, result.message, { data: result.data });
      default:
        throw new NanocentError('plan_impossible', `the end of a scope was answered with ${result.outcome}`);
    }
  }

  async #allEnded(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const message = `${this.#parts.running} prompts inside scope ${this.id} did not end in ${endWaitMs / 1000} s`;
      const fix = 'end what was begun; the hold runs out by itself, and is charged';
      timer = setTimeout(() => reject(new NanocentError('provider_timeout', message, { fix })), endWaitMs);
    });
    try {
      await Promise.race([this.#parts.allEnded(), late]);
    } finally {
      clearTimeout(timer);
      clearTimeout(this.#renewal);
      this.#closed = true;
    }
  }

  #noted(request: Capture, result: Awaited<ReturnType<typeof writeEnding>>): PartEnd {
    const cost = request.quantities.cost ?? 0n;
    switch (result.outcome) {
      case 'captured':
      case 'spooled': {
        this.#captured ||= !request.rowless;
        this.#spent += cost;
        const over = this.#spent - this.#reserved;
        if (over > 0n && cost > 0n) this.#owed = this.#exceeded();
        const entry = result.outcome === 'captured' ? result.entry : null;
        const outcome = result.outcome === 'captured' ? 'booked' : 'spooled';
        return { outcome, entry, overrunNanocents: over > 0n ? over : 0n };
      }
      case 'failed':
        if (result.code !== 'reservation_ended') {
          throw new NanocentError(result.code, result.message, { data: result.data });
        }
        // It ran out and was charged, all of it: the end corrects that by what was really spent since.
        this.#late = addQuantities(this.#late, request.quantities);
        this.#captured ||= !request.rowless;
        this.#spent += cost;
        return { outcome: 'late', entry: null, overrunNanocents: 0n };
      default:
        throw new NanocentError('plan_impossible', `a capture was answered with ${result.outcome}`);
    }
  }

  #exceeded(): ReservationExceededError {
    return new ReservationExceededError({
      reservationId: this.id,
      reservedNanocents: this.#reserved,
      actualNanocents: this.#spent,
    });
  }

  /** An extend with the latest fence. What it asks for is worked out when its turn has come. */
  #move(ask: () => Omit<Extend, 'kind' | 'id' | 'fence' | 'ttlMs'>): Promise<Moved> {
    const moved = this.#turn.then(async (): Promise<Moved> => {
      const { ttlMs } = this.#state;
      const request: Extend = { kind: 'extend', id: this.id, fence: this.#fence, ttlMs, ...ask() };
      const result = await reserveInRoom(this.#context.ledger, request);
      if (result.outcome === 'refused') return result;
      if (result.outcome === 'extended') {
        this.#fence = result.reservation.fence;
        return { outcome: 'extended' };
      }
      if (result.outcome === 'failed')
        throw new NanocentError(result.code, result.message, { data: result.data });
      throw new NanocentError('plan_impossible', `an extension was answered with ${result.outcome}`);
    });
    // The next one waits for its end, whatever that is.
    this.#turn = moved.catch(() => {});
    return moved;
  }

  #nextRenewal(): NodeJS.Timeout {
    return setTimeout(() => void this.#renew(), this.#state.ttlMs / 3).unref();
  }

  async #renew(): Promise<void> {
    try {
      await this.#move(() => ({ quantities: {}, attributes: {} }));
    } catch (error) {
      this.#state.onRenewFailed?.(this.id, error);
      // Another owner renews it now, or it has ended: asking again would change nothing.
      if (NanocentError.is(error) && error.kind === 'conflict') return;
    }
    if (!this.#closed) this.#renewal = this.#nextRenewal();
  }
}

/** Those of the scope hold for every part, wherever it is made. */
function joined(left: readonly Cap[] = [], right: readonly Cap[] = []): readonly Cap[] | undefined {
  const all = [...left, ...right.filter(({ id }) => left.every((cap) => cap.id !== id))];
  return all.length === 0 ? undefined : all;
}

function scopeEnded(id: string): NanocentError {
  return new NanocentError('reservation_ended', `scope ${id} has ended: nothing can begin in it any more`, {
    fix: 'begin prompts while the scope is open',
    data: { reservationId: id },
  });
}
