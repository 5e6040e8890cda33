// A writer for kill-sqlite.test.ts: reserves, settles and tracks without pause on the file named by its first argument,
// and says what was acknowledged, a line each, until it is killed. Lines go to a pipe, which Node writes synchronously.
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expireDue } from '../../src/core/expire-due.ts';
import { openLedger } from '../../src/core/ledger.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import { requestsFor } from '../../src/testing/requests.ts';
import { seededIds } from '../../src/testing/seeded.ts';

const [file = '', run = ''] = process.argv.slice(2);
const clock = { now: () => Date.now() };
const ledger = openLedger(await openSqlite({ file, clock }));
const { reserve, settle, record } = requestsFor(seededIds(`writer ${run}`), clock);
const callers = 24;
const holdMs = 200;

const say = (...words: readonly (string | bigint)[]) => writeSync(1, `${words.join(' ')}\n`);

async function call(caller: number, turn: number): Promise<void> {
  const username = `user-${caller % 5}`;
  if (turn % 4 === 3) {
    const tracked = record(BigInt(1 + turn), { username });
    await ledger.write(tracked);
    return void say('recorded', tracked.entry.id, BigInt(1 + turn));
  }
  const hold = reserve(100n, { username }, { ttlMs: holdMs });
  const held = await ledger.write(hold);
  if (held.outcome !== 'reserved') throw new Error(`reserve: ${held.outcome}`);
  say('reserved', hold.id, 100n);
  // One call in five dies on the way: nobody comes back for its hold.
  if (turn % 5 === 4) return;
  const settled = await ledger.write(settle(hold.id, BigInt(caller + turn)));
  if (settled.outcome !== 'settled') throw new Error(`settle: ${settled.outcome}`);
  say('settled', hold.id, BigInt(caller + turn));
}

say('ready');
await Promise.all([
  ...Array.from({ length: callers }, async (_, caller) => {
    for (let turn = 0; ; turn++) {
      await call(caller, turn);
      await sleep(1);
    }
  }),
  (async () => {
    for (;;) {
      await expireDue(ledger);
      await sleep(20);
    }
  })(),
]);
