/**
 * Several busy processes on one SQLite file and the same two limits: how many calls (a reserve and a settle) each makes, and how long
 * each of its writes waits. Every caller asks again at once, so the file is never free. Wanted: no error, and at most 250 ms
 * at the 99th percentile with 2 to 4 processes.
 */
import { p99MsWanted, share } from '../test/alone/proofs/sharing.ts';
import { machineLine, median, rate, say, table } from './support.ts';

const milliseconds = Number(process.env.MILLISECONDS ?? 4000);
const rounds = Number(process.env.ROUNDS ?? 3);
const shapes = [1, 2, 3, 4].flatMap((processes) => [1, 32].map((callers) => ({ processes, callers })));

say(machineLine());
say(`${milliseconds} ms a round, ${rounds} rounds, medians\n`);
const rows: string[][] = [];
for (const { processes, callers } of shapes) {
  const found = [];
  for (let round = 0; round < rounds; round++) {
    found.push(await share({ processes, callers, milliseconds }, round));
  }
  const of = (value: (one: (typeof found)[number]) => number) => median(found.map(value));
  rows.push([
    `${processes} × ${callers}`,
    rate(of(({ pairs }) => (1000 * pairs.reduce((sum, count) => sum + count, 0)) / milliseconds)),
    of(({ pairs }) => Math.max(...pairs) / Math.min(...pairs)).toFixed(1),
    of(({ waitMs }) => waitMs.median).toFixed(1),
    of(({ waitMs }) => waitMs.p99).toFixed(1),
    of(({ waitMs }) => waitMs.longest).toFixed(0),
  ]);
}
say(
  table(
    ['processes × callers', 'calls/s', 'most / least', 'wait ms, median', '99th percentile', 'longest'],
    rows,
  ),
);
say(`\nwanted: at most ${p99MsWanted} ms at the 99th percentile, and no error (one would have ended this)`);
