// Works on one file below the recording shim (shim/disk.c), and writes each acknowledgement to a file that is recorded too, so
// that the record says what had been acknowledged when. Arguments: folder, seed, batches, FULL or NORMAL.
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EndingRequest } from '../../../src/core/ending.ts';
import { openLedger } from '../../../src/core/ledger.ts';
import { Spool } from '../../../src/core/spool.ts';
import { openSqlite } from '../../../src/store/sqlite/index.ts';
import { costLimit, requestsFor } from '../../../src/testing/requests.ts';
import { seededIds, seededRandom } from '../../../src/testing/seeded.ts';

const [folder = '', seed = '', batches = '', synchronous = ''] = process.argv.slice(2);

const { prepare, exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  exec.call(this, sql);
  if (!sql.includes('synchronous')) return;
  // A log that is copied into the file every few batches, so that short histories hold that too.
  exec.call(this, `PRAGMA wal_autocheckpoint=60; PRAGMA synchronous=${synchronous}`);
};
DatabaseSync.prototype.prepare = function (sql) {
  // The store reads back what it set, and would refuse to open.
  return prepare.call(this, sql === 'PRAGMA synchronous' ? 'SELECT 2' : sql);
};

const clock = { now: () => Date.now() };
const ledger = openLedger(await openSqlite({ file: join(folder, 'books.sqlite'), clock }));
const { ledgerId } = await ledger.reads.facts();
const spool = new Spool({ folder: join(folder, 'spool'), ledgerId, now: clock.now });
const { reserve, settle, record } = requestsFor(seededIds(`recorder ${seed}`), clock);
const random = seededRandom(Number(seed));
const acknowledgements = openSync(join(folder, 'acknowledged'), 'a');
const say = (what: string, id: string, amount: bigint) =>
  writeSync(acknowledgements, `${what} ${id} ${amount}\n`);

async function call(turn: number): Promise<void> {
  const username = `user-${random.below(3)}`;
  const amount = BigInt(1 + random.below(90));
  if (turn % 4 === 3) {
    const tracked = record(amount, { username });
    await ledger.write(tracked);
    return void say('recorded', tracked.entry.id, amount);
  }
  const hold = reserve(100n, { username });
  await ledger.write(hold);
  say('reserved', hold.id, 100n);
  if (turn % 4 === 2) return;
  const ending = settle(hold.id, amount) as EndingRequest;
  // As where the store is away: kept, acknowledged, and booked some time later.
  if (turn % 4 === 1) await spool.append(ending);
  else await ledger.write(ending);
  say('settled', hold.id, amount);
}

await ledger.write(costLimit(10n ** 9n));
await ledger.write(costLimit(10n ** 9n, 'username'));
for (let batch = 0; batch < Number(batches); batch++) {
  await Promise.all(Array.from({ length: 1 + (batch % 3) }, (_, at) => call(batch + at)));
  if (batch % 3 === 2) await spool.replay(ledger);
}
await ledger.close();
