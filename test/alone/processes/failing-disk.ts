// Runs under shim/disk.c: makes the n-th change of a disk fail, for every n until none is left to fail, and each time proves
// the books afterwards. Arguments: folder, every n-th, first n. Says a line per kind of fault; throws where something is wrong.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type LedgerService, openLedger } from '../../../src/core/ledger.ts';
import type { WriteRequest } from '../../../src/core/request.ts';
import { NanocentError } from '../../../src/errors/error.ts';
import { openSqlite } from '../../../src/store/sqlite/index.ts';
import { costLimit, requestsFor } from '../../../src/testing/requests.ts';
import { seededIds } from '../../../src/testing/seeded.ts';
import { proveFile, Told } from '../proofs/told.ts';

const [folder = '', every = '1', first = '1'] = process.argv.slice(2);
/** A history makes fewer changes than this; reaching it means that faults never end. */
const changesMax = 2000;
const clock = { now: () => Date.now() };
const books = join(folder, 'books.sqlite');

const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  exec.call(this, sql);
  // A log that is copied into the file every few batches, so that those writes fail too.
  if (sql.includes('wal_autocheckpoint')) exec.call(this, 'PRAGMA wal_autocheckpoint=20');
};

interface Fault {
  readonly kind: 'eio' | 'enospc' | 'short' | 'fsync';
  /** From the n-th on, all of them. */
  readonly lasts: boolean;
  /** What the callers are told. */
  readonly code: 'store_unreachable' | 'store_full';
}

const faults: readonly Fault[] = [
  { kind: 'eio', lasts: false, code: 'store_unreachable' },
  { kind: 'eio', lasts: true, code: 'store_unreachable' },
  { kind: 'enospc', lasts: false, code: 'store_full' },
  { kind: 'enospc', lasts: true, code: 'store_full' },
  { kind: 'short', lasts: true, code: 'store_full' },
  { kind: 'fsync', lasts: false, code: 'store_unreachable' },
  { kind: 'fsync', lasts: true, code: 'store_unreachable' },
];

/** Tells the shim; true where a fault was met since it was told last. */
function tell(order: string): boolean {
  try {
    unlinkSync(`/disk/${order}`);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST';
  }
  throw new Error('the shim does not stand before this process');
}

/** Writes a small history; what is thrown has to be the one code, and nothing but that. */
async function play(ledger: LedgerService, told: Told, code: Fault['code']): Promise<number> {
  const { reserve, settle, record } = requestsFor(seededIds('failing disk'), clock);
  const ann = { username: 'ann' };
  const [one, two, three] = [reserve(100n, ann), reserve(50n, ann), reserve(60n, ann)];
  const [tracked, beside] = [record(7n, ann), record(8n, ann)];
  let failures = 0;
  const write = async (request: WriteRequest, wanted: string, id: string, amount: bigint) => {
    try {
      const { outcome } = await ledger.write(request);
      if (outcome === wanted) told.hear(`${wanted} ${id} ${amount}`);
      // What was to be settled may not have been reserved.
      else assert.ok(failures > 0 && outcome === 'failed', `${outcome}, not ${wanted}`);
    } catch (error) {
      assert.ok(NanocentError.is(error), String(error));
      assert.equal(error.code, code, error.message);
      failures += 1;
    }
  };
  await write(one, 'reserved', one.id, 100n);
  await write(settle(one.id, 90n), 'settled', one.id, 90n);
  await write(tracked, 'recorded', tracked.entry.id, 7n);
  await Promise.all([
    write(two, 'reserved', two.id, 50n),
    write(three, 'reserved', three.id, 60n),
    write(beside, 'recorded', beside.entry.id, 8n),
  ]);
  await write(settle(two.id, 45n), 'settled', two.id, 45n);
  await write({ kind: 'void', id: three.id, keep: {} }, 'voided', three.id, 0n);
  return failures;
}

/** A fault while calls are made. Whether there was one: above the last change there is none. */
async function failAt(fault: Fault, n: number): Promise<{ met: boolean; failures: number }> {
  const place = join(folder, 'at-work');
  mkdirSync(place);
  const file = join(place, 'books.sqlite');
  copyFileSync(books, file);
  const told = new Told();
  const ledger = openLedger(await openSqlite({ file, clock }));
  tell(`fail/${fault.kind}/${n}/${fault.lasts ? 1 : 0}`);
  const failures = await play(ledger, told, fault.code);
  const met = tell('off');
  // As the next process finds it when this one is killed now …
  const killed = join(place, 'killed.sqlite');
  copyFileSync(file, killed);
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${killed}-wal`);
  await proveFile(killed, told.copy());
  // … and when it ends in order.
  await ledger.close();
  await proveFile(file, told);
  await worksAgain(file);
  rmSync(place, { recursive: true });
  return { met, failures };
}

/** A fault while a ledger is made: it is not opened, or it is; and then, without one, it is. */
async function failAtBirth(fault: Fault, n: number): Promise<{ met: boolean; failures: number }> {
  const place = join(folder, 'new');
  mkdirSync(place);
  const file = join(place, 'books.sqlite');
  let failures = 0;
  tell(`fail/${fault.kind}/${n}/${fault.lasts ? 1 : 0}`);
  try {
    const store = await openSqlite({ file, clock });
    await store.close();
  } catch (error) {
    assert.ok(NanocentError.is(error), String(error));
    assert.equal(error.code, fault.code, error.message);
    failures = 1;
  }
  const met = tell('off');
  await worksAgain(file);
  rmSync(place, { recursive: true });
  return { met, failures };
}

async function worksAgain(file: string): Promise<void> {
  const told = new Told();
  const ledger = openLedger(await openSqlite({ file, clock }));
  const after = requestsFor(seededIds('after'), clock).record(1n);
  assert.equal((await ledger.write(after)).outcome, 'recorded');
  await ledger.close();
  told.hear(`recorded ${after.entry.id} 1`);
  await proveFile(file, told);
}

async function until(name: string, fault: Fault, attempt: typeof failAt): Promise<void> {
  let failures = 0;
  let count = 0;
  for (let n = Number(first); ; n += Number(every)) {
    assert.ok(n < changesMax, `${name}: still failing at the ${n}th change`);
    try {
      const found = await attempt(fault, n);
      failures += found.failures;
      if (!found.met) break;
      count += 1;
    } catch (error) {
      tell('off');
      throw new Error(`${name}, ${fault.kind}${fault.lasts ? ' for good' : ''} at change ${n}`, {
        cause: error,
      });
    }
  }
  assert.ok(count > 0, `${name}: ${fault.kind} met something`);
  // A write that is cut short once is simply written on; the others are heard of.
  assert.ok(failures > 0, `${name}: ${fault.kind} was told to a caller`);
  process.stdout.write(`${JSON.stringify({ name, ...fault, count, failures })}\n`);
}

const ledger = openLedger(await openSqlite({ file: books, clock }));
await ledger.write(costLimit(10_000n));
await ledger.write(costLimit(1_000n, 'username'));
await ledger.close();
for (const fault of faults) await until('calls', fault, failAt);
for (const fault of faults.filter(({ lasts }) => !lasts)) await until('a new ledger', fault, failAtBirth);
