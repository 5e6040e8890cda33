/** Engines with one duty broken: each is the connection of the interleavings with one step done wrong. */
import { type LedgerService, openLedger } from '../../src/core/ledger.ts';
import type { WriteRequest } from '../../src/core/request.ts';
import { NanocentError } from '../../src/errors/error.ts';
import type { Held, Plan, Touches } from '../../src/store/port.ts';
import type { OpenProcess } from '../../src/testing/interleavings.ts';
import {
  asStore,
  emptyPlan,
  InterleavedStore,
  type Lock,
  type Place,
  readHeld,
  writePlan,
} from '../../src/testing/interleavings-store.ts';

type Connection = new (place: Place, process: number) => InterleavedStore;

/** Each process has such a connection. */
export function opening(connection: Connection): OpenProcess {
  return (shared, process) => {
    const place: Place = { ...shared, locking: 'rows' };
    return openLedger(asStore(place.books, new connection(place, process)));
  };
}

/** Reads balances without a lock, and writes what it has made of them. */
export class CheckThenAct extends InterleavedStore {
  protected override async hold(touches: Touches): Promise<Held> {
    await this.step('check');
    const checked = await readHeld(this.place.books, touches);
    await this.lock('act', [{ name: 'chain' }]);
    return { ...(await readHeld(this.place.books, touches)), accounts: checked.accounts };
  }
}

/** `UPDATE … WHERE settled = ? AND reserved = ?`, and nobody looks how many rows that changed. */
export class IgnoredRowCount extends CheckThenAct {
  protected override async write(plan: Plan<unknown>, touches: Touches, held: Held): Promise<void> {
    const { accounts } = await readHeld(this.place.books, touches);
    const matched = plan.accounts.filter(({ key }) => {
      const now = accounts.get(key);
      const then = held.accounts.get(key);
      return now?.settled === then?.settled && now?.reserved === then?.reserved;
    });
    await super.write({ ...plan, accounts: matched }, touches, held);
  }
}

/** Ends the reservation and books the row, commits, and moves the balances after that. */
export class SettleInTwo extends InterleavedStore {
  protected override async write(plan: Plan<unknown>, touches: Touches, held: Held): Promise<void> {
    const settles = plan.entries.length > 0 && plan.reservations.length > 0;
    if (!settles) return super.write(plan, touches, held);
    await super.write({ ...plan, accounts: [] }, touches, held);
    await this.step('second transaction');
    await writePlan(this.place.books, { ...emptyPlan, results: [], accounts: plan.accounts }, touches);
  }
}

/** Says that all is well, whatever became of the commit. */
export class SwallowedError extends InterleavedStore {
  protected override async commit(plan: Plan<unknown>, touches: Touches, held: Held): Promise<void> {
    try {
      await super.commit(plan, touches, held);
    } catch {
      // Silence is what is wrong with it.
    }
  }
}

/** Takes its locks in whatever order they come. */
export class UnsortedLocks extends InterleavedStore {
  protected override accountLocks(touches: Touches): Lock[] {
    const locks = super.accountLocks(touches);
    return this.process % 2 === 0 ? locks.reverse() : locks;
  }
}

/** Where an answer got lost, it asks for the same thing under a new name. */
export const retryWithNewId: OpenProcess = (place, process, ids) => {
  const ledger = openLedger(InterleavedStore.open(place, process));
  const renamed = (request: WriteRequest): WriteRequest => {
    if (request.kind === 'reserve') return { ...request, id: ids.uuid(), idempotency: null };
    if (request.kind !== 'record') return request;
    return { ...request, entry: { ...request.entry, id: ids.uuid() }, idempotency: null };
  };
  const write: LedgerService['write'] = async (request) => {
    try {
      return await ledger.write(request);
    } catch (error) {
      if (!NanocentError.is(error) || error.code !== 'store_unreachable') throw error;
      return write(renamed(request));
    }
  };
  return { ...ledger, reads: ledger.reads, write, close: () => ledger.close() };
};
