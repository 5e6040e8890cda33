/**
 * An accountant of a third party: prepaid wallets, one for each user, in a SQLite file of their own. Try it with
 * `node examples/wallet-accountant.ts`.
 */
import { DatabaseSync } from 'node:sqlite';
import {
  Accountant,
  type AccountantContext,
  formatUsd,
  InsufficientBalanceError,
  openBooks,
  type Tx,
} from 'nanocent';

export class Wallet extends Accountant {
  readonly name = 'wallet';
  readonly #database: DatabaseSync;

  constructor(file: string) {
    super();
    this.#database = new DatabaseSync(file);
    this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS wallets (username TEXT PRIMARY KEY, balance INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS holds (
        reservation TEXT PRIMARY KEY, username TEXT NOT NULL, held INTEGER NOT NULL, settled INTEGER) STRICT`);
  }

  topUp(username: string, nanocents: bigint): void {
    this.#database
      .prepare(
        `INSERT INTO wallets VALUES (?, ?) ON CONFLICT DO UPDATE SET balance = balance + excluded.balance`,
      )
      .run(username, nanocents);
  }

  /** What is in the wallet, less what is set aside. */
  available(username: string): bigint {
    const sql = `SELECT coalesce((SELECT balance FROM wallets WHERE username = ?1), 0)
      - coalesce((SELECT sum(held) FROM holds WHERE username = ?1 AND settled IS NULL), 0) AS available`;
    return this.#one(sql, username)!.available!;
  }

  async reserve(nanocents: bigint, { reservationId, username }: AccountantContext): Promise<Tx> {
    if (username === null) throw new InsufficientBalanceError(balance('nobody', nanocents, 0n));
    return this.#atomically(() => {
      // Asked again after a crash: it is the same hold.
      if (this.#one('SELECT held FROM holds WHERE reservation = ?', reservationId)) return { reservationId };
      const available = this.available(username);
      if (nanocents > available) throw new InsufficientBalanceError(balance(username, nanocents, available));
      this.#database
        .prepare('INSERT INTO holds VALUES (?, ?, ?, NULL)')
        .run(reservationId, username, nanocents);
      return { reservationId };
    });
  }

  /** The last amount holds: told the same again, or another one by a late settle, the wallet pays the difference. */
  async settle(tx: Tx, nanocents: bigint): Promise<void> {
    const { reservationId } = tx as { readonly reservationId: string };
    this.#atomically(() => {
      const hold = this.#one(
        'SELECT coalesce(settled, 0) AS paid FROM holds WHERE reservation = ?',
        reservationId,
      );
      this.#database
        .prepare(
          `UPDATE wallets SET balance = balance - ? WHERE username = (SELECT username FROM holds WHERE reservation = ?)`,
        )
        .run(nanocents - hold!.paid!, reservationId);
      this.#database
        .prepare('UPDATE holds SET settled = ? WHERE reservation = ?')
        .run(nanocents, reservationId);
    });
  }

  close(): void {
    this.#database.close();
  }

  #one(sql: string, value: string): Record<string, bigint> | undefined {
    const statement = this.#database.prepare(sql);
    statement.setReadBigInts(true);
    return statement.get(value) as Record<string, bigint> | undefined;
  }

  #atomically<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function balance(username: string, askedNanocents: bigint, availableNanocents: bigint) {
  return { account: `wallet of ${username}`, askedNanocents, availableNanocents };
}

if (import.meta.main) {
  const wallet = new Wallet(':memory:');
  wallet.topUp('ann', 100_000_000_000n);
  await using books = await openBooks({ store: 'memory', accountants: [wallet] });
  const call = { model: 'gpt-4o-mini', username: 'ann', nanocents: 60_000_000_000n };
  const first = await books.reserve(call);
  if (first.outcome !== 'reserved') throw new Error('the wallet was full');
  const say = (what: string) =>
    process.stdout.write(`${what}; ${formatUsd(wallet.available('ann'))} USD to spend\n`);
  say('0.60 USD set aside');
  const second = await books.reserve(call);
  if (second.outcome === 'refused') say(`refused: ${second.insufficient?.error.message}`);
  await books.settle(first.reservation.id, { nanocents: 45_000_000n });
  say('settled with 0.00045 USD');
}
