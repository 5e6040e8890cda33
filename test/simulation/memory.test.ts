import { test } from 'node:test';
import { inThread } from '../proofs/thread.ts';

const sequences = 20_000;

test(`memory does what the reference does, in ${sequences} random sequences`, async (t) => {
  t.diagnostic(await inThread('sequences', { seed: 1, size: sequences }));
  t.diagnostic(`more: npm run simulate -- --seed ${sequences + 1} --runs ${sequences}`);
});
