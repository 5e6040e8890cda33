import type { Context } from '../core/context.ts';
import { expireDue } from '../core/expire-due.ts';

/** Between two rounds. */
const roundMs = 5_000;

/** What went wrong in a round; the next one tries again. */
export type OnTrouble = (what: 'replay_failed' | 'sweep_failed' | 'delivery_failed', error: unknown) => void;

/**
 * What any process that lives long does for a ledger: books what waits in the spool, then closes holds whose deadline has
 * passed. The spool goes first: what ended in time is settled, not charged as held. Never keeps a process alive.
 */
export class Housekeeping {
  readonly #context: Context;
  readonly #onTrouble: OnTrouble;
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> | null = null;

  constructor(context: Context, onTrouble: OnTrouble = () => {}) {
    this.#context = context;
    this.#onTrouble = onTrouble;
  }

  /** Before the first call is admitted: what waits is booked, and holds that nobody looked after are closed. */
  async open(background: boolean): Promise<void> {
    if (!background) return this.#replayed();
    await this.round();
    this.#timer ??= setInterval(() => void this.round(), roundMs).unref();
  }

  /** One round; a second one waits for the first. Never rejects. */
  round(): Promise<void> {
    this.#round ??= this.#go().finally(() => {
      this.#round = null;
    });
    return this.#round;
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    await this.#round;
  }

  async #go(): Promise<void> {
    await this.#replayed();
    // As long as it cannot be booked, it must not be charged as held either.
    if ((this.#context.spool?.state.endings ?? 0) > 0) return;
    await expireDue(this.#context.ledger).catch((error) => this.#onTrouble('sweep_failed', error));
  }

  async #replayed(): Promise<void> {
    const { spool, ledger } = this.#context;
    try {
      if (spool && (await spool.look()) && spool.hasFiles) await spool.replay(ledger);
    } catch (error) {
      this.#onTrouble('replay_failed', error);
    }
  }
}
