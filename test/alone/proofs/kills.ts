import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLedger } from '../../../src/core/ledger.ts';
import { openSqlite } from '../../../src/store/sqlite/index.ts';
import { costLimit } from '../../../src/testing/requests.ts';
import { type Random, seededRandom } from '../../../src/testing/seeded.ts';
import { bundleProcess, type Child, startChild } from '../processes/child.ts';
import { playScenario } from '../processes/scenario.ts';
import type { TellerOptions } from '../processes/teller.ts';
import { inFolder, inMemoryFolder, type ProofOptions } from './proof.ts';
import { proveFile, proveNothingIsHeld, Told } from './told.ts';

const tellers = 3;
/** Files worked on side by side. */
const lanes = 2;
/** A file is put aside after so many kills, so that proving it stays quick. */
const killsPerFile = 20;

/**
 * Three processes work on one file; again and again one of them is killed and another started, and while the others go on,
 * the books hold everything that anyone was told. Size: kills.
 */
export async function proveKills({ seed, size }: ProofOptions): Promise<string> {
  return inFolder('kills', async (folder) => {
    const script = await bundleProcess('teller', folder);
    let settles = 0;
    let next = 0;
    const lane = async () => {
      while (next < size) {
        const first = next;
        next += killsPerFile;
        const file = join(folder, `${first}.sqlite`);
        const random = seededRandom(seed + first);
        const kills = Math.min(killsPerFile, size - first);
        settles += await killOnOneFile({ script, file, random, kills });
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    assert.ok(settles > size, `processes were killed at work: ${settles} settles`);
    return `${size} kills, ${settles} acknowledged settles, none lost`;
  });
}

interface Killing {
  readonly script: string;
  readonly file: string;
  readonly random: Random;
  readonly kills: number;
}

async function killOnOneFile({ script, file, random, kills }: Killing): Promise<number> {
  const told = new Told();
  const ledger = openLedger(await openSqlite({ file, clock: Date }));
  await ledger.write(costLimit(10n ** 12n));
  await ledger.write(costLimit(10n ** 11n, 'username'));
  const start = (run: number) => {
    const common = { file, callers: 4, records: true, pauseMs: 20, orphanMs: 200, milliseconds: null };
    const options: TellerOptions = { ...common, run: String(run), seed: random.below(1e6) };
    return startChild(script, [JSON.stringify(options)], { hear: (line) => told.hear(line) });
  };
  const children = Array.from({ length: tellers }, (_, index) => start(index));
  for (let kill = 0; kill < kills; kill++) {
    const at = random.below(tellers);
    await moment(children[at]!, random);
    await children[at]!.kill();
    children[at] = start(tellers + kill);
    const view = await ledger.view!();
    await told.prove(view.reads);
    await view.close();
  }
  await Promise.all(children.map((child) => child.kill()));
  await ledger.close();
  await proveFile(file, told);
  await proveNothingIsHeld(file);
  return told.settles;
}

/** Mostly when it has said so many lines more, sometimes while the process is still starting or opening the file. */
async function moment(child: Child, random: Random): Promise<void> {
  if (random.onceIn(8)) await sleep(random.below(80));
  else await child.heard(child.lines.length + 1 + random.below(12));
}

/** A process is killed at every boundary there is of one small history; played again, it ends in the same books. Size: every n-th. */
export async function proveBoundaries({ seed, size }: ProofOptions): Promise<string> {
  return inMemoryFolder('boundaries', async (folder) => {
    const script = await bundleProcess('crashing', folder);
    const whole = join(folder, 'whole.sqlite');
    const undisturbed = startChild(script, [whole, '0']);
    await undisturbed.ended();
    const boundaries = Number(undisturbed.lines.at(-1)!.split(' ')[2]);
    const wanted = await balances(whole);
    let next = 1 + (seed % size);
    let kills = 0;
    const lane = async () => {
      while (next <= boundaries) {
        const at = next;
        next += size;
        const file = join(folder, `${at}.sqlite`);
        const told = new Told();
        const child = startChild(script, [file, String(at)], { hear: (line) => told.hear(line) });
        assert.equal((await child.closed).signal, 'SIGKILL', `boundary ${at} of ${boundaries}`);
        kills += 1;
        await proveFile(file, told);
        await playAgain(file);
        assert.deepEqual(await balances(file), wanted, `played again after boundary ${at}`);
        await proveNothingIsHeld(file);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return `${kills} kills at ${boundaries} boundaries: nothing lost, nothing twice`;
  });
}

async function playAgain(file: string): Promise<void> {
  const ledger = openLedger(await openSqlite({ file, clock: Date }));
  await playScenario(ledger, () => {});
  await ledger.close();
}

/** What the books come to, without what the clock and chance put into them. */
async function balances(file: string): Promise<unknown> {
  const store = await openSqlite({ file, clock: Date });
  const accounts = await store.scanAccounts(null, 100);
  const { limits } = await store.limits();
  const totals = await store.totals({ from: 0, to: 1e14, filter: {}, by: [] });
  const reservations = await store.scanReservations(null, 100);
  await store.close();
  return {
    accounts: accounts.map(({ key, settled, reserved }) => [key, settled, reserved]),
    limits: limits.map(({ id, max, endedAt }) => [id, max, endedAt]),
    totals,
    reservations: reservations.map(({ id, state, posted, held }) => [id, state, posted, held]),
  };
}
