/**
 * Reserve and settle on PostgreSQL under one limit that everybody shares and that turns every fifth call away: 256 callers in one process,
 * against the same calls with a transaction each, over 1, 8 and 32 connections. All write the same rows.
 *
 *   POSTGRES=postgresql://root@127.0.0.1:5432/test npm run bench -- postgres
 */
import { randomBytes } from 'node:crypto';
import { createIds, systemClock } from '../src/books/ids.ts';
import { openLedger } from '../src/core/ledger.ts';
import { createMachine } from '../src/core/machine.ts';
import type { WriteRequest, WriteResult } from '../src/core/request.ts';
import { loadDriver } from '../src/store/postgres/driver.ts';
import { openPostgres } from '../src/store/postgres/index.ts';
import { costLimit, requestsFor } from '../src/testing/requests.ts';
import { interleaved, machineLine, median, rate, say, table } from './support.ts';

const server = process.env.POSTGRES ?? 'postgresql://root@127.0.0.1:5432/test';
const callers = 256;
const pairs = Number(process.env.PAIRS ?? 5120);
const singlePairs = Number(process.env.SINGLE_PAIRS ?? 400);
const rounds = Number(process.env.ROUNDS ?? 5);
const { reserve, settle } = requestsFor(createIds(systemClock), systemClock);

type Write = (request: WriteRequest) => Promise<WriteResult>;

say(machineLine());
say(`${callers} callers, ${pairs} calls in a batch round, ${singlePairs} one by one, ${rounds} rounds\n`);
const names = {
  grouped: 'group commit, 256 callers',
  single1: 'one call per transaction, 1 connection',
  single8: 'one call per transaction, 8 connections',
  single32: 'one call per transaction, 32 connections',
};
const results = await interleaved(rounds, {
  grouped: () => run({ connections: 4, calls: pairs, atOnce: callers, grouped: true }),
  single1: () => run({ connections: 2, calls: singlePairs, atOnce: 1, grouped: false }),
  single8: () => run({ connections: 8, calls: singlePairs, atOnce: 8, grouped: false }),
  single32: () => run({ connections: 32, calls: singlePairs, atOnce: 32, grouped: false }),
});
say(
  table(
    ['variant', 'calls/s (median)', 'min', 'max', 'group commit / this'],
    Object.entries(names).map(([name, title]) => {
      const rates = results[name]!;
      const shares = rates.map((value, round) => results.grouped![round]! / value);
      return [
        title,
        ...[median(rates), Math.min(...rates), Math.max(...rates)].map(rate),
        `${median(shares).toFixed(1)}×`,
      ];
    }),
  ),
);
say('\nwanted: at least 5× of the best one-call-per-transaction variant');

interface Run {
  readonly connections: number;
  readonly calls: number;
  readonly atOnce: number;
  readonly grouped: boolean;
}

/** Calls per second: a reserve, and a settle where it was granted. */
async function run({ connections, calls, atOnce, grouped }: Run): Promise<number> {
  const at = new URL(server);
  const schema = `nanocent_bench_${randomBytes(6).toString('hex')}`;
  at.searchParams.set('schema', schema);
  const store = await openPostgres({ at: at.href, init: true, connectionsMax: connections });
  const ledger = openLedger(store);
  const write: Write = grouped
    ? (request) => ledger.write(request)
    : async (request) => (await store.transact([request], createMachine()))[0]!;
  try {
    await ledger.write(costLimit((BigInt(calls) * 10n * 4n) / 5n));
    let next = 0;
    let refused = 0;
    const caller = async () => {
      while (next++ < calls) {
        const hold = reserve(10n, {
          username: `user-${next % 50}`,
          model: 'gpt-4o-mini',
          provider: 'openai',
        });
        const { outcome } = await write(hold);
        if (outcome === 'refused') refused += 1;
        else if (outcome === 'reserved') await write(settle(hold.id, 10n));
        else throw new Error(`reserve: ${outcome}`);
      }
    };
    const started = performance.now();
    await Promise.all(Array.from({ length: atOnce }, caller));
    const seconds = (performance.now() - started) / 1000;
    if (refused !== calls / 5) throw new Error(`${refused} of ${calls} were refused, not every fifth`);
    return calls / seconds;
  } finally {
    await ledger.close();
    await drop(schema);
  }
}

async function drop(schema: string): Promise<void> {
  const { Pool } = await loadDriver();
  const pool = new Pool({ connectionString: server, max: 1 });
  const client = await pool.connect();
  await client.query({ text: `DROP SCHEMA "${schema}" CASCADE`, rowMode: 'array', query_timeout: 60_000 });
  client.release(true);
  await pool.end();
}
