import { randomBytes } from 'node:crypto';
import type { Ids } from '../core/context.ts';
import type { Clock } from '../time/clock.ts';

/** UUIDv7 (RFC 9562) in order within this process: a 12-bit counter stands after the millisecond. */
export function createIds(clock: Clock): Ids {
  let lastMs = 0;
  let counter = 0;
  const random = randomPool();
  return {
    uuid() {
      const now = clock.now();
      if (now > lastMs) {
        lastMs = now;
        counter = random(2).readUInt16BE() & 0x7ff;
      } else if (++counter > 0xfff) {
        // More than the counter holds in one millisecond: borrow the next one, so that order is kept.
        lastMs += 1;
        counter = 0;
      }
      const time = lastMs.toString(16).padStart(12, '0');
      const tail = random(8);
      tail[0] = 0x80 | (tail[0]! & 0x3f);
      const rest = tail.toString('hex');
      const version = (0x7000 | counter).toString(16);
      return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${rest.slice(0, 4)}-${rest.slice(4)}`;
    },
    salt: () => random(16).toString('hex'),
  };
}

export const systemClock: Clock = { now: () => Date.now() };

/** Random bytes, fetched from the system in larger pieces: each fetch costs more than what it is used for. */
function randomPool(): (size: number) => Buffer {
  let pool = Buffer.alloc(0);
  let used = 0;
  return (size) => {
    if (used + size > pool.length) {
      pool = randomBytes(8192);
      used = 0;
    }
    used += size;
    return pool.subarray(used - size, used);
  };
}
