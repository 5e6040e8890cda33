import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLedger } from '../core/ledger.ts';
import { directoryTrials } from './conformance/directory.ts';
import { endurance, reopening, tampering, twoConnections } from './conformance/endurance.ts';
import { lies } from './conformance/lies.ts';
import { logTrials } from './conformance/logs.ts';
import { pruneTrials } from './conformance/prunes.ts';
import { races } from './conformance/races.ts';
import { readTrials } from './conformance/reads.ts';
import { taskTrials } from './conformance/tasks.ts';
import type { StoreOnTrial, Trial } from './conformance/trial.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import { seededIds } from './seeded.ts';
import { stories } from './stories/index.ts';
import { playStory } from './story.ts';

/** A store to be proved, and what it cannot do. */
export interface ConformanceOptions {
  /** Shown before each test's name. */
  readonly name: string;
  /** A new, empty ledger whose days are those of UTC, on this clock. */
  readonly create: (clock: FakeClock) => Promise<StoreOnTrial> | StoreOnTrial;
  /** What this store cannot do, and why. Stories, races and tasks are what a store is for: they cannot be left out. */
  readonly leaveOut?: readonly { readonly reason: string; readonly tests: readonly string[] }[];
}

/** Trials that may be left out with a reason: a store may be unable to do what they need. */
const optional: readonly Trial[] = [
  ...readTrials,
  ...lies,
  ...endurance,
  ...logTrials,
  ...directoryTrials,
  reopening,
  twoConnections,
  tampering,
];

/**
 * Registers with node:test everything that a store must prove. Trials that are left out are reported as skipped with
 * their reason, and what is left out must exist.
 */
export function storeConformance({ name, create, leaveOut = [] }: ConformanceOptions): void {
  const proof = (title: string, play: (trial: StoreOnTrial, clock: FakeClock) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const clock = fakeClock();
      const subject = await create(clock);
      try {
        await play(subject, clock);
      } finally {
        await subject.store.close();
        await subject.end?.();
      }
    });
  const register = (trial: Trial) =>
    proof(trial.name, (subject, clock) =>
      trial.play({ subject, clock, ledger: openLedger(subject.store), ids: seededIds(trial.name) }),
    );

  for (const story of stories) {
    proof(story.name, (subject, clock) => playStory(story, openLedger(subject.store), clock));
  }
  for (const trial of [...races, ...taskTrials, ...pruneTrials]) register(trial);
  for (const trial of optional) {
    const left = leaveOut.find(({ tests }) => tests.includes(trial.name));
    if (left) test(`${name}: ${trial.name}`, (context) => context.skip(left.reason));
    else register(trial);
  }
  test(`${name}: what is left out exists and may be left out`, () => {
    const known = optional.map((trial) => trial.name);
    for (const { reason, tests } of leaveOut) {
      assert.ok(reason.length > 0 && tests.length > 0, 'a reason and the tests that it is for');
      for (const left of tests) assert.ok(known.includes(left), `there is no optional trial "${left}"`);
    }
  });
}
