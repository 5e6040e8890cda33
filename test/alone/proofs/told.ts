import assert from 'node:assert/strict';
import { expireDue } from '../../../src/core/expire-due.ts';
import { openLedger, type StoreReads } from '../../../src/core/ledger.ts';
import { verify } from '../../../src/core/verify.ts';
import { openSqlite } from '../../../src/store/sqlite/index.ts';

/** What processes were told had been committed, by what: ids and amounts. */
export class Told {
  readonly #fresh = new Map<string, Map<string, bigint>>();
  settles = 0;

  /** A line of a teller or of the scenario: `settled ID AMOUNT`. */
  hear(line: string): void {
    const [what = '', id = '', amount = '0'] = line.split(' ');
    if (id === '') return;
    if (what === 'settled') this.settles += 1;
    const known = this.#fresh.get(what) ?? new Map();
    this.#fresh.set(what, known.set(id, BigInt(amount)));
  }

  /** The same, to be proved somewhere else too. */
  copy(): Told {
    const copied = new Told();
    for (const [what, found] of this.#fresh) copied.#fresh.set(what, new Map(found));
    return copied;
  }

  /** Everything heard since the last time is in the books, exactly, and they balance. */
  async prove(reads: StoreReads): Promise<void> {
    for (const [id] of this.#take('reserved')) {
      assert.ok(await reads.reservation(id), `reservation ${id} is there`);
    }
    for (const [id, amount] of this.#take('settled')) {
      const reservation = await reads.reservation(id);
      assert.equal(reservation?.state, 'settled', `reservation ${id}`);
      assert.equal(reservation.posted.cost, amount, `reservation ${id}`);
    }
    for (const [id] of this.#take('voided')) {
      assert.equal((await reads.reservation(id))?.state, 'voided', `reservation ${id}`);
    }
    const recorded = this.#take('recorded');
    const rows = new Map((await reads.entriesById([...recorded.keys()])).map((row) => [row.id, row]));
    for (const [id, amount] of recorded) assert.equal(rows.get(id)?.nanocents, amount, `row ${id}`);
    assert.deepEqual((await verify(reads)).differences, []);
  }

  #take(what: string): ReadonlyMap<string, bigint> {
    const found = this.#fresh.get(what) ?? new Map();
    this.#fresh.delete(what);
    return found;
  }
}

/** The same on a file that nobody else has open. */
export async function proveFile(file: string, told: Told): Promise<void> {
  const store = await openSqlite({ file, clock: Date });
  try {
    await told.prove(store);
  } finally {
    await store.close();
  }
}

/** After the deadlines any process closes what the dead ones held. */
export async function proveNothingIsHeld(file: string): Promise<void> {
  const ledger = openLedger(await openSqlite({ file, clock: { now: () => Date.now() + 3_600_000 } }));
  try {
    await expireDue(ledger);
    assert.deepEqual(await ledger.reads.openReservations(10), []);
    for (const account of await ledger.reads.scanAccounts(null, 1000)) assert.equal(account.reserved, 0n);
    assert.deepEqual((await verify(ledger.reads)).differences, []);
  } finally {
    await ledger.close();
  }
}
