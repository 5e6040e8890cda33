/** Booking 100,000 calls from the library: SQLite, synchronous=FULL, priced by the catalog. */
import { join } from 'node:path';
import { openBooks } from '../src/books/open-books.ts';
import { machineLine, rate, say, temporaryFolder } from './support.ts';

const rows = Number(process.env.ROWS ?? 100_000);
const inFlight = 1_000;
const books = await openBooks({ store: join(temporaryFolder(), 'track.sqlite') });

say(machineLine());
const started = performance.now();
let next = 0;
await Promise.all(
  Array.from({ length: inFlight }, async () => {
    while (next < rows) {
      const row = next++;
      await books.track({
        model: row % 3 === 0 ? 'gpt-4o' : 'gpt-4o-mini',
        promptTokens: 1000 + (row % 100),
        completionTokens: 500,
        username: `user-${row % 100}`,
        project: `project-${row % 10}`,
      });
    }
  }),
);
const seconds = (performance.now() - started) / 1000;
say(`${rows} rows in ${seconds.toFixed(1)} s (wanted < 10 s): ${rate(rows / seconds)} rows/s`);
const verifyStarted = performance.now();
const { balanced, entries } = await books.verify();
say(
  `verify: ${balanced ? 'balanced' : 'NOT BALANCED'}, ${entries} rows in ${((performance.now() - verifyStarted) / 1000).toFixed(1)} s`,
);
await books.close();
