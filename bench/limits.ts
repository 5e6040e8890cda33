/**
 * What limits cost: finding those that a call comes under among 1,000; five that match instead of three, with 256 callers; and
 * a reserve under five in a ledger of 1,000 and of 1,000,000 recorded calls.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createIds, systemClock } from '../src/books/ids.ts';
import { type LedgerService, openLedger } from '../src/core/ledger.ts';
import type { LimitDraft, WriteRequest } from '../src/core/request.ts';
import type { Limit } from '../src/limits/limit.ts';
import { createPicker } from '../src/limits/pick.ts';
import { openSqlite } from '../src/store/sqlite/index.ts';
import { requestsFor } from '../src/testing/requests.ts';
import type { WindowRule } from '../src/time/window.ts';
import { interleaved, machineLine, median, rate, say, table, temporaryFolder } from './support.ts';

const callers = 256;
const pairsPerRound = Number(process.env.PAIRS ?? 10_240);
const rounds = Number(process.env.ROUNDS ?? 5);
const manyCalls = Number(process.env.CALLS ?? 1_000_000);
const reserves = Number(process.env.RESERVES ?? 300);
const folder = temporaryFolder();
const ask = requestsFor(createIds(systemClock), systemClock);

const month: WindowRule = { kind: 'calendar', unit: 'month', count: 1, zone: 'UTC' };
const rollingDay: WindowRule = { kind: 'rolling', unit: 'day', count: 1 };

const three = [draft({}), draft({ model: 'gpt-4o-mini' }), draft({ username: '*' })];
const five = [
  ...three,
  draft({ username: '*' }, { type: 'requests', window: { ...month, unit: 'minute' } }),
  draft({ caller: 'app' }),
];
const fiveWithRolling = [
  ...three,
  draft({ username: '*' }, { window: rollingDay }),
  draft({ caller: 'app' }),
];

say(machineLine());
matching();
await moreLimits();
await moreCalls();

function draft(selector: Limit['selector'], more: Partial<LimitDraft> = {}): LimitDraft {
  const scope = selector.username ? 'USER' : selector.model ? 'MODEL' : selector.caller ? 'CALLER' : 'GLOBAL';
  const amount = { kind: 'limit', scope, type: 'cost', max: 2n ** 62n, window: month, selector } as const;
  return { ...amount, enforcement: 'hard', thresholds: [], source: 'command', file: null, ...more };
}

/** 1,000 limits of all sorts; a call comes under nine of them. */
function matching(): void {
  const selectors: Limit['selector'][] = [{}, { username: '*' }, { model: '*', username: '*' }];
  for (let one = 0; one < 300; one++) {
    selectors.push({ username: `user-${one}` }, { model: `model-${one}`, username: '*' });
    selectors.push({ tag: `team=team-${one}` });
  }
  while (selectors.length < 1000) selectors.push({ caller: `app-${selectors.length}`, model: 'model-1' });
  const limits = selectors.map((selector, index): Limit => {
    const window = index % 10 === 0 ? rollingDay : month;
    const fixed = { id: index + 1, raises: [], grants: [], createdAt: 0, endedAt: null };
    return { ...draft(selector, { window }), ...fixed };
  });
  const pick = createPicker();
  const calls = Array.from({ length: 200 }, (_, one) => ({
    username: `user-${one}`,
    model: `model-${one}`,
    caller: 'app-950',
    'tag:team': `team-${one}`,
  }));
  const now = Date.now();
  const found = median(calls.map((call) => pick(limits, call, now).length));
  const times = Array.from({ length: 50 }, () => {
    const started = performance.now();
    for (const call of calls) pick(limits, call, now);
    return ((performance.now() - started) * 1000) / calls.length;
  });
  say(
    `\nmatching one call among ${limits.length} limits: ${median(times).toFixed(1)} µs, ${found} accounts; wanted: < 50 µs`,
  );
}

async function setLimits(ledger: LedgerService, drafts: readonly LimitDraft[]): Promise<void> {
  for (const limit of drafts) await ledger.write({ kind: 'setLimit', limit, fromNow: true });
}

async function moreLimits(): Promise<void> {
  const variants = { three, five, fiveWithRolling };
  const results = await interleaved(
    rounds,
    Object.fromEntries(Object.entries(variants).map(([name, drafts]) => [name, () => pairsUnder(drafts)])),
  );
  const rows = Object.entries(results).map(([name, rates]) => {
    const shares = rates.map((value, round) => value / results.three![round]!);
    return [name, rate(median(rates)), median(shares).toFixed(2)];
  });
  say(`\n${callers} callers, ${pairsPerRound} reserve+settle pairs, by limits that match`);
  say(table(['limits', 'pairs/s (median)', 'share of three'], rows));
  say('wanted: five at 0.80 of three or more');
}

