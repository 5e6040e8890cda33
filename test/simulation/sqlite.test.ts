import { test } from 'node:test';
import { inThread } from '../proofs/thread.ts';

const sequences = 2000;

test(`SQLite does what the reference does, in ${sequences} random sequences`, async (t) => {
  t.diagnostic(await inThread('sqliteSequences', { seed: 1, size: sequences }));
  t.diagnostic(`more: npm run simulate -- --store sqlite --seed ${sequences + 1}`);
});
