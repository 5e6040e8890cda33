import assert from 'node:assert/strict';
import { Accountant, type AccountantContext, type Tx } from '../core/accountant.ts';

/** An accountant that writes down every call it gets, in a book that all of one test share. */
export class Witness extends Accountant {
  readonly name: string;
  readonly #calls: string[];
  /** Thrown by the next calls of that kind. */
  readonly fails = new Map<string, unknown[]>();
  readonly contexts: AccountantContext[] = [];

  constructor(name: string, calls: string[]) {
    super();
    this.name = name;
    this.#calls = calls;
  }

  async reserve(nanocents: bigint, context: AccountantContext): Promise<Tx> {
    this.contexts.push(context);
    this.#call('reserve', `${nanocents}`);
    return { wallet: this.name, of: [context.reservationId.length, null, true] };
  }

  async settle(tx: Tx, nanocents: bigint): Promise<void> {
    assert.deepEqual(tx, { wallet: this.name, of: [36, null, true] });
    this.#call('settle', `${nanocents}`);
  }

  override async rollback(tx: Tx): Promise<void> {
    assert.deepEqual(tx, { wallet: this.name, of: [36, null, true] });
    this.#call('rollback', '');
  }

  #call(what: string, amount: string): void {
    this.#calls.push(`${this.name} ${what} ${amount}`.trim());
    const error = this.fails.get(what)?.shift();
    if (error) throw error;
  }
}
