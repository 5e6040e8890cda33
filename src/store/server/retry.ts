import { setTimeout as delay } from 'node:timers/promises';

/** Tries of one transaction in all, and the time that the pauses between them may come to. */
export const triesMax = 5;
const pauseMsMax = 2000;
const firstPauseMs = 10;

/**
 * Runs a whole transaction until nobody was in its way, five times at most; between two tries it waits a random part of a time
 * that doubles. What is not worth retrying is thrown as it is, and so is the last error.
 */
export async function retryWhole<T>(
  attempt: () => Promise<T>,
  isWorthRetrying: (error: unknown) => boolean,
  random: () => number = Math.random,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tries >= triesMax || !isWorthRetrying(error)) throw error;
    }
    await delay(Math.min(pauseMsMax, random() * firstPauseMs * 4 ** tries));
  }
}
