// One reservation with two accountants, for kill-deliveries.test.ts: reserves and ends it, and kills itself at the step
// whose number it is given. What accountants are asked goes into a file that outlives it.
import { Accountants, endWithAccountants, reserveWithAccountants } from '../../../src/core/accountants.ts';
import { openLedger } from '../../../src/core/ledger.ts';
import { openSqlite } from '../../../src/store/sqlite/index.ts';
import { costLimit, requestsFor } from '../../../src/testing/requests.ts';
import { seededIds } from '../../../src/testing/seeded.ts';
import { FileWallet } from './file-wallet.ts';

const [file = '', log = '', scenario = '', crashAt = '0'] = process.argv.slice(2);
let step = 0;

/** Between any two things that can be told apart from outside. */
function stepTaken(): void {
  if (++step === Number(crashAt)) process.kill(process.pid, 'SIGKILL');
}

async function between<Result>(work: () => Promise<Result>): Promise<Result> {
  stepTaken();
  const result = await work();
  stepTaken();
  return result;
}

const plain = openLedger(await openSqlite({ file, clock: Date }));
const ledger = {
  reads: plain.reads,
  write: (request: Parameters<typeof plain.write>[0]) => between(() => plain.write(request)),
  changeTask: (request: Parameters<typeof plain.changeTask>[0]) => between(() => plain.changeTask(request)),
  writeBundle: (request: Parameters<typeof plain.writeBundle>[0]) => plain.writeBundle(request),
  close: () => plain.close(),
};
const wallets = ['A', 'B'].map((name) => new FileWallet(name, log, stepTaken));
const accountants = new Accountants(ledger, wallets, { timeoutMs: 10_000 });
const { reserve, settle } = requestsFor(seededIds('accountants'), Date);
const context = { ledger, accountants };

await plain.write(costLimit(10_000n));
const hold = reserve(scenario === 'refuse' ? 1000n : 100n, { username: 'ann' });
const held = await reserveWithAccountants(context, hold);
if (held.outcome === 'reserved') {
  const ending =
    scenario === 'void' ? ({ kind: 'void', id: hold.id, keep: {} } as const) : settle(hold.id, 45n);
  await endWithAccountants(context, ending as Parameters<typeof endWithAccountants>[1]);
}
await plain.close();
process.stdout.write(`steps ${step}\n`);
