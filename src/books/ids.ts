import { randomBytes } from 'node:crypto';
import type { Ids } from '../core/context.ts';
import type { Clock } from '../time/clock.ts';

/** UUIDv7 (RFC 9562) in order within this process: a 12-bit counter stands after the millisecond. */
export function createIds(clock: Clock): Ids {
  let lastMs = 0;
  let counter = 0;
  const randomHex = randomPool();
  return {
    uuid() {
      const now = clock.now();
      if (now > lastMs) {
        lastMs = now;
        counter = Number.parseInt(randomHex(2), 16) & 0x7ff;
      } else if (++counter > 0xfff) {
        // More than the counter holds in one millisecond: borrow the next one, so that order is kept.
        lastMs += 1;
        counter = 0;
      }
      const time = lastMs.toString(16).padStart(12, '0');
      const rest = randomHex(8);
      const variant = (0x8 | (Number.parseInt(rest[0]!, 16) & 0x3)).toString(16);
      const version = (0x7000 | counter).toString(16);
      return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}${rest.slice(1, 4)}-${rest.slice(4)}`;
    },
    salt: () => randomHex(16),
  };
}

export const systemClock: Clock = { now: () => Date.now() };

/** Random bytes as hex, fetched from the system in larger pieces: each fetch costs more than what it is used for. */
function randomPool(): (bytes: number) => string {
  let pool = '';
  let used = 0;
  return (bytes) => {
    const digits = 2 * bytes;
    if (used + digits > pool.length) {
      pool = randomBytes(8192).toString('hex');
      used = 0;
    }
    used += digits;
    return pool.slice(used - digits, used);
  };
}
