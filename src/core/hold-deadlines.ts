import { type AccountName, canonicalSubject } from '../ledger/account.ts';
import type { Store } from '../store/port.ts';
import type { LimitRefusal, WriteResult } from './request.ts';

/** Open holds looked at, those that end soonest; a counter that none of them is on has no deadline that is near. */
const holdsReadMax = 100;
/** For so long what was read is answered from memory: a storm of refusals reads once. */
const rememberedMs = 1_000;

/** When the nearest hold that stands in the way of a refused call will have run out. */
export class HoldDeadlines {
  readonly #store: Pick<Store, 'dueReservations' | 'openReservations'>;
  #deadlines: ReadonlyMap<string, number> = new Map();
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(store: Pick<Store, 'dueReservations' | 'openReservations'>) {
    this.#store = store;
  }

  /** The same results; a refusal for what is held says when the first of that will be free, if no time makes room before. */
  async complete<Result extends { readonly outcome: string }>(
    results: readonly (Result | WriteResult)[],
  ): Promise<readonly (Result | WriteResult)[]> {
    if (!results.some(isHeldUp) || !(await this.#tryRead())) return results;
    return results.map((result) =>
      isHeldUp(result) ? { ...result, refusals: result.refusals.map((one) => this.#completed(one)) } : result,
    );
  }

  /** The same for refusals by themselves. */
  async completed(refusals: readonly LimitRefusal[]): Promise<readonly LimitRefusal[]> {
    if (!refusals.some(isForHeld) || !(await this.#tryRead())) return refusals;
    return refusals.map((one) => this.#completed(one));
  }

  /** False where it cannot be read: the answer was not asked to wait, and what time alone gives stays true. */
  async #tryRead(): Promise<boolean> {
    try {
      await this.#read();
      return true;
    } catch {
      return false;
    }
  }

  #completed(refusal: LimitRefusal): LimitRefusal {
    const deadline = this.#deadlines.get(counterOf(refusal));
    if (!isForHeld(refusal) || deadline === undefined) return refusal;
    return { ...refusal, fitsAt: Math.min(deadline, refusal.fitsAt ?? deadline) };
  }

  async #read(): Promise<void> {
    const { now } = await this.#store.dueReservations(0);
    if (Math.abs(now - this.#readAt) < rememberedMs) return;
    const deadlines = new Map<string, number>();
    for (const { holds, expiresAt } of await this.#store.openReservations(holdsReadMax)) {
      for (const { account, held, role } of holds) {
        if (role === 'post' || held === 0n) continue;
        for (const counter of [account.key, poolOf(account)]) {
          deadlines.set(counter, Math.min(expiresAt, deadlines.get(counter) ?? expiresAt));
        }
      }
    }
    this.#deadlines = deadlines;
    this.#readAt = now;
  }
}

/** A pool is held on its grants: their accounts share its limit and subject. */
function counterOf({ account, limit }: LimitRefusal): string {
  return limit.kind === 'grants' ? poolOf(account) : account.key;
}

function poolOf({ limitId, subject }: AccountName): string {
  return `${limitId} ${canonicalSubject(subject)}`;
}

type Refused = Extract<WriteResult, { outcome: 'refused' }>;

function isHeldUp(result: { readonly outcome: string }): result is Refused {
  return result.outcome === 'refused' && (result as Refused).refusals.some(isForHeld);
}

function isForHeld({ reason }: LimitRefusal): boolean {
  return reason === 'held';
}
