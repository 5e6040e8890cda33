import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemory } from '../../src/store/memory/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { simulate } from '../../src/testing/simulation.ts';

const sequences = 20_000;
/** Of so many sequences, one is proved after each of its moments. */
const thoroughEvery = 40;

test(`memory does what the reference does, in ${sequences} random sequences`, async (t) => {
  let commands = 0;
  for (let seed = 1; seed <= sequences; seed++) {
    const clock = fakeClock();
    const store = openMemory({ clock, ledgerId: `seed ${seed}` });
    const thorough = seed % thoroughEvery === 0;
    commands += (await simulate({ store, clock, seed, sequences: 1, momentsMax: 12, thorough })).commands;
  }
  t.diagnostic(`${commands} commands; one more seed: npm run simulate -- --seed 20001`);
  assert.ok(commands > 8 * sequences, 'sequences are not empty');
});
