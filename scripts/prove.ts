// npm run prove -- NAME [--seed N] [--size N]
// The proofs of `npm test` that are worth running for longer. Without a name: which there are, and in what their size counts.
import { parseArgs } from 'node:util';
import type { Proof } from '../test/alone/proofs/proof.ts';

interface Offer {
  readonly about: string;
  /** What `size` counts, and how much `npm test` does. */
  readonly unit: string;
  readonly size: number;
  load(): Promise<Proof>;
}

const offers: Readonly<Record<string, Offer>> = {
  bank: {
    about: 'eight processes on one SQLite file, and one that reads all along',
    unit: 'seconds',
    size: 60,
    load: async () => (await import('../test/alone/proofs/bank.ts')).proveBank,
  },
  boundaries: {
    about: 'a process killed before each statement and around each acknowledgement',
    unit: 'every n-th boundary',
    size: 1,
    load: async () => (await import('../test/alone/proofs/kills.ts')).proveBoundaries,
  },
  connections: {
    about: 'processes in random orders, each with its own connection to one SQLite file',
    unit: 'orders',
    size: 200,
    load: async () => (await import('../test/proofs/proofs.ts')).connections,
  },
  histories: {
    about: 'what callers saw of one account, against every order in which it could have answered',
    unit: 'histories',
    size: 200,
    load: async () => (await import('../test/proofs/proofs.ts')).histories,
  },
  interleavings: {
    about: 'processes on one database in random orders, with crashes and lost answers',
    unit: 'orders',
    size: 100_000,
    load: async () => (await import('../test/proofs/proofs.ts')).interleavings,
  },
  jumps: {
    about: 'clocks that jump ±1 h and ±10 years before every moment of random histories',
    unit: 'histories without jumps',
    size: 60,
    load: async () => (await import('../test/proofs/proofs.ts')).jumps,
  },
  faults: {
    about: 'the n-th write, truncation or sync of a disk fails (Linux, gcc)',
    unit: 'every n-th',
    size: 1,
    load: async () => (await import('../test/alone/proofs/faults.ts')).proveFaults,
  },
  kills: {
    about: 'processes that share a file, killed at random',
    unit: 'kills',
    size: 500,
    load: async () => (await import('../test/alone/proofs/kills.ts')).proveKills,
  },
  orders: {
    about: 'every order of small histories, each with a crash after each step',
    unit: 'nothing, all are played',
    size: 1,
    load: async () => (await import('../test/proofs/proofs.ts')).orders,
  },
  peers: {
    about: 'models of other ways to keep a budget, and ours (docs/compared.md)',
    unit: 'runs of each',
    size: 40,
    load: async () => (await import('../test/proofs/proofs.ts')).peers,
  },
  'power-cut': {
    about: 'the power cut before each write and sync of a recorded history (Linux, gcc)',
    unit: 'batches that are recorded',
    size: 8,
    load: async () => (await import('../test/alone/proofs/power-cut.ts')).provePowerCuts,
  },
  sharing: {
    about: 'busy processes on one SQLite file: how long each waits',
    unit: 'milliseconds for each of four shapes',
    size: 2000,
    load: async () => (await import('../test/alone/proofs/sharing.ts')).proveSharing,
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, size: { type: 'string' } },
});
const [name = ''] = positionals;
const offer = Object.hasOwn(offers, name) ? offers[name]! : null;
if (offer === null) list();
else await prove(offer);

async function prove({ size, load }: Offer): Promise<void> {
  const seed = wholeNumber('seed', values.seed ?? String(Date.now() % 1_000_000_000));
  const chosen = wholeNumber('size', values.size ?? String(size));
  say(`${name}, seed ${seed}, size ${chosen}`);
  const startedAt = performance.now();
  try {
    say(await (await load())({ seed, size: chosen }));
  } catch (error) {
    say(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
    process.exitCode = 1;
  }
  say(`${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

function list(): void {
  if (name !== '') say(`there is no proof ${name}`);
  for (const [each, { about, unit, size }] of Object.entries(offers)) {
    say(`${each.padEnd(14)}${about}; size: ${unit}, ${size} in npm test`);
  }
  process.exitCode = name === '' ? 0 : 2;
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${option} is ${text}, not a whole number`);
  return Number.parseInt(text, 10);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
