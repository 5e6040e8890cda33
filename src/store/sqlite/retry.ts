import { setTimeout as delay } from 'node:timers/promises';
import { NanocentError } from '../../errors/error.ts';
import { isBusy } from './failure.ts';

/**
 * Runs `operation` until no other connection is in its way. SQLite's own busy handler blocks the thread and starves
 * one of two writers (1,914 commits against 1 measured); a jittered pause of a millisecond or two splits evenly.
 * Throws store_busy after `timeoutMs`.
 */
export async function retryBusy<T>(operation: () => T, timeoutMs: number, file: string): Promise<T> {
  let giveUpAt: number | null = null;
  for (;;) {
    try {
      return operation();
    } catch (error) {
      if (!isBusy(error)) throw error;
      giveUpAt ??= performance.now() + timeoutMs;
      if (performance.now() >= giveUpAt) throw busy(file, timeoutMs, error);
    }
    await delay(Math.random() < 0.5 ? 1 : 2);
  }
}

function busy(file: string, timeoutMs: number, cause: unknown): NanocentError {
  return new NanocentError('store_busy', `${file} was in use by other processes for ${timeoutMs} ms.`, {
    fix: 'Retry; if it stays so, look for a process that keeps a transaction open on it.',
    data: { file, timeoutMs },
    cause,
  });
}
