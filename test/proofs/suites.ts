/** The suites that prove ours, so that a broken ledger can be put through the same. Each throws at the first thing wrong. */
import { openLedger } from '../../src/core/ledger.ts';
import { openMemory } from '../../src/store/memory/index.ts';
import type { Store } from '../../src/store/port.ts';
import { races } from '../../src/testing/conformance/races.ts';
import { type FakeClock, fakeClock } from '../../src/testing/fake-clock.ts';
import { interleave, type OpenProcess } from '../../src/testing/interleavings.ts';
import { exhaust, smallScopes } from '../../src/testing/interleavings-exhaustive.ts';
import { seededIds } from '../../src/testing/seeded.ts';
import { simulate } from '../../src/testing/simulation.ts';
import { simulateJumps } from '../../src/testing/simulation-jumps.ts';
import { proveNumbers } from '../../src/testing/simulation-numbers.ts';
import { stories } from '../../src/testing/stories/index.ts';
import { playStory } from '../../src/testing/story.ts';

/** A ledger that is to be proved: how a store is opened, and how a process opens a share of one. */
export interface Proved {
  readonly openStore: (clock: FakeClock) => Store;
  readonly openProcess: OpenProcess;
}

export const suites = {
  stories: async ({ openStore }: Proved) => {
    for (const story of stories) {
      const clock = fakeClock();
      await named(story.name, () => playStory(story, openLedger(openStore(clock)), clock));
    }
  },
  races: async ({ openStore }: Proved) => {
    for (const { name, play } of races) {
      const clock = fakeClock();
      const store = openStore(clock);
      const bench = { subject: { store }, clock, ledger: openLedger(store), ids: seededIds(name) };
      await named(name, () => play(bench));
    }
  },
  simulation: async ({ openStore }: Proved) => {
    for (let seed = 1; seed <= 300; seed++) {
      const clock = fakeClock();
      const store = openStore(clock);
      await simulate({ store, clock, seed, sequences: 1, momentsMax: 12, thorough: false });
    }
  },
  'clock jumps': async ({ openStore }: Proved) => {
    for (let seed = 1; seed <= 5; seed++) await simulateJumps({ seed, moments: 6, open: openStore });
  },
  numbers: async ({ openStore }: Proved) => {
    const clock = fakeClock();
    await proveNumbers(openStore(clock), clock);
  },
  interleavings: async ({ openProcess }: Proved) => {
    for (let seed = 1; seed <= 300; seed++) {
      await interleave({ seed, open: openProcess, proved: seed % 10 === 0 });
    }
  },
  'every order': async ({ openProcess }: Proved) => {
    await exhaust(smallScopes()[0]!, openProcess);
  },
} as const satisfies Record<string, (proved: Proved) => Promise<void>>;

export type SuiteName = keyof typeof suites;

export function memoryStore(clock: FakeClock): Store {
  return openMemory({ clock, ledgerId: 'to be proved' });
}

async function named(name: string, play: () => Promise<unknown>): Promise<void> {
  try {
    await play();
  } catch (cause) {
    throw new Error(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
