import { test } from 'node:test';
import { proveBoundaries, proveKills } from './proofs/kills.ts';

const seed = Date.now() % 1_000_000;

test('500 kills among processes that share a file lose nothing that was acknowledged', async (t) => {
  t.diagnostic(`seed ${seed}: ${await proveKills({ seed, size: 500 })}`);
});

test('killed before any statement and around any acknowledgement: nothing lost, nothing twice', async (t) => {
  t.diagnostic(await proveBoundaries({ seed, size: 1 }));
});
