import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { simulate } from '../../src/testing/simulation.ts';

const ledgers = 250;
const sequences = 8;
const folder = mkdtempSync(join(tmpdir(), 'nanocent-simulation-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test(`SQLite does what the reference does, in ${ledgers * sequences} random sequences`, async (t) => {
  let commands = 0;
  for (let seed = 1; seed <= ledgers; seed++) {
    const clock = fakeClock();
    const file = join(folder, `${seed}.sqlite`);
    const store = await openSqlite({ file, clock });
    const thorough = seed % 50 === 0;
    commands += (await simulate({ store, clock, seed, sequences, momentsMax: 8, thorough })).commands;
    await store.close();
    rmSync(file);
  }
  t.diagnostic(`${commands} commands; more: npm run simulate -- --store sqlite --seed 1000`);
  assert.ok(commands > 5 * ledgers * sequences, 'sequences are not empty');
});
