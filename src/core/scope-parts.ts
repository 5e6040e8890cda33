import type { Quantities, Subject } from '../ledger/account.ts';
import type { EndingRequest } from './ending.ts';
import type { EntryDraft, WriteRequest } from './request.ts';
import type { Cap } from './run.ts';

/** One prompt of a scope, as it begins. */
export interface ScopePart {
  /** Of the call. */
  readonly id: string;
  /** Its own units, without money: its request, its slot, the bounds of its tokens. */
  readonly units: Quantities;
  /** The most it is expected to cost; its part of the scope's money, as far as that goes. */
  readonly nanocents: bigint;
  /** What it comes under, which may be more than the scope does: another model, another tag. */
  readonly attributes: Subject;
  readonly caps?: readonly Cap[] | undefined;
}

export type Capture = Extract<WriteRequest, { kind: 'capture' | 'settle' }>;

/** The parts that are running, and how much of the scope's money each is good for. */
export class ScopeParts {
  readonly #open = new Map<
    string,
    { readonly part: ScopePart; readonly claim: bigint; readonly ended: PromiseWithResolvers<void> }
  >();

  /** A part's claim is what it asks for, as far as the others leave that much. */
  begin(part: ScopePart, remaining: bigint): void {
    const free = remaining - this.claims;
    const claim = part.nanocents < free ? part.nanocents : free > 0n ? free : 0n;
    this.#open.set(part.id, { part, claim, ended: Promise.withResolvers() });
  }

  get claims(): bigint {
    let sum = 0n;
    for (const { claim } of this.#open.values()) sum += claim;
    return sum;
  }

  end(id: string): void {
    this.#open.get(id)?.ended.resolve();
    this.#open.delete(id);
  }

  get running(): number {
    return this.#open.size;
  }

  /** Resolves when all that run now have ended. */
  async allEnded(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ ended }) => ended.promise));
  }

  /** A part's end as a movement of the scope's hold: its row is booked and its units end, the rest stays held. */
  captureOf(ending: EndingRequest, reservationId: string, partId: string): Capture {
    const { part, claim } = this.#open.get(partId)!;
    const { units: ends, attributes, caps } = part;
    const own = { kind: 'capture', id: reservationId, ends, attributes, ...(caps && { caps }) } as const;
    if (ending.kind === 'void') {
      return { ...own, quantities: ending.keep, entry: null, rowless: true };
    }
    // What is not known of a call's tokens is taken as held, as it is where a call has a hold of its own.
    const quantities = { ...part.units, ...ending.quantities };
    const { entry } = ending;
    if (entry === null || quantities.cost !== undefined) return { ...own, quantities, entry };
    const nanocents = claim > 0n ? claim : part.nanocents;
    return { ...own, quantities: { ...quantities, cost: nanocents }, entry: asHeld(entry, nanocents) };
  }
}

/** What was sent is never booked as nothing: where its cost is not known, its part of the hold is. */
function asHeld(entry: EntryDraft, nanocents: bigint): EntryDraft {
  return { ...entry, nanocents, costSource: 'priced', basis: 'reserved' };
}
