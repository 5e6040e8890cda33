import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { NanocentError } from '../../errors/error.ts';
import { accountKey } from '../../ledger/account.ts';
import type { Reservation } from '../../ledger/reservation.ts';
import { writeByHand } from '../../testing/plan-machine.ts';
import { seededIds } from '../../testing/seeded.ts';
import type { Store } from '../port.ts';
import { openSqlite } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'nanocent-sharing-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const clock = { now: () => Date.now() };

const counter = {
  key: accountKey(1, {}, 0),
  limitId: 1,
  subject: {},
  measure: 'requests',
  windowStart: 0,
  windowEnd: null,
};

/** Adds one to the counter, reading it first: an update that gets lost would show in the sum. */
const addOne = (store: Awaited<ReturnType<typeof openSqlite>>) =>
  writeByHand(store, {
    accounts: [counter],
    lines: [{}],
    plan: (_, held) => ({
      accounts: [{ ...counter, settled: held.accounts.get(counter.key)!.settled + 1n, reserved: 0n }],
    }),
  });

const adder = (file: string, additions: string) => `
  import { openSqlite } from './index.ts';
  import { writeByHand } from '../../testing/plan-machine.ts';
  const counter = ${JSON.stringify(counter)};
  const store = await openSqlite({ file: ${JSON.stringify(file)}, clock: { now: () => Date.now() } });
  const addOne = () => writeByHand(store, { accounts: [counter], lines: [{}], plan: (_, held) => ({
    accounts: [{ ...counter, settled: held.accounts.get(counter.key).settled + 1n, reserved: 0n }] }) });
  console.log('ready');
  ${additions}
`;

function start(text: string) {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', text], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.includes('ready')) resolve();
    });
  });
  const ended = new Promise<string>((resolve) =>
    child.on('close', () => resolve(output.slice(output.indexOf('\n') + 1).trim())),
  );
  return { child, ready, ended };
}

test('two connections of one process and their reads never meet a locked database', async () => {
  const file = join(folder, 'connections.sqlite');
  const [left, right] = [await openSqlite({ file, clock }), await openSqlite({ file, clock })];
  const writes = Array.from({ length: 60 }, (_, index) => addOne(index % 2 ? left : right));
  const reads = Array.from({ length: 60 }, () => left.totals({ from: 0, to: 1e13, filter: {}, by: [] }));
  await Promise.all([...writes, ...reads]);
  assert.equal((await left.accounts([counter.key]))[0]!.settled, 60n);
  assert.equal((await right.chainHeads())[0]!.number, 60);
  await left.close();
  await right.close();
});

test('what another handle changed is never taken from memory', async () => {
  const file = join(folder, 'remembered.sqlite');
  const [left, right] = [await openSqlite({ file, clock }), await openSqlite({ file, clock })];
  const id = seededIds().uuid();
  const held: Reservation = {
    id,
    state: 'open',
    attributes: {},
    admitted: {},
    held: {},
    posted: {},
    atEnd: {},
    settledWith: null,
    holds: [],
    onExpire: 'charge',
    createdAt: 1,
    expiresAt: 2,
    endedAt: null,
    fence: 1,
    lastLine: null,
    draft: null,
  };
  const write = (store: Store, row: Reservation, isNew: boolean) =>
    writeByHand(store, { names: { reservations: [id] }, plan: () => ({ reservations: [{ row, isNew }] }) });
  const seen = async (store: Store) => {
    const { head } = await writeByHand(store, { names: { reservations: [id] } });
    return head.reservations.get(id);
  };
  assert.equal(await seen(right), undefined);
  await write(left, held, true);
  assert.deepEqual([await seen(left), await seen(right)], [held, held]);
  const renewed = { ...held, fence: 2 };
  await write(right, renewed, false);
  assert.deepEqual([await seen(left), await seen(right)], [renewed, renewed]);
  const settled: Reservation = { ...renewed, state: 'settled', endedAt: 3 };
  await write(left, settled, false);
  assert.deepEqual([await seen(left), await seen(right)], [settled, settled]);
  // A batch that failed half-way left nothing behind, in memory either.
  const broken = writeByHand(left, {
    names: { reservations: [id] },
    plan: () => ({
      reservations: [{ row: { ...settled, fence: 9 }, isNew: false }],
      accounts: [{ ...counter, settled: 2n ** 63n, reserved: 0n }],
    }),
  });
  await assert.rejects(broken, /64 bits/);
  assert.deepEqual([await seen(left), await seen(right)], [settled, settled]);
  await left.close();
  await right.close();
});

