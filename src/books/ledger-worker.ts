import { parentPort, workerData } from 'node:worker_threads';
import { openLedger } from '../core/ledger.ts';
import { sentError, serveLedger } from '../core/remote-ledger.ts';
import { systemClock } from './ids.ts';
import { openStore } from './open-store.ts';

/** The thread that keeps a ledger: opens the store, says so or why not, and answers until it is closed. */
const port = parentPort!;
try {
  const { location, options } = workerData;
  const ledger = openLedger(await openStore(location, { ...options, clock: systemClock }));
  serveLedger(port, {
    reads: ledger.reads,
    write: (request) => ledger.write(request),
    writeBundle: (request) => ledger.writeBundle(request),
    changeTask: (request) => ledger.changeTask(request),
    close: async () => {
      await ledger.close();
      // The reply to this very call still has to go out.
      setImmediate(() => setImmediate(() => port.close()));
    },
  });
  port.postMessage({ engine: ledger.reads.engine, location: ledger.reads.location });
} catch (error) {
  port.postMessage({ error: sentError(error) });
  port.close();
}
