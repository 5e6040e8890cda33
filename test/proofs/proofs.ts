/** The long proofs of this folder, for `npm test` and for `npm run prove`, which goes on where the tests end. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatUsdRounded } from '../../src/money/format-money.ts';
import { openMemory } from '../../src/store/memory/index.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { interleave, openOurs } from '../../src/testing/interleavings.ts';
import { exhaust, smallScopes } from '../../src/testing/interleavings-exhaustive.ts';
import { isLinearizable, recordHistory } from '../../src/testing/interleavings-history.ts';
import { simulate } from '../../src/testing/simulation.ts';
import { clockJumps, simulateJumps } from '../../src/testing/simulation-jumps.ts';
import type { Proof } from '../alone/proofs/proof.ts';
import { spendAll, ways } from './peers.ts';

/** Of so many interleavings, one is proved by `verify` and the laws at its end, besides what each commit is put to. */
const provedEvery = 25;

/** Several processes on one database in random orders; `size` counts runs. */
export const interleavings: Proof = async ({ seed: first, size }) => {
  let steps = 0;
  let crashes = 0;
  for (let seed = first; seed < first + size; seed++) {
    const { order } = await interleave({ seed, proved: seed % provedEvery === 0 });
    steps += order.length;
    if (order.includes('†')) crashes += 1;
  }
  assert.ok(steps > 20 * size && crashes > size / 4, 'orders are not empty, and processes died');
  return `${size} orders from seed ${first}: ${steps} steps, ${crashes} processes died`;
};

/** The same on one SQLite file, which each process opens for itself; `size` counts runs. */
export const connections: Proof = async ({ seed: first, size }) => {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-connections-'));
  let steps = 0;
  try {
    for (let seed = first; seed < first + size; seed++) {
      const file = join(folder, `${seed}.sqlite`);
      const connect = (clock: ReturnType<typeof fakeClock>) => openSqlite({ file, clock });
      steps += (await interleave({ seed, proved: true, connect })).order.length;
      rmSync(file);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  assert.ok(steps > 20 * size, 'orders are not empty');
  return `${size} orders from seed ${first} on as many files: ${steps} steps`;
};

/** Every order of small histories, each with a crash after each step. */
export const orders: Proof = async () => {
  const played: string[] = [];
  for (const scope of smallScopes()) {
    const { orders: count, runs } = await exhaust(scope);
    assert.equal(count, { 2: 924, 3: 34_650 }[scope.asked.length], scope.name);
    played.push(`${scope.name}: ${scope.asked.length} × ${scope.steps} steps, ${count} orders, ${runs} runs`);
  }
  return played.join('\n');
};

/** What callers saw of one account, against every order in which it could have answered; `size` counts histories. */
export const histories: Proof = async ({ seed: first, size }) => {
  let operations = 0;
  let unanswered = 0;
  for (let seed = first; seed < first + size; seed++) {
    const history = await recordHistory({ seed, open: openOurs });
    operations += history.operations.length;
    unanswered += history.operations.filter(({ answer }) => answer === null).length;
    assert.ok(isLinearizable(history), `seed ${seed}: no order of one account gives these answers`);
  }
  assert.ok(operations > 100 * size && (size < 20 || unanswered > 0), 'histories are long, and callers died');
  return `${size} histories from seed ${first}: ${operations} operations, ${unanswered} never answered`;
};

/** Clocks that jump before every moment of random histories on memory; `size` counts seeds. */
export const jumps: Proof = async ({ seed: first, size }) => {
  let histories = 0;
  for (let seed = first; seed < first + size; seed++) {
    const open = (clock: ReturnType<typeof fakeClock>) => openMemory({ clock, ledgerId: `seed ${seed}` });
    histories += (await simulateJumps({ seed, moments: 8, open })).histories;
  }
  assert.equal(histories, size * 8 * clockJumps.length);
  return `${histories} histories of ${size} seeds from ${first}`;
};

/** Random sequences on memory and on the reference; `size` counts sequences. */
export const sequences: Proof = async ({ seed: first, size }) => {
  let commands = 0;
  for (let seed = first; seed < first + size; seed++) {
    const clock = fakeClock();
    const store = openMemory({ clock, ledgerId: `seed ${seed}` });
    const thorough = seed % 40 === 0;
    commands += (await simulate({ store, clock, seed, sequences: 1, momentsMax: 12, thorough })).commands;
  }
  assert.ok(commands > 8 * size, 'sequences are not empty');
  return `${size} sequences from seed ${first}, ${commands} commands, no difference`;
};

const sequencesPerFile = 8;

/** The same on SQLite: eight sequences, one after the other, in each file; `size` counts sequences. */
export const sqliteSequences: Proof = async ({ seed: first, size }) => {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-sequences-'));
  let commands = 0;
  try {
    for (let seed = first; seed < first + size / sequencesPerFile; seed++) {
      const clock = fakeClock();
      const file = join(folder, `${seed}.sqlite`);
      const store = await openSqlite({ file, clock });
      const asked = { seed, sequences: sequencesPerFile, momentsMax: 8, thorough: seed % 50 === 0 };
      commands += (await simulate({ store, clock, ...asked })).commands;
      await store.close();
      rmSync(file);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  assert.ok(commands > 5 * size, 'sequences are not empty');
  return `${size} sequences from seed ${first}, ${commands} commands, no difference`;
};

/** Models of other ways to keep a budget, and ours; `size` counts runs of each. */
export const peers: Proof = async ({ seed: first, size }) => {
  const lines: string[] = [];
  for (const way of ways) {
    const worst = { over: 0n, lost: 0n, stuck: 0n };
    for (let seed = first; seed < first + size; seed++) {
      const outcome = await spendAll(way, seed);
      for (const figure of ['over', 'lost', 'stuck'] as const) {
        if (outcome[figure] > worst[figure]) worst[figure] = outcome[figure];
      }
    }
    if (way.like === null) assert.deepEqual(worst, { over: 0n, lost: 0n, stuck: 0n }, 'ours holds');
    const shown = Object.entries(worst).map(
      ([figure, amount]) => `${figure} up to ${formatUsdRounded(amount)}`,
    );
    lines.push(`${shown.join(', ')}: ${way.name}`);
  }
  return lines.join('\n');
};
