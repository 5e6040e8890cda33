import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Books } from '../../books/books.ts';
import { openBooks } from '../../books/open-books.ts';
import type { Verification } from '../../core/verify.ts';
import { NanocentError } from '../../errors/error.ts';
import { formatUsd } from '../../money/index.ts';
import { budgetNanocents, type CallersOptions, type Contest, callersOf, holdMs, processes } from './plan.ts';

/** What is counted in one contest. Money in nanocents. */
export interface Tally {
  /** Calls that left for the provider, and what it bills for them. */
  sent: number;
  billed: bigint;
  /** Callers turned away. */
  refused: number;
  /** In the books, and set aside, when looked at last. */
  booked: bigint;
  held: bigint;
}

export interface RaceState {
  readonly tallies: Readonly<Record<Contest, Tally>>;
  /** Highest sum of booked and held that was ever seen in the ledger with the limit. */
  highest: bigint;
  looks: number;
  elapsedMs: number;
  killed: { readonly process: number; readonly callers: number; readonly atMs: number } | null;
}

export interface RaceResult extends RaceState {
  readonly seed: number;
  /** Holds of the killed process, charged when they ran out. */
  readonly orphans: { readonly count: number; readonly nanocents: bigint };
  readonly verification: Verification;
  /** The limit held, nothing was lost, and the books prove it. */
  readonly holds: boolean;
}

const lookMs = 50;
/** Callers are done long before; a machine this slow ends the race without the rest of them. */
const raceMsMax = 15_000;
/** The process that is killed, and when at the latest. */
const victim = 1;
const killMsMax = 4_000;

/** Runs the race in a folder that is gone afterwards; `look` is called with what is known so far. */
export async function runRace(seed: number, look: (state: RaceState) => void): Promise<RaceResult> {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-race-'));
  const children: ChildProcess[] = [];
  const clear = () => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const interrupted = (signal: NodeJS.Signals) => {
    clear();
    process.off(signal, interrupted);
    process.kill(process.pid, signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupted);
  try {
    return await race(folder, seed, children, look);
  } finally {
    for (const signal of signals) process.off(signal, interrupted);
    clear();
  }
}

async function race(
  folder: string,
  seed: number,
  children: ChildProcess[],
  look: (state: RaceState) => void,
): Promise<RaceResult> {
  const files = { nanocent: join(folder, 'nanocent.sqlite'), model: join(folder, 'model.sqlite') };
  const open = (store: string) => openBooks({ store, environment: {}, config: false, background: false });
  await using nanocent = await open(files.nanocent);
  await using model = await open(files.model);
  const max = formatUsd(budgetNanocents);
  await nanocent.limits.set({ scope: 'GLOBAL', limitType: 'cost', max, intervalUnit: 'lifetime' });
  const state: RaceState = {
    tallies: { nanocent: emptyTally(), model: emptyTally() },
    highest: 0n,
    looks: 0,
    elapsedMs: 0,
    killed: null,
  };
  const started = Array.from({ length: processes }, (_, index) =>
    startCallers({ seed, process: index, files }, state),
  );
  children.push(...started.map(({ child }) => child));
  await Promise.all(started.map(({ ready }) => ready));
  const startedAt = performance.now();
  for (const { child } of started) child.stdin!.write('go\n');
  let running = processes;
  for (const { ended } of started) void ended.then(() => (running -= 1));
  while (running > 0 && state.elapsedMs < raceMsMax) {
    await sleep(lookMs);
    state.elapsedMs = performance.now() - startedAt;
    await takeStock(state, nanocent, model);
    const halfWay = state.tallies.nanocent.booked * 2n >= budgetNanocents || state.elapsedMs > killMsMax;
    if (state.killed === null && halfWay) {
      started[victim]!.child.kill('SIGKILL');
      state.killed = { process: victim, callers: callersOf(victim).length, atMs: state.elapsedMs };
    }
    look(state);
  }
  for (const { child } of started) child.kill('SIGKILL');
  await Promise.all(started.map(({ ended }) => ended));
  await untilNothingIsHeld(state, nanocent, model, () => look(state));
  state.elapsedMs = performance.now() - startedAt;
  // Awaited here: the ledgers are closed behind it.
  return await judge(state, seed, nanocent);
}

function emptyTally(): Tally {
  return { sent: 0, billed: 0n, refused: 0, booked: 0n, held: 0n };
}

interface Started {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
}

function startCallers(options: CallersOptions, state: RaceState): Started {
  // Built and unbuilt files differ in their extension only, and tsc does not rewrite it inside a URL.
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const program = fileURLToPath(new URL(`./race-callers${extension}`, import.meta.url));
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  // The one that is killed reads no more.
  child.stdin.on('error', () => {});
  let pending = '';
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ready = new Promise<void>((resolve, reject) => {
    const failed = () => {
      const message = `process ${options.process + 1} of the race did not start: ${complaint.slice(0, 500)}`;
      reject(new NanocentError('plan_impossible', message));
    };
    child.once('error', failed);
    child.once('close', failed);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (pending + text).split('\n');
      pending = lines.pop()!;
      for (const line of lines) {
        if (line === 'ready') resolve();
        else count(line, state);
      }
    });
  });
  return { child, ready, ended };
}

function count(line: string, state: RaceState): void {
  const [what, contest, nanocents = '0'] = line.split(' ');
  const tally = state.tallies[contest as Contest];
  if (what === 'refused') tally.refused += 1;
  if (what !== 'sent') return;
  tally.sent += 1;
  tally.billed += BigInt(nanocents);
}

async function takeStock(state: RaceState, nanocent: Books, model: Books): Promise<void> {
  const [account] = await nanocent.reads.scanAccounts(null, 1);
  const { tallies } = state;
  tallies.nanocent.booked = account?.settled ?? 0n;
  tallies.nanocent.held = account?.reserved ?? 0n;
  const [totals] = await model.reads.totals({ from: 0, to: Number.MAX_SAFE_INTEGER, filter: {}, by: [] });
  tallies.model.booked = totals?.nanocents ?? 0n;
  const sum = tallies.nanocent.booked + tallies.nanocent.held;
  if (sum > state.highest) state.highest = sum;
  state.looks += 1;
}

/** What the killed process held is charged at its deadline, by whoever is there. */
async function untilNothingIsHeld(
  state: RaceState,
  nanocent: Books,
  model: Books,
  look: () => void,
): Promise<void> {
  const end = performance.now() + holdMs + 1_000;
  for (;;) {
    await nanocent.expireDue();
    await takeStock(state, nanocent, model);
    look();
    if (state.tallies.nanocent.held === 0n || performance.now() > end) return;
    await sleep(lookMs);
  }
}

async function judge(state: RaceState, seed: number, books: Books): Promise<RaceResult> {
  const verification = await books.verify();
  const orphans = { count: 0, nanocents: 0n };
  let after: string | null = null;
  for (;;) {
    const page = await books.reads.scanReservations(after, 1000);
    for (const { state: ended, posted } of page) {
      if (ended !== 'expired') continue;
      orphans.count += 1;
      orphans.nanocents += posted.cost ?? 0n;
    }
    if (page.length < 1000) break;
    after = page.at(-1)!.id;
  }
  const { booked, held, billed } = state.tallies.nanocent;
  const keptLimit = state.highest <= budgetNanocents && booked + held <= budgetNanocents;
  const holds = verification.balanced && keptLimit && held === 0n && booked >= billed;
  return { ...state, seed, orphans, verification, holds };
}
