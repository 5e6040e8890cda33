import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';

/** Others are thought to be at work for so long after a commit of theirs was seen. */
const sharedMs = 1000;
/** One handle commits for so long without a pause while others are at work. */
const turnMs = 5;
/** Longer than any other's pause between two attempts (retry.ts). */
const pauseMs = 2;

/**
 * Whose turn it is on a shared file. SQLite gives its lock to whoever asks next, which is mostly whoever had it last; so a
 * handle that sees others at work stands back after a few milliseconds. With four busy processes the 99th percentile of
 * all waits fell from 105 ms to 50 ms (2026-11-22, two cores); a file of one's own costs nothing.
 */
export class Turns {
  #sharedUntil = 0;
  #startedAt = 0;

  /** Inside a transaction: whether another handle has committed since this one did. */
  begin(othersCommitted: boolean): void {
    if (!othersCommitted) return;
    this.#startedAt = performance.now();
    this.#sharedUntil = this.#startedAt + sharedMs;
  }

  /** After a commit. Leaves the lock free for at least one turn of the event loop. */
  end(): Promise<void> {
    const now = performance.now();
    const standsBack = now < this.#sharedUntil && now >= this.#startedAt + turnMs;
    return standsBack ? delay(pauseMs) : nextTurn();
  }
}
