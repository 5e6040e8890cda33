import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Books } from '../../books/books.ts';
import { openBooks } from '../../books/open-books.ts';
import {
  budgetNanocents,
  type CallersOptions,
  type Contest,
  callersOf,
  callNanocentsMax,
  callsOf,
  holdMs,
  type PlannedCall,
  patienceMs,
  retryMs,
} from './plan.ts';

/**
 * One process of the race: its callers make their calls against both ledgers, and it says a line for whatever the referee
 * counts: `sent CONTEST NANOCENTS` before a call leaves, `refused CONTEST`. Pipes are written at once, so a kill loses no line.
 */
async function main(options: CallersOptions): Promise<void> {
  const open = (contest: Contest) =>
    openBooks({ store: options.files[contest], environment: {}, config: false, background: false });
  const [nanocent, model] = [await open('nanocent'), await open('model')];
  say('ready');
  await once(process.stdin, 'data');
  // Whoever started the race has gone: nobody would end this process.
  process.stdin.once('end', () => process.exit(1));
  const startedAt = performance.now();
  await Promise.all(
    callersOf(options.process).flatMap((caller) => {
      const calls = callsOf(options.seed, caller);
      return [
        inTurn(calls, (call) => reserveThenCall(nanocent, call, startedAt)),
        inTurn(calls, (call) => checkThenAct(model, call)),
      ];
    }),
  );
  await Promise.all([nanocent.close(), model.close()]);
  process.stdin.destroy();
}

/** A caller that is turned away has had enough. */
async function inTurn(calls: readonly PlannedCall[], make: (call: PlannedCall) => Promise<boolean>) {
  for (const call of calls) {
    await sleep(call.afterMs);
    if (!(await make(call))) return;
  }
}

/** Sets the most that the call can cost aside, calls, and books what it did cost. */
async function reserveThenCall(books: Books, call: PlannedCall, startedAt: number): Promise<boolean> {
  for (;;) {
    const held = await books.reserve({ model: 'demo', nanocents: callNanocentsMax, ttlMs: holdMs });
    if (held.outcome === 'reserved') {
      const nanocents = await provider('nanocent', call);
      await books.settle(held.reservation.id, { nanocents });
      return true;
    }
    // Others hold what is left: some of it may come back.
    const mayFit = held.refusals.every(({ reason }) => reason === 'held');
    if (!mayFit || performance.now() - startedAt > patienceMs) break;
    await sleep(retryMs);
  }
  say('refused', 'nanocent');
  return false;
}

/**
 * How budgets are mostly kept: read the sum, compare, call, add. A model of that, not any product; it is even careful, and counts
 * the most that its own call can cost.
 */
async function checkThenAct(books: Books, call: PlannedCall): Promise<boolean> {
  const [totals] = await books.reads.totals({ from: 0, to: Number.MAX_SAFE_INTEGER, filter: {}, by: [] });
  if ((totals?.nanocents ?? 0n) + callNanocentsMax > budgetNanocents) {
    say('refused', 'model');
    return false;
  }
  const nanocents = await provider('model', call);
  await books.track({ model: 'demo', nanocents });
  return true;
}

/** Played: it takes its time, and bills what was sent, whether or not anybody waits for the answer. */
async function provider(contest: Contest, call: PlannedCall): Promise<bigint> {
  say('sent', contest, call.nanocents);
  await sleep(call.answerMs);
  return call.nanocents;
}

function say(...words: readonly (string | bigint)[]): void {
  process.stdout.write(`${words.join(' ')}\n`);
}

await main(JSON.parse(process.argv[2] ?? '{}'));
