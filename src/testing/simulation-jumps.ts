import type { Store } from '../store/port.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import { simulate } from './simulation.ts';

const hourMs = 3_600_000;
const tenYearsMs = 3652 * 24 * hourMs;

/** What clocks of machines do when somebody sets them, or they start without a battery. */
export const clockJumps = [-hourMs, hourMs, -tenYearsMs, tenYearsMs] as const;

export interface JumpOptions {
  readonly seed: number;
  /** Moments of the history: a jump is tried before each of them. */
  readonly moments: number;
  readonly open: (clock: FakeClock) => Store | Promise<Store>;
}

/** One random history, once for each jump before each of its moments, on a store and on the reference. */
export async function simulateJumps({ seed, moments, open }: JumpOptions): Promise<{ histories: number }> {
  let histories = 0;
  for (let moment = 0; moment < moments; moment++) {
    for (const byMs of clockJumps) {
      const clock = fakeClock();
      const store = await open(clock);
      const momentsMax = moments;
      await simulate({
        store,
        clock,
        seed,
        sequences: 1,
        momentsMax,
        thorough: true,
        jump: { moment, byMs },
      });
      await store.close();
      histories += 1;
    }
  }
  return { histories };
}
