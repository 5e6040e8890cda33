// A caller for kill-spool.test.ts: holds a call, loses the store, ends the call, and says which one was kept, a line each, until
// it is killed. Each start replays first what the one before left. Lines go to a pipe, which Node writes synchronously.
import { writeSync } from 'node:fs';
import { openSwitched } from '../../reservations/away.ts';
import { answer, begin, complete, mini, prompt } from '../../reservations/calls.ts';

const [file = ''] = process.argv.slice(2);
const on = await openSwitched(file);
await prompt(on.books, [1, 1]);
writeSync(1, 'ready\n');
for (;;) {
  const calls = await Promise.all(Array.from({ length: 5 }, () => begin(on.books, mini)));
  on.away = true;
  await Promise.all(
    calls.map(async (call) => {
      call.chunk(answer(100, 50));
      const { outcome } = await call.finish(complete);
      if (outcome !== 'spooled') throw new Error(outcome);
      writeSync(1, `${call.id}\n`);
    }),
  );
  on.away = false;
}
