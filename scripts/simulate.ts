// npm run simulate -- [--seed N] [--runs M] [--store memory|sqlite] [--moments N] [--thorough]
// Random command sequences against the naive reference ledger, one seed after the other. A failure prints its seed
// and the moment at which store and reference parted; the same seed plays the same sequence again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openMemory } from '../src/store/memory/index.ts';
import type { Store } from '../src/store/port.ts';
import { openSqlite } from '../src/store/sqlite/index.ts';
import { type FakeClock, fakeClock } from '../src/testing/fake-clock.ts';
import { simulate } from '../src/testing/simulation.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    runs: { type: 'string', default: '1000' },
    store: { type: 'string', default: 'memory' },
    moments: { type: 'string', default: '25' },
    thorough: { type: 'boolean', default: false },
  },
});
const first = wholeNumber('seed', values.seed ?? String(Date.now() % 1_000_000_000));
const runs = wholeNumber('runs', values.runs);
const momentsMax = wholeNumber('moments', values.moments);
const reportEvery = 1000;
const folder = mkdtempSync(join(tmpdir(), 'nanocent-simulate-'));

say(`seed ${first}, ${runs} runs on ${values.store}`);
let commands = 0;
try {
  for (let seed = first; seed < first + runs; seed++) {
    const clock = fakeClock();
    const store = await openStore(clock, seed);
    const options = { store, clock, seed, sequences: 1, momentsMax, thorough: values.thorough };
    commands += (await simulate(options)).commands;
    await store.close();
    const done = seed - first + 1;
    if (done % reportEvery === 0) say(`${done} runs, ${commands} commands, no difference`);
  }
  say(`${runs} runs, ${commands} commands, no difference`);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function openStore(clock: FakeClock, seed: number): Promise<Store> {
  if (values.store === 'memory') return openMemory({ clock, ledgerId: `seed ${seed}` });
  if (values.store === 'sqlite') return openSqlite({ clock, file: join(folder, `${seed}.sqlite`) });
  throw new Error(`--store is ${values.store}; use memory or sqlite`);
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} is ${text}, not a whole number`);
  return Number.parseInt(text, 10);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