test('an account without a row is looked for once, and again when another handle has written', async (t) => {
  const file = join(folder, 'absent.sqlite');
  let asked = 0;
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
    const statement = prepare.call(this, sql);
    if (!/FROM nanocent_accounts WHERE key/.test(sql)) return statement;
    const get = statement.get.bind(statement) as (...values: never[]) => ReturnType<typeof statement.get>;
    statement.get = ((...values: never[]) => {
      asked += 1;
      return get(...values);
    }) as typeof statement.get;
    return statement;
  };
  t.after(() => {
    DatabaseSync.prototype.prepare = prepare;
  });
  const [left, right] = [await openSqlite({ file, clock }), await openSqlite({ file, clock })];
  const buckets = Array.from({ length: 70 }, (_, index) => {
    const [windowStart, windowEnd] = [index * 60_000, (index + 1) * 60_000];
    return { ...counter, key: accountKey(1, {}, windowStart), windowStart, windowEnd };
  });
  const [third] = buckets.slice(2);
  const look = async (store: Store) => {
    asked = 0;
    const { held } = await writeByHand(store, { reads: buckets });
    return [asked, [...held.accounts.values()].map(({ windowStart, settled }) => [windowStart, settled])];
  };
  const post = (store: Store, settled: bigint) =>
    writeByHand(store, {
      accounts: [third!],
      plan: () => ({ accounts: [{ ...third!, settled, reserved: 0n }] }),
    });
  assert.deepEqual(await look(left), [70, []]);
  assert.deepEqual(await look(left), [0, []]);
  await post(left, 5n);
  assert.deepEqual(await look(left), [0, [[120_000, 5n]]]);
  assert.deepEqual(await look(right), [70, [[120_000, 5n]]]);
  await post(right, 7n);
  assert.deepEqual(await look(left), [70, [[120_000, 7n]]]);
  assert.deepEqual(await look(left), [0, [[120_000, 7n]]]);
  await left.close();
  await right.close();
});

test('processes share the file evenly, and no update is lost', async () => {
  const file = join(folder, 'processes.sqlite');
  const store = await openSqlite({ file, clock });
  await addOne(store);
  const text = adder(
    file,
    `await new Promise((resolve) => process.stdin.once('data', resolve));
     let added = 0;
     const end = performance.now() + 1500;
     while (performance.now() < end) { await addOne(); added++; }
     console.log(added);
     process.stdin.destroy();
     await store.close();`,
  );
  const workers = [start(text), start(text)];
  await Promise.all(workers.map(({ ready }) => ready));
  for (const { child } of workers) child.stdin.write('go\n');
  const added = (await Promise.all(workers.map(({ ended }) => ended))).map(Number);
  const sum = added[0]! + added[1]!;
  assert.equal((await store.accounts([counter.key]))[0]!.settled, BigInt(sum + 1));
  assert.equal((await store.chainHeads())[0]!.position, sum + 1);
  // Even within a factor of four: left to SQLite's own handler it is a factor of a thousand.
  assert.ok(Math.min(...added) * 4 > Math.max(...added), `additions ${added}`);
  await store.close();
});

test('a lock that stays: refused as busy after the time given, and free again afterwards', async () => {
  const file = join(folder, 'busy.sqlite');
  const store = await openSqlite({ file, clock, busyTimeoutMs: 50 });
  const holder = new DatabaseSync(file);
  holder.exec('BEGIN IMMEDIATE');
  const startedAt = performance.now();
  await assert.rejects(addOne(store), (error) => {
    assert.ok(NanocentError.is(error));
    assert.equal(error.code, 'store_busy');
    assert.match(error.message, /busy\.sqlite was in use by other processes for 50 ms/);
    return true;
  });
  assert.ok(performance.now() - startedAt >= 50);
  assert.equal((await store.accounts([counter.key])).length, 0);
  const waiting = addOne(store);
  holder.exec('ROLLBACK');
  await waiting;
  assert.equal((await store.accounts([counter.key]))[0]!.settled, 1n);
  holder.close();
  await store.close();
});

test('closing while a write waits for the lock refuses the write', async () => {
  const file = join(folder, 'closing.sqlite');
  const store = await openSqlite({ file, clock });
  const holder = new DatabaseSync(file);
  holder.exec('BEGIN IMMEDIATE');
  const waiting = addOne(store);
  await store.close();
  await assert.rejects(waiting, (error) => NanocentError.is(error) && error.code === 'store_closed');
  holder.exec('ROLLBACK');
  holder.close();
});

test('what was acknowledged is there after the process was killed', async () => {
  const file = join(folder, 'killed.sqlite');
  const text = adder(file, `for (let added = 1; ; added++) { await addOne(); console.log(added); }`);
  const { child, ready, ended } = start(text);
  await ready;
  setTimeout(() => child.kill('SIGKILL'), 150);
  const acknowledged = Number((await ended).split('\n').at(-1) || 0);
  const store = await openSqlite({ file, clock });
  const position = (await store.chainHeads())[0]!.position;
  // The last commit may have been made without having been printed.
  assert.ok(position === acknowledged || position === acknowledged + 1, `${position} of ${acknowledged}`);
  assert.ok(acknowledged > 0);
  assert.equal((await store.accounts([counter.key]))[0]!.settled, BigInt(position));
  assert.equal((await store.inspect()).find(({ name }) => name === 'integrity')?.ok, true);
  await store.close();
});
