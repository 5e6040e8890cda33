import type { LedgerService } from '../core/ledger.ts';
import type { WriteRequest, WriteResult } from '../core/request.ts';
import type { Cap } from '../core/run.ts';
import { NanocentError } from '../errors/error.ts';
import type { Subject } from '../ledger/account.ts';
import { costLimit, type requestsFor } from './requests.ts';
import type { Random } from './seeded.ts';

/** What a process was told, and must find in the books whatever happens after. */
export interface Told {
  /** Reservations that it was told are settled. */
  readonly reservations: Set<string>;
  /** Rows that it was told are booked. */
  readonly rows: Set<string>;
}

export interface CallerOptions {
  readonly ledger: LedgerService;
  readonly random: Random;
  readonly requests: ReturnType<typeof requestsFor>;
  /** An await between two writes: the provider is called. */
  readonly pause: (label: string) => Promise<void>;
  readonly told: Told;
  /** Keys that all callers share. */
  readonly keys: readonly string[];
  /** Of a run that some of their calls are part of. */
  readonly cap: Cap;
}

/** How often a write is put again after its answer got lost. */
const triesMax = 20;

/** A program that makes calls: it reserves, calls, settles what was spent, and asks again where an answer got lost. */
export class Caller {
  readonly #options: CallerOptions;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  async work(calls: number): Promise<void> {
    const { random } = this.#options;
    for (let call = 0; call < calls; call++) {
      const roll = random.below(20);
      if (roll < 13) await this.#call();
      else if (roll < 15) await this.#two();
      else if (roll < 17) await this.#record();
      else if (roll < 19) await this.sweep();
      else await this.#insist(costLimit(BigInt(30 + random.below(100))));
    }
  }

  /** Closes what is due, as any process may. */
  async sweep(): Promise<void> {
    const { ids } = await this.#options.ledger.reads.dueReservations(100);
    await Promise.all(ids.map((id) => this.#insist({ kind: 'expire', id })));
  }

  async #call(): Promise<void> {
    const { random, pause } = this.#options;
    const id = await this.#reserve();
    if (id === null) return;
    await pause('call');
    if (random.onceIn(3)) await this.#extend(id);
    if (random.onceIn(3)) await this.#capture(id);
    const roll = random.below(10);
    if (roll < 7) await this.#settle(id);
    else if (roll < 9) await this.#insist({ kind: 'void', id, keep: {} });
  }

  /** Two writes of one process at the same moment ride in one batch. */
  async #two(): Promise<void> {
    const ids = await Promise.all([this.#reserve(), this.#reserve()]);
    await this.#options.pause('call');
    await Promise.all(ids.map((id) => id && this.#settle(id)));
  }

  async #reserve(): Promise<string | null> {
    const { random, requests } = this.#options;
    const key = random.onceIn(5) ? random.pick(this.#options.keys) : null;
    const request = requests.reserve(BigInt(10 + random.below(50)), this.#attributes(), {
      ttlMs: random.pick([1000, 600_000]),
      onExpire: random.pick(['charge', 'release']),
      caps: this.#caps(),
      idempotency: key === null ? null : { name: key, fingerprint: 'the same' },
    });
    const result = await this.#insist(request);
    return result?.outcome === 'reserved' ? result.reservation.id : null;
  }

  async #settle(id: string): Promise<void> {
    const { random, requests, told } = this.#options;
    const result = await this.#insist(requests.settle(id, BigInt(random.below(70))));
    if (result?.outcome === 'settled' || result?.outcome === 'settled_late') told.reservations.add(id);
  }

  async #extend(id: string): Promise<void> {
    const { random } = this.#options;
    const quantities: Record<string, bigint> = random.onceIn(2) ? {} : { cost: BigInt(random.below(30)) };
    const attributes = this.#attributes();
    const caps = this.#caps();
    await this.#insist({ kind: 'extend', id, fence: 1, quantities, attributes, ttlMs: 600_000, caps });
  }

  async #capture(id: string): Promise<void> {
    const { random, requests, told } = this.#options;
    const { entry, quantities } = requests.record(BigInt(random.below(20)));
    const result = await this.#insist({ kind: 'capture', id, quantities, attributes: null, entry });
    if (result?.outcome === 'captured') told.rows.add(entry.id);
  }

  async #record(): Promise<void> {
    const { random, requests, told, keys } = this.#options;
    const key = random.onceIn(2) ? random.pick(keys) : null;
    const request = requests.record(BigInt(random.below(30)), this.#attributes(), {
      caps: this.#caps(),
      idempotency: key === null ? null : { name: key, fingerprint: 'the same' },
    });
    const result = await this.#insist(request);
    if (result?.outcome === 'recorded') told.rows.add(request.entry.id);
  }

  #attributes(): Subject {
    return { model: 'big', username: this.#options.random.pick(['ann', 'bob']) };
  }

  #caps(): readonly Cap[] {
    return this.#options.random.onceIn(4) ? [this.#options.cap] : [];
  }

  /** After a lost answer it looks whether the write stands, and puts the same one again where it does not. */
  async #insist(request: WriteRequest): Promise<WriteResult | null> {
    for (let tries = 0; tries < triesMax; tries++) {
      try {
        return await this.#options.ledger.write(request);
      } catch (error) {
        if (!NanocentError.is(error) || error.code !== 'store_unreachable') throw error;
        if (await this.#stands(request)) return null;
      }
    }
    throw new Error(`${request.kind} was lost ${triesMax} times`);
  }

  /** Of writes that cannot simply be put again: a row that is booked, a hold that somebody has moved since. */
  async #stands(request: WriteRequest): Promise<boolean> {
    const { reads } = this.#options.ledger;
    if (request.kind === 'capture' || request.kind === 'record') {
      return (await reads.entry(request.entry!.id)) !== null;
    }
    if (request.kind !== 'extend') return false;
    const known = await reads.reservation(request.id);
    return known?.state !== 'open' || known.fence !== request.fence;
  }
}
