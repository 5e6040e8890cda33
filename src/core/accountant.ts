/** What an accountant remembers a reservation by: anything that JSON can say, at most 4,096 characters of it. */
export type Tx = string | number | boolean | null | readonly Tx[] | { readonly [name: string]: Tx };

/** Whom and what a reservation is for. Fields that the call did not name are null. */
export interface AccountantContext {
  /** The same in every call about this reservation, also after a crash: what a repeated call is told apart by. */
  readonly reservationId: string;
  readonly callId: string | null;
  readonly model: string | null;
  readonly provider: string | null;
  readonly username: string | null;
  readonly caller: string | null;
  readonly project: string | null;
  readonly session: string | null;
  readonly purpose: string | null;
  readonly key: string | null;
  /** Aborted when the call has taken too long: its answer is no longer waited for. */
  readonly signal: AbortSignal;
}

/**
 * Another set of books that has a say in every reservation: a wallet, a department's budget. Called after the ledger's own
 * commit, in the order of registration (docs/accountants.md). Each call comes once, and again with the same reservation id
 * where a process died before its answer was written down.
 */
export abstract class Accountant {
  /** Unique among the accountants of a ledger, and the same after a restart. 1 to 64 letters, digits, `.`, `_`, `-`. */
  abstract readonly name: string;

  /**
   * Sets an amount aside. Throws InsufficientBalanceError to refuse it. Whatever it throws, it has set nothing aside. Asked
   * again about a reservation that it knows, it answers with the same Tx and sets nothing more aside.
   */
  abstract reserve(nanocents: bigint, context: AccountantContext): Promise<Tx>;

  /**
   * Takes the final amount, which may be more than was set aside, and frees the rest. Comes again with another amount where a
   * call is settled late: the last one holds. Tried again, later and later, until it does not throw.
   */
  abstract settle(tx: Tx, nanocents: bigint, context: AccountantContext): Promise<void>;

  /** Nothing was spent: the call was never made, or nobody billed it. */
  rollback(tx: Tx, context: AccountantContext): Promise<void> {
    return this.settle(tx, 0n, context);
  }
}
