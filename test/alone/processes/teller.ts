// A process at work on one file: its callers reserve, extend, capture, settle, void, leave holds to their deadlines and book
// without a hold, as their seed says, and it says a line for each thing that was acknowledged. Lines go to a pipe, which
// Node writes synchronously. Runs for its time, or until it is killed.
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expireDue } from '../../../src/core/expire-due.ts';
import { openLedger } from '../../../src/core/ledger.ts';
import { openSqlite } from '../../../src/store/sqlite/index.ts';
import { requestsFor } from '../../../src/testing/requests.ts';
import { type Random, seededIds, seededRandom } from '../../../src/testing/seeded.ts';

export interface TellerOptions {
  readonly file: string;
  /** Unlike that of any other process on this file. */
  readonly run: string;
  readonly seed: number;
  readonly callers: number;
  /** Also books without a hold, which no limit stops. */
  readonly records: boolean;
  /** Between two calls of a caller. */
  readonly pauseMs: number;
  /** Time of a hold that nobody comes back for. */
  readonly orphanMs: number;
  /** Null: until it is killed. */
  readonly milliseconds: number | null;
}

const options: TellerOptions = JSON.parse(process.argv[2] ?? '{}');
const clock = { now: () => Date.now() };
const ledger = openLedger(await openSqlite({ file: options.file, clock }));
const { reserve, settle, record } = requestsFor(seededIds(`teller ${options.run}`), clock);
const end =
  options.milliseconds === null ? Number.POSITIVE_INFINITY : performance.now() + options.milliseconds;
let refused = 0;

function say(...words: readonly (string | bigint | number)[]): void {
  writeSync(1, `${words.join(' ')}\n`);
}

async function call(random: Random): Promise<void> {
  const attributes = { username: `user-${random.below(5)}`, model: `model-${random.below(2)}` };
  const what = random.below(8);
  if (what === 0 && options.records) return book(BigInt(1 + random.below(100)), attributes);
  const held = BigInt(50 + random.below(100));
  const onExpire = random.below(2) === 0 ? 'charge' : 'release';
  const ttlMs = what === 1 ? options.orphanMs : 600_000;
  const hold = reserve(held, attributes, {
    ttlMs,
    onExpire,
    quantities: { cost: held, concurrent_requests: 1n },
  });
  const { outcome } = await ledger.write(hold);
  if (outcome === 'refused') {
    refused += 1;
    return sleep(5);
  }
  expect(outcome, 'reserved');
  say('reserved', hold.id, held);
  if (what === 1) return;
  if (what === 2) {
    expect((await ledger.write({ kind: 'void', id: hold.id, keep: {} })).outcome, 'voided');
    return say('voided', hold.id, 0n);
  }
  const captured = what === 3 ? await captureSome(hold.id, attributes, held) : 0n;
  const spent = captured + BigInt(random.below(Number(held - captured) + 1));
  expect((await ledger.write(settle(hold.id, spent - captured))).outcome, 'settled');
  say('settled', hold.id, spent);
}

/** A part of the hold, after more was asked for and may have been refused. */
async function captureSome(id: string, attributes: Record<string, string>, held: bigint): Promise<bigint> {
  const more = {
    kind: 'extend',
    id,
    fence: null,
    quantities: { cost: 20n },
    attributes,
    ttlMs: null,
  } as const;
  const { outcome } = await ledger.write(more);
  if (outcome !== 'refused') expect(outcome, 'extended');
  const quantities = { cost: held / 2n };
  const captured = await ledger.write({ kind: 'capture', id, quantities, attributes: null, entry: null });
  expect(captured.outcome, 'captured');
  return held / 2n;
}

async function book(amount: bigint, attributes: Record<string, string>): Promise<void> {
  const tracked = record(amount, attributes);
  expect((await ledger.write(tracked)).outcome, 'recorded');
  say('recorded', tracked.entry.id, amount);
}

function expect(outcome: string, wanted: string): void {
  if (outcome !== wanted) throw new Error(`${outcome}, not ${wanted}`);
}

say('ready');
await Promise.all([
  ...Array.from({ length: options.callers }, async (_, caller) => {
    const random = seededRandom(options.seed * 1000 + caller);
    while (performance.now() < end) {
      await call(random);
      await sleep(options.pauseMs);
    }
  }),
  (async () => {
    while (performance.now() < end) {
      await expireDue(ledger);
      await sleep(20);
    }
  })(),
]);
await ledger.close();
say('refused', '-', refused);
