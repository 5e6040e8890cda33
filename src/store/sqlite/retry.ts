import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { NanocentError } from '../../errors/error.ts';
import { isBusy } from './failure.ts';

/** Whoever has waited between these asks ten times as often: who came first is served first, or nearly so. */
const eagerFromMs = 10;
const eagerToMs = 250;

/**
 * Runs `operation` until no other connection is in its way. SQLite's own busy handler blocks the thread and starves
 * one of two writers (1,914 commits against 1 measured); a jittered pause of a millisecond or two splits evenly.
 * Throws store_busy after `timeoutMs`.
 */
export async function retryBusy<T>(operation: () => T, timeoutMs: number, file: string): Promise<T> {
  let waitsFrom: number | null = null;
  for (;;) {
    try {
      return operation();
    } catch (error) {
      if (!isBusy(error)) throw error;
      waitsFrom ??= performance.now();
      if (performance.now() >= waitsFrom + timeoutMs) throw busy(file, timeoutMs, error);
    }
    await pause(performance.now() - waitsFrom);
  }
}

async function pause(waitedMs: number): Promise<void> {
  if (waitedMs < eagerFromMs || waitedMs > eagerToMs) return delay(Math.random() < 0.5 ? 1 : 2);
  // Timers do not know less than a millisecond: the thread sleeps for a tenth of one, and its other work goes on between.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.05 + Math.random() / 10);
  return nextTurn();
}

function busy(file: string, timeoutMs: number, cause: unknown): NanocentError {
  return new NanocentError('store_busy', `${file} was in use by other processes for ${timeoutMs} ms.`, {
    fix: 'Retry; if it stays so, look for a process that keeps a transaction open on it.',
    data: { file, timeoutMs },
    cause,
  });
}
