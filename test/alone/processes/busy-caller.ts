// A busy process for sharing.ts: so many callers reserve and settle without pause for so long after "go", and at the end it
// says how long their waits were. Arguments: file, run, callers, milliseconds.
import { once } from 'node:events';
import { openLedger } from '../../../src/core/ledger.ts';
import type { WriteRequest } from '../../../src/core/request.ts';
import { openSqlite } from '../../../src/store/sqlite/index.ts';
import { requestsFor } from '../../../src/testing/requests.ts';
import { seededIds } from '../../../src/testing/seeded.ts';

const [file = '', run = '', callers = '', milliseconds = ''] = process.argv.slice(2);
const clock = { now: () => Date.now() };
const ledger = openLedger(await openSqlite({ file, clock }));
const { reserve, settle } = requestsFor(seededIds(`busy ${run}`), clock);
const waits: number[] = [];
let pairs = 0;

async function timed(request: WriteRequest) {
  const startedAt = performance.now();
  const { outcome } = await ledger.write(request);
  waits.push(performance.now() - startedAt);
  return outcome;
}

process.stdout.write('ready\n');
await once(process.stdin, 'data');
const end = performance.now() + Number(milliseconds);
await Promise.all(
  Array.from({ length: Number(callers) }, async (_, caller) => {
    while (performance.now() < end) {
      const hold = reserve(100n, { username: `user-${caller % 5}` });
      const outcomes = [await timed(hold), await timed(settle(hold.id, 50n))];
      if (outcomes.join() !== 'reserved,settled') throw new Error(`${outcomes}`);
      pairs += 1;
    }
  }),
);
await ledger.close();
process.stdout.write(`${JSON.stringify({ pairs, waits })}\n`);
process.stdin.destroy();
