import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { Accountants } from '../../src/core/accountants.ts';
import { expireDue } from '../../src/core/expire-due.ts';
import { openLedger } from '../../src/core/ledger.ts';
import { workOnDue } from '../../src/core/task-worker.ts';
import type { Reservation } from '../../src/ledger/reservation.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import { assertLaws } from '../../src/testing/laws.ts';
import { bundleProcess, startChild } from './processes/child.ts';
import { FileWallet, readCalls } from './processes/file-wallet.ts';

const folder = mkdtempSync(join(tmpdir(), 'nanocent-accountants-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let script = '';
let alertScript = '';
before(async () => {
  script = await bundleProcess('accountants-caller', folder);
  alertScript = await bundleProcess('alert-caller', folder);
});

/** What both accountants are asked when nothing goes wrong. */
const calm: Readonly<Record<string, readonly string[]>> = {
  settle: ['A reserve 100', 'B reserve 100', 'A settle 45', 'B settle 45'],
  void: ['A reserve 100', 'B reserve 100', 'A rollback', 'B rollback'],
  refuse: ['A reserve 1000', 'B refuse 1000', 'A rollback'],
};

for (const scenario of Object.keys(calm)) {
  test(`${scenario}: killed at every step, and what was promised is done by whoever comes next`, async (t) => {
    let killed = 0;
    for (let crashAt = 1; ; crashAt++) {
      const file = join(folder, `${scenario}-${crashAt}.sqlite`);
      const log = join(folder, `${scenario}-${crashAt}.log`);
      const child = startChild(script, [file, log, scenario, String(crashAt)]);
      const { signal } = await child.closed;
      if (signal === null) {
        await child.ended();
        assert.deepEqual(readCalls(log), calm[scenario]);
        break;
      }
      killed += 1;
      const before = readCalls(log);
      const reservation = await recover(file, log);
      assertKept(readCalls(log), before.length, reservation, `killed at step ${crashAt}`);
    }
    t.diagnostic(`${killed} kills`);
    assert.ok(killed >= 15, 'it was killed at every step');
  });
}

for (const [when, heardBefore] of [
  ['after the commit', 0],
  ['while it is taken', 1],
] as const) {
  test(`an alert is delivered though its process was killed ${when}`, async () => {
    const store = join(folder, `alert-${heardBefore}.sqlite`);
    const log = join(folder, `alert-${heardBefore}.log`);
    const { signal } = await startChild(alertScript, [store, log, when]).closed;
    assert.equal(signal, 'SIGKILL');
    const before = readCalls(log);
    assert.equal(before.length, heardBefore);
    const heard: string[] = [];
    const onAlert = ({ id, threshold }: { id: string; threshold: number }) =>
      void heard.push(`${threshold} ${id}`);
    const clock = { now: () => Date.now() + 60_000 };
    const books = await openBooks({ store, background: false, environment: {}, clock, onAlert });
    await books.deliverDue();
    await books.deliverDue();
    await books.close();
    assert.equal(heard.length, 1);
    assert.match(heard[0]!, /^80 alert_/);
    if (before[0]) assert.equal(heard[0], before[0], 'by the same id, for its receiver to tell repeats');
  });
}

/** Another process, later: after the claims of the dead one, and again, when there must be nothing left to do. */
async function recover(file: string, log: string): Promise<Reservation | null> {
  let aheadMs = 0;
  const store = await openSqlite({ file, clock: { now: () => Date.now() + aheadMs } });
  const ledger = openLedger(store);
  const wallets = ['A', 'B'].map((name) => new FileWallet(name, log));
  const { worker } = new Accountants(ledger, wallets, { timeoutMs: 10_000 });
  try {
    for (const hour of [1, 2]) {
      aheadMs = hour * 3_600_000;
      const calls = readCalls(log).length;
      await workOnDue(ledger, [worker]);
      await expireDue(ledger);
      await workOnDue(ledger, [worker]);
      if (hour === 2) assert.equal(readCalls(log).length, calls, 'nothing is told twice');
    }
    assert.deepEqual(await ledger.reads.tasks({ failing: true, limit: 10 }), []);
    await assertLaws(ledger.reads);
    const [reservation = null] = await ledger.reads.scanReservations(null, 2);
    return reservation;
  } finally {
    await ledger.close();
  }
}

/** Everyone asked knows the end that the ledger knows; a call was repeated at most once, and only the one cut off by the kill. */
function assertKept(
  calls: readonly string[],
  beforeKill: number,
  reservation: Reservation | null,
  where: string,
): void {
  const repeated = calls.filter((call, index) => calls.indexOf(call) !== index);
  assert.ok(repeated.length <= 1, `${where}: ${calls}`);
  if (repeated[0]) assert.equal(calls[beforeKill - 1], repeated[0], `${where}: only the last call: ${calls}`);
  const once = [...new Set(calls)];
  if (reservation === null) {
    assert.deepEqual(once, [], where);
    return;
  }
  assert.notEqual(reservation.state, 'open', where);
  const posted = reservation.posted.cost ?? 0n;
  const end = reservation.state === 'voided' ? 'rollback' : `settle ${posted}`;
  for (const name of ['A', 'B']) {
    const own = once.filter((call) => call.startsWith(name)).map((call) => call.slice(2));
    if (own.length === 0 || own[0]!.startsWith('refuse')) continue;
    assert.deepEqual(own, [`reserve ${reservation.admitted.cost}`, end], `${where}: ${calls}`);
  }
}
