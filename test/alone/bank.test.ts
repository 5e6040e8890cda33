import { test } from 'node:test';
import { proveBank } from './proofs/bank.ts';

test('at every moment eight processes on one file keep every limit, and every sum agrees', async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}: ${await proveBank({ seed, size: 60 })}`);
});