async function pairsUnder(drafts: readonly LimitDraft[]): Promise<number> {
  const ledger = openLedger(await newStore());
  await setLimits(ledger, drafts);
  await runPairs(ledger, callers * 2);
  const started = performance.now();
  await runPairs(ledger, pairsPerRound);
  const seconds = (performance.now() - started) / 1000;
  await ledger.close();
  return pairsPerRound / seconds;
}

function attributesOf(pair: number) {
  return { model: 'gpt-4o-mini', provider: 'openai', username: `user-${pair % 50}`, caller: 'app' };
}

async function runPairs(ledger: LedgerService, pairs: number): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < pairs) {
      const reserve = reserveOf(next++);
      await moved(ledger, reserve, 'reserved');
      await moved(ledger, ask.settle(reserve.id, 45_000_000n), 'settled');
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

function reserveOf(pair: number) {
  return ask.reserve(50_000_000n, attributesOf(pair), { quantities: { cost: 50_000_000n, requests: 1n } });
}

async function moved(ledger: LedgerService, request: WriteRequest, wanted: string): Promise<void> {
  const { outcome } = await ledger.write(request);
  if (outcome !== wanted) throw new Error(`${request.kind}: ${outcome}`);
}

/** The same reserves, one at a time, in turns: in a ledger that is almost empty, and in a full one. */
async function moreCalls(): Promise<void> {
  const sizes = [1000, manyCalls];
  const files: string[] = [];
  for (const calls of sizes) {
    const store = await newStore();
    const ledger = openLedger(store);
    await setLimits(ledger, fiveWithRolling);
    for (let done = 0; done < calls; done += 1000) {
      const batch = Array.from({ length: 1000 }, (_, one) => ask.record(1n, attributesOf(done + one)));
      await Promise.all(batch.map((request) => moved(ledger, request, 'recorded')));
    }
    files.push(store.location);
    await ledger.close();
  }
  const statements: Set<string>[] = [new Set(), new Set()];
  const ledgers: LedgerService[] = [];
  for (const [index, file] of files.entries()) {
    const recording = recordStatements(statements[index]!);
    const ledger = openLedger(await openSqlite({ file, clock: systemClock }));
    ledgers.push(ledger);
    for (let pair = 0; pair < 50; pair++) await moved(ledger, reserveOf(pair), 'reserved');
    recording.end();
  }
  const times: number[][] = [[], []];
  for (let pair = 0; pair < reserves; pair++) {
    for (const [index, ledger] of ledgers.entries()) {
      const reserve = reserveOf(pair);
      const started = performance.now();
      await moved(ledger, reserve, 'reserved');
      times[index]!.push((performance.now() - started) * 1000);
    }
  }
  for (const ledger of ledgers) await ledger.close();
  const [few, many] = times.map(median) as [number, number];
  const plans = files.map((file, index) => plansOf(file, statements[index]!));
  const same = JSON.stringify(plans[0]) === JSON.stringify(plans[1]);
  say(`\na reserve under five limits, ${reserves} in turns, each its own commit`);
  say(
    table(
      ['recorded calls', 'µs (median)'],
      [few, many].map((time, index) => [rate(sizes[index]!), time.toFixed(0)]),
    ),
  );
  say(`ratio ${(many / few).toFixed(2)}; wanted: ≤ 1.5`);
  say(`${statements[0]!.size} statements; the same ones with the same plans: ${same ? 'yes' : 'NO'}`);
  if (!same) say(JSON.stringify(plans, null, 1));
}

/** Every statement that is prepared, until the end. */
function recordStatements(into: Set<string>): { end(): void } {
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
    into.add(sql);
    return prepare.call(this, sql);
  };
  return {
    end: () => {
      DatabaseSync.prototype.prepare = prepare;
    },
  };
}

function plansOf(file: string, statements: ReadonlySet<string>): [sql: string, plan: unknown[]][] {
  const database = new DatabaseSync(file, { readOnly: true });
  const explained = [...statements].filter((sql) => /^\s*(SELECT|INSERT|UPDATE|DELETE)/.test(sql)).sort();
  const plans = explained.map((sql): [string, unknown[]] => [
    sql,
    database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map((row) => row.detail),
  ]);
  database.close();
  return plans;
}

function newStore() {
  return openSqlite({ file: join(folder, `${randomBytes(4).toString('hex')}.sqlite`), clock: systemClock });
}
