import { parentPort, workerData } from 'node:worker_threads';
import { createIds, systemClock } from '../books/ids.ts';
import { findPrices } from '../books/open-prices.ts';
import { connectLedger, sentError } from '../core/remote-ledger.ts';
import { readAgentLogs } from '../exchange/agents/index.ts';
import { agentsSource, importCalls } from '../exchange/index.ts';
import type { ImportNews, SentWork } from './import-thread.ts';

/** The thread that reads agents' logs and books them in a ledger that another thread keeps. */
const { port, engine, location, found, marks, prices, dryRun, defaults } = workerData as SentWork;
const say = (news: ImportNews) => parentPort!.postMessage(news);
try {
  const ledger = connectLedger(port, { engine, location });
  const { catalog } = await findPrices(prices);
  const logs = await readAgentLogs(found, {
    onProgress: (done, total) => say({ kind: 'reading', done, total }),
  });
  const source = agentsSource({ found, logs, now: prices.at }, marks);
  const summary = await importCalls(
    { ledger, catalog, clock: systemClock, ids: createIds(systemClock) },
    source,
    {
      dryRun,
      defaults,
      onProgress: (latest, done) => say({ kind: 'booked', summary: latest, done, total: logs.count }),
      onMarks: (found) => say({ kind: 'marks', marks: found }),
    },
  );
  say({ kind: 'ended', summary, passedOver: source.passedOver });
} catch (error) {
  say({ kind: 'failed', error: sentError(error) });
} finally {
  port.close();
}
