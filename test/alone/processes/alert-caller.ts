// Books one call that reaches a threshold, for kill-deliveries.test.ts, and kills itself: at once after the commit, or while
// the alert is being taken.
import { appendFileSync } from 'node:fs';
import { openBooks } from '../../../src/books/open-books.ts';

const [store = '', log = '', when = ''] = process.argv.slice(2);
const die = () => process.kill(process.pid, 'SIGKILL');
const books = await openBooks({
  store,
  background: false,
  environment: {},
  onAlert: ({ id, threshold }) => {
    appendFileSync(log, `${threshold} ${id}\n`);
    die();
  },
});
const daily = {
  scope: 'GLOBAL',
  limitType: 'requests',
  max: '1',
  intervalUnit: 'lifetime',
  thresholds: [80],
};
await books.limits.set(daily);
await books.track({ model: 'm', nanocents: 0n });
if (when === 'after the commit') die();
await books.deliverDue();
