import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { Accountant, type AccountantContext, type Tx } from '../../../src/core/accountant.ts';
import { InsufficientBalanceError } from '../../../src/errors/named.ts';

/** Never has more than this for one reservation. */
export const walletMax = 500n;

/** An accountant whose calls stand in a file, a line each, shared with others and with processes to come. B has little. */
export class FileWallet extends Accountant {
  readonly name: string;
  readonly #log: string;
  readonly #between: () => void;

  /** `between` is called before a call has its effect and after it. */
  constructor(name: string, log: string, between: () => void = () => {}) {
    super();
    this.name = name;
    this.#log = log;
    this.#between = between;
  }

  async reserve(nanocents: bigint, { reservationId }: AccountantContext): Promise<Tx> {
    if (this.name === 'B' && nanocents > walletMax) {
      this.#write(`refuse ${nanocents}`);
      throw new InsufficientBalanceError({
        account: 'ann',
        askedNanocents: nanocents,
        availableNanocents: walletMax,
      });
    }
    this.#write(`reserve ${nanocents}`);
    return { wallet: this.name, reservationId };
  }

  async settle(tx: Tx, nanocents: bigint, context: AccountantContext): Promise<void> {
    this.#assertOwn(tx, context);
    this.#write(`settle ${nanocents}`);
  }

  override async rollback(tx: Tx, context: AccountantContext): Promise<void> {
    this.#assertOwn(tx, context);
    this.#write('rollback');
  }

  #assertOwn(tx: Tx, { reservationId }: AccountantContext): void {
    const own = JSON.stringify({ wallet: this.name, reservationId });
    if (JSON.stringify(tx) !== own) throw new Error(`${this.name} was handed ${JSON.stringify(tx)}`);
  }

  #write(call: string): void {
    this.#between();
    appendFileSync(this.#log, `${this.name} ${call}\n`);
    this.#between();
  }
}

export function readCalls(log: string): string[] {
  return existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
}
