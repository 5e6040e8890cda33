import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { expireDue } from '../../src/core/expire-due.ts';
import { openLedger } from '../../src/core/ledger.ts';
import { verify } from '../../src/core/verify.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import { costLimit } from '../../src/testing/requests.ts';
import { type Random, seededRandom } from '../../src/testing/seeded.ts';

/** Files on which one writer is killed again and again; they are worked on side by side. */
const lanes = 3;
const killsPerLane = 67;
/** A file is put aside after so many kills, so that proving it stays quick. */
const killsPerFile = 10;
const killsOfPairs = 24;

const folder = mkdtempSync(join(tmpdir(), 'nanocent-kill-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The writer as one file of JavaScript: a process is at work in a third of the time. */
const script = join(folder, 'sqlite-writer.mjs');
before(() =>
  build({
    entryPoints: [join(import.meta.dirname, 'sqlite-writer.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: script,
    logLevel: 'error',
  }),
);

/** What writers were told had been committed. */
interface Acknowledged {
  readonly settled: Map<string, bigint>;
  readonly recorded: Map<string, bigint>;
  readonly reserved: Set<string>;
}

test(`${lanes * killsPerLane} kills of a writing process lose no acknowledged settle`, async (t) => {
  const totals = await Promise.all(Array.from({ length: lanes }, (_, lane) => killAgainAndAgain(lane)));
  const settles = totals.reduce((sum, total) => sum + total, 0);
  t.diagnostic(`${lanes * killsPerLane} kills, ${settles} acknowledged settles, none lost`);
  assert.ok(settles > 10 * lanes * killsPerLane, 'writers were killed at work');
});

test(`two processes on one file, killed in turn ${killsOfPairs} times`, async (t) => {
  const random = seededRandom(99);
  const file = join(folder, 'pair.sqlite');
  const told = await newBooks(file);
  let writers = [startWriter(file, 'pair 0', told), startWriter(file, 'pair 1', told)];
  for (let kill = 0; kill < killsOfPairs; kill++) {
    await Promise.all(writers.map(({ heard }) => heard(1 + random.below(200))));
    const [first, second] = writers as [Writer, Writer];
    await first.kill();
    writers = [second, startWriter(file, `pair ${kill + 2}`, told)];
    if (kill % 8 !== 7) continue;
    // Nobody may write while the books are compared with what both were told.
    await Promise.all(writers.map((writer) => writer.kill()));
    await proveBooks(file, told);
    writers = [startWriter(file, `pair ${kill} a`, told), startWriter(file, `pair ${kill} b`, told)];
  }
  await Promise.all(writers.map((writer) => writer.kill()));
  await proveBooks(file, told);
  await proveNothingIsHeld(file);
  t.diagnostic(`${told.settled.size} acknowledged settles, none lost`);
  assert.ok(told.settled.size > killsOfPairs);
});

async function killAgainAndAgain(lane: number): Promise<number> {
  const random = seededRandom(1000 + lane);
  let settles = 0;
  for (let start = 0; start < killsPerLane; start += killsPerFile) {
    const file = join(folder, `lane-${lane}-${start}.sqlite`);
    const told = await newBooks(file);
    for (let kill = start; kill < Math.min(start + killsPerFile, killsPerLane); kill++) {
      const writer = startWriter(file, `${lane} ${kill}`, told);
      await moment(writer, random);
      await writer.kill();
      await proveBooks(file, told);
    }
    await proveNothingIsHeld(file);
    settles += told.settled.size;
  }
  return settles;
}

/** Mostly when it has said so many lines, sometimes while the process is still opening the file. */
async function moment(writer: Writer, random: Random): Promise<void> {
  if (random.onceIn(8)) await sleep(40 + random.below(120));
  else await writer.heard(1 + random.below(150));
}

async function newBooks(file: string): Promise<Acknowledged> {
  const ledger = openLedger(await openSqlite({ file, clock: Date }));
  await ledger.write(costLimit(10n ** 12n));
  await ledger.write(costLimit(10n ** 11n, 'username'));
  await ledger.close();
  return { settled: new Map(), recorded: new Map(), reserved: new Set() };
}

interface Writer {
  /** Returns when it has said so many lines, or has ended. */
  heard(lines: number): Promise<void>;
  /** Returns when every line that the process wrote has been read. */
  kill(): Promise<void>;
}

function startWriter(file: string, run: string, told: Acknowledged): Writer {
  const child: ChildProcess = spawn(process.execPath, [script, file, run], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let pending = '';
  let complaints = '';
  let killed = false;
  let count = 0;
  let closed = false;
  let wake = () => {};
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      closed = true;
      resolve();
    });
  });
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const lines = (pending + text).split('\n');
    // A last line without its end was cut by the kill: it acknowledges nothing.
    pending = lines.pop()!;
    for (const line of lines) take(line, told);
    count += lines.length;
    wake();
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  return {
    async heard(lines) {
      while (count < lines && !closed) {
        await Promise.race([ended, new Promise<void>((resolve) => (wake = resolve))]);
      }
    },
    async kill() {
      assert.ok(!killed && !closed, `the writer ended by itself: ${complaints}`);
      killed = true;
      child.kill('SIGKILL');
      await ended;
      assert.equal(complaints, '');
    },
  };
}

function take(line: string, told: Acknowledged): void {
  const [what, id = '', amount = ''] = line.split(' ');
  if (what === 'settled') told.settled.set(id, BigInt(amount));
  if (what === 'recorded') told.recorded.set(id, BigInt(amount));
  if (what === 'reserved') told.reserved.add(id);
}

/** Everything that was acknowledged is there, exactly, and the books balance. */
async function proveBooks(file: string, told: Acknowledged): Promise<void> {
  const store = await openSqlite({ file, clock: Date });
  try {
    assert.deepEqual((await verify(store)).differences, []);
    for (const [id, amount] of told.settled) {
      const reservation = await store.reservation(id);
      assert.equal(reservation?.state, 'settled', `reservation ${id}`);
      assert.equal(reservation.posted.cost, amount);
    }
    for (const id of told.reserved) assert.ok(await store.reservation(id), `reservation ${id} is there`);
    const rows = new Map((await store.entriesById([...told.recorded.keys()])).map((row) => [row.id, row]));
    for (const [id, amount] of told.recorded) assert.equal(rows.get(id)?.nanocents, amount, `row ${id}`);
  } finally {
    await store.close();
  }
}

/** After the deadlines any process closes what the dead ones held. */
async function proveNothingIsHeld(file: string): Promise<void> {
  const ledger = openLedger(await openSqlite({ file, clock: { now: () => Date.now() + 60_000 } }));
  try {
    await expireDue(ledger);
    assert.deepEqual(await ledger.reads.openReservations(10), []);
    for (const account of await ledger.reads.scanAccounts(null, 1000)) assert.equal(account.reserved, 0n);
    assert.deepEqual((await verify(ledger.reads)).differences, []);
  } finally {
    await ledger.close();
  }
}
