import { hash } from 'node:crypto';

/**
 * The pause before a task is tried again, after so many vain tries: as in the list, the last one for ever, and up to a quarter
 * more, so that many that failed together do not come back together. The same for the same task and try.
 */
export function pauseMs(pausesMs: readonly number[], attempts: number, key: string): number {
  const pause = pausesMs[Math.min(attempts, pausesMs.length) - 1] ?? 0;
  const jitter = Number.parseInt(hash('sha256', `${key} ${attempts}`, 'hex').slice(0, 4), 16) / 0xffff;
  return Math.round(pause * (1 + jitter / 4));
}
