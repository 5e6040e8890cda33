// Plays the scenario on a file and dies by SIGKILL when it has come to its n-th boundary: before a statement of SQLite, or
// before or after an acknowledgement. Arguments: file, n; 0 never dies. At its end it says how many boundaries there were.
import { writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { openLedger } from '../../../src/core/ledger.ts';
import { openSqlite } from '../../../src/store/sqlite/index.ts';
import { playScenario } from './scenario.ts';

const [file = '', at = '0'] = process.argv.slice(2);
let boundaries = 0;

function boundary(): void {
  boundaries += 1;
  if (boundaries !== Number(at)) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing more happens in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const { prepare, exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  boundary();
  return exec.call(this, sql);
};
DatabaseSync.prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql);
  for (const name of ['run', 'get', 'all'] as const) {
    const original = statement[name].bind(statement) as (...values: never[]) => never;
    statement[name] = ((...values: never[]) => {
      boundary();
      return original(...values);
    }) as never;
  }
  return statement;
};

const ledger = openLedger(await openSqlite({ file, clock: { now: () => Date.now() } }));
await playScenario(ledger, (what, id, amount) => {
  boundary();
  writeSync(1, `${what} ${id} ${amount}\n`);
  boundary();
});
await ledger.close();
boundary();
writeSync(1, `boundaries - ${boundaries}\n`);
