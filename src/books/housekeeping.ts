import type { Context } from '../core/context.ts';
import { lookAfter, replaySpool } from '../core/look-after.ts';
import { pruneAlerts, pruneCounters } from '../core/prune.ts';

/** Between two rounds. */
const roundMs = 5_000;
/** Between two looks at alerts that are long over. */
const alertsRoundMs = 3_600_000;
/** Writes of 500 rows that delete counters in one round: more than a thousand rows a second. When books are opened, one. */
const pruneWritesMax = 12;

/** What went wrong in a round; the next one tries again. */
export type OnTrouble = (
  what: 'replay_failed' | 'sweep_failed' | 'delivery_failed' | 'log_failed',
  error: unknown,
) => void;

/** Looks after a ledger while books are open, now and every few seconds. Never keeps a process alive. */
export class Housekeeping {
  readonly #context: Context;
  readonly #onTrouble: OnTrouble;
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> | null = null;
  #alertsAt = Number.NEGATIVE_INFINITY;

  constructor(context: Context, onTrouble: OnTrouble = () => {}) {
    this.#context = context;
    this.#onTrouble = onTrouble;
  }

  /** Before the first call is admitted: what waits is booked, and holds that nobody looked after are closed. */
  async open(background: boolean): Promise<void> {
    if (!background) {
      // Even a program that ends at once leaves nothing waiting.
      return replaySpool(this.#context).catch((error) => this.#onTrouble('replay_failed', error));
    }
    await this.round(1);
    this.#timer ??= setInterval(() => void this.round(), roundMs).unref();
  }

  /** One round; a second one waits for the first. Never rejects. */
  round(pruneWrites = pruneWritesMax): Promise<void> {
    this.#round ??= this.#lookAfter(pruneWrites).finally(() => {
      this.#round = null;
    });
    return this.#round;
  }

  async #lookAfter(pruneWrites: number): Promise<void> {
    await lookAfter(this.#context, this.#onTrouble);
    const { ledger, clock } = this.#context;
    const now = clock.now();
    try {
      await pruneCounters(ledger, now, pruneWrites);
      if (now - this.#alertsAt < alertsRoundMs) return;
      await pruneAlerts(ledger, now);
      this.#alertsAt = now;
    } catch (error) {
      this.#onTrouble('sweep_failed', error);
    }
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    await this.#round;
  }
}
