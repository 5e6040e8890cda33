import { test } from 'node:test';
import { proveSharing } from './proofs/sharing.ts';

test('2 and 4 busy processes share a file and its limits, and no BUSY reaches a caller', async (t) => {
  const seed = Date.now() % 1_000_000;
  for (const line of (await proveSharing({ seed, size: 2000 })).split('\n')) t.diagnostic(line);
});
