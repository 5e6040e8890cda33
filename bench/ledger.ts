/**
 * Reserve and settle on SQLite (synchronous=FULL), 256 callers in one process, three limits matching, with journal, chain, both
 * rollups and a usage row — against the very same SQL statements run without any of our code, and against one call per commit.
 */
import { hash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { createIds, systemClock } from '../src/books/ids.ts';
import { holdRequest } from '../src/core/hold.ts';
import { type LedgerService, openLedger } from '../src/core/ledger.ts';
import { createMachine } from '../src/core/machine.ts';
import { quantitiesOf } from '../src/core/quantities.ts';
import type { EntryDraft, WriteRequest } from '../src/core/request.ts';
import { bundledCatalog } from '../src/prices/index.ts';
import type { Store } from '../src/store/port.ts';
import { openSqlite } from '../src/store/sqlite/index.ts';
import { interleaved, machineLine, median, rate, say, table, temporaryFolder } from './support.ts';

const callers = 256;
const pairsPerRound = Number(process.env.PAIRS ?? 10_240);
const singlePairs = Number(process.env.SINGLE_PAIRS ?? 600);
const rounds = Number(process.env.ROUNDS ?? 5);
const folder = temporaryFolder();
const ids = createIds(systemClock);
const context = { catalog: bundledCatalog(), clock: systemClock, ids, zone: 'UTC', ledger: null as never };

interface Recorded {
  readonly sql: string;
  readonly values: readonly unknown[];
}

say(machineLine());
say(`${callers} callers, ${pairsPerRound} reserve+settle pairs per round, ${rounds} rounds\n`);
const processorTime: Record<string, number[]> = {};
const names = {
  grouped: 'Nanocent, group commit',
  replayed: 'raw SQL, rows ready made',
  made: 'raw SQL, rows serialised and hashed',
  single: 'Nanocent, one call per commit',
};
const results = await interleaved(rounds, {
  grouped,
  replayed: () => raw('replayed', replay),
  made: () => raw('made', replayMade),
  single,
});
say(
  table(
    ['variant', 'pairs/s (median)', 'min', 'max', 'processor µs a pair', 'Nanocent / this'],
    Object.entries(names).map(([name, title]) => {
      const rates = results[name]!;
      const shares = rates.map((value, round) => results.grouped![round]! / value);
      const time = processorTime[name];
      return [
        title,
        rate(median(rates)),
        rate(Math.min(...rates)),
        rate(Math.max(...rates)),
        time ? median(time).toFixed(0) : '–',
        `${median(shares).toFixed(2)}×`,
      ];
    }),
  ),
);
say('\nwanted: at least 0.5× of raw batched SQL writing the identical rows, and 5× of one call per commit');

/** Processor time per pair beside the wall clock: the steadier figure where others use the machine too. */
function stopwatch(name: string): () => number {
  const started = performance.now();
  const used = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(used);
    processorTime[name] = [...(processorTime[name] ?? []), (user + system) / pairsPerRound];
    return (performance.now() - started) / 1000;
  };
}

/** Our code, all callers at once. */
async function grouped(): Promise<number> {
  const store = await newStore('grouped');
  const ledger = openLedger(store);
  await setLimits(ledger);
  // One warm-up turn, not counted.
  await runPairs(ledger, callers * 2);
  const done = stopwatch('grouped');
  await runPairs(ledger, pairsPerRound);
  const seconds = done();
  await ledger.close();
  return pairsPerRound / seconds;
}

/** The statements of one such round, replayed with node:sqlite alone on a ledger of the same state. */
async function raw(name: string, how: typeof replay): Promise<number> {
  const recorded: Recorded[] = [];
  const recordingStore = await newStore('recorded');
  const ledger = openLedger(recordingStore);
  await setLimits(ledger);
  await runPairs(ledger, callers * 2);
  await ledger.close();
  const file = recordingStore.location;
  const copy = join(folder, `raw-${randomBytes(4).toString('hex')}.sqlite`);
  const source = new DatabaseSync(file);
  source.exec(`VACUUM INTO '${copy}'`);
  source.close();
  const again = openLedger(await openSqlite({ file, clock: systemClock }));
  const recording = recordWrites(recorded);
  await runPairs(again, pairsPerRound);
  recording.end();
  await again.close();
  return how(copy, recorded, name);
}

/**
 * The same again, but the rows come as plain data: each JSON text is made, and each line and usage row hashed, as any program
 * that writes these rows has to. Nothing is decided, looked up or checked.
 */
