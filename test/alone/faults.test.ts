import { test } from 'node:test';
import { need } from '../needs.ts';
import { proveFaults } from './proofs/faults.ts';

test('a disk that fails at its n-th change, for every n: a clear no, and books that balance', async (t) => {
  if (need('gcc', t) === undefined) return;
  for (const line of (await proveFaults({ seed: 0, size: 1 })).split('\n')) t.diagnostic(line);
});
