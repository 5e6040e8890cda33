import type { Clock } from '../time/clock.ts';

/** A clock that stands still until it is told otherwise. */
export interface FakeClock extends Clock {
  /** Moves by milliseconds; a negative number sets it back, as clocks of machines sometimes are. */
  advance(byMs: number): void;
  set(at: number | string): void;
}

/** Starts at an instant in epoch milliseconds, or ISO 8601 with its zone. */
export function fakeClock(at: number | string = '2026-03-01T10:00:00Z'): FakeClock {
  let now = instantOf(at);
  return {
    now: () => now,
    advance: (byMs) => {
      now += byMs;
    },
    set: (to) => {
      now = instantOf(to);
    },
  };
}

function instantOf(at: number | string): number {
  const instant = typeof at === 'number' ? at : Date.parse(at);
  if (!Number.isSafeInteger(instant)) throw new Error(`${at} is no instant`);
  return instant;
}