function replayMade(file: string, recorded: readonly Recorded[], name: string): number {
  const plain = recorded.map(({ sql, values }) => ({
    sql,
    values: values.map((value) => (isJson(value) ? { json: JSON.parse(value) } : value)),
    hashed: /INTO nanocent_(journal|entries)/.test(sql),
  }));
  const { database, prepared } = openRaw(file, recorded);
  const done = stopwatch(name);
  for (const { sql, values, hashed } of plain) {
    const made = values.map((value) => (isMade(value) ? JSON.stringify(value.json) : value));
    if (hashed) hash('sha256', made.join('\n'), 'hex');
    prepared.get(sql)!.run(...(made as never[]));
  }
  const seconds = done();
  database.close();
  return pairsPerRound / seconds;
}

function isJson(value: unknown): value is string {
  return typeof value === 'string' && /^[[{]/.test(value);
}

function isMade(value: unknown): value is { readonly json: unknown } {
  return typeof value === 'object' && value !== null && 'json' in value;
}

function openRaw(file: string, recorded: readonly Recorded[]) {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=6000');
  const prepared = new Map<string, StatementSync>();
  for (const { sql } of recorded) if (!prepared.has(sql)) prepared.set(sql, database.prepare(sql));
  return { database, prepared };
}

function replay(file: string, recorded: readonly Recorded[], name: string): number {
  const { database, prepared } = openRaw(file, recorded);
  const done = stopwatch(name);
  for (const { sql, values } of recorded) prepared.get(sql)!.run(...(values as never[]));
  const seconds = done();
  database.close();
  return pairsPerRound / seconds;
}

/** The same calls, each in a transaction of its own. */
async function single(): Promise<number> {
  const store = await newStore('single');
  const ledger = openLedger(store);
  await setLimits(ledger);
  const started = performance.now();
  for (let pair = 0; pair < singlePairs; pair++) {
    const reserve = reserveRequest(pair);
    await store.transact([reserve], createMachine());
    await store.transact([settleRequest(reserve, pair)], createMachine());
  }
  const seconds = (performance.now() - started) / 1000;
  await ledger.close();
  return singlePairs / seconds;
}

async function runPairs(ledger: LedgerService, pairs: number): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < pairs) {
      const pair = next++;
      const reserve = reserveRequest(pair);
      const reserved = await ledger.write(reserve);
      if (reserved.outcome !== 'reserved') throw new Error(`reserve: ${reserved.outcome}`);
      const settled = await ledger.write(settleRequest(reserve, pair));
      if (settled.outcome !== 'settled') throw new Error(`settle: ${settled.outcome}`);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

type ReserveRequest = Extract<WriteRequest, { kind: 'reserve' }>;

function reserveRequest(pair: number): ReserveRequest {
  const username = `user-${pair % 50}`;
  return holdRequest(context, { model: 'gpt-4o-mini', provider: 'openai', username, nanocents: 50_000_000n });
}

function settleRequest(reserve: ReserveRequest, pair: number): WriteRequest {
  const entry: EntryDraft = {
    ...reserve.expiry,
    usage: { ...reserve.expiry.usage, input: 1000 + (pair % 7), output: 500, cacheRead: 0 },
    nanocents: 45_000_000n,
    costSource: 'priced',
    basis: 'provider',
    priceId: 'openai/gpt-4o-mini@0#genai-prices',
    executionMicroseconds: 812_000,
  };
  return { kind: 'settle', id: reserve.id, quantities: quantitiesOf(entry), attributes: null, entry };
}

async function setLimits(ledger: LedgerService): Promise<void> {
  const common = {
    type: 'cost',
    max: 9_000_000_000_000_000n,
    window: { kind: 'calendar', unit: 'month', count: 1, zone: 'UTC' },
    enforcement: 'hard',
    thresholds: [],
    source: 'command',
    file: null,
    kind: 'limit',
  } as const;
  const scopes = [
    { scope: 'GLOBAL', selector: {} },
    { scope: 'MODEL', selector: { model: 'gpt-4o-mini' } },
    { scope: 'USER', selector: { username: '*' } },
  ] as const;
  for (const scope of scopes) {
    await ledger.write({ kind: 'setLimit', limit: { ...common, ...scope }, fromNow: true });
  }
}

function newStore(name: string): Promise<Store> {
  return openSqlite({
    file: join(folder, `${name}-${randomBytes(4).toString('hex')}.sqlite`),
    clock: systemClock,
  });
}

/** Keeps every writing statement that a handle of this process runs, until `end`. */
function recordWrites(into: Recorded[]): { end(): void } {
  const prepare = DatabaseSync.prototype.prepare;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
    const statement = prepare.call(this, sql);
    const run = statement.run.bind(statement) as (...values: never[]) => ReturnType<StatementSync['run']>;
    statement.run = ((...values: never[]) => {
      into.push({ sql, values });
      return run(...values);
    }) as StatementSync['run'];
    return statement;
  };
  return {
    end: () => {
      DatabaseSync.prototype.prepare = prepare;
    },
  };
}
