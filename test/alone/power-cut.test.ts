import { test } from 'node:test';
import { need } from '../needs.ts';
import { provePowerCuts } from './proofs/power-cut.ts';

test('a power cut at any moment loses nothing that was acknowledged; without FULL it would', async (t) => {
  if (need('gcc', t) === undefined) return;
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}: ${await provePowerCuts({ seed, size: 8 })}`);
});
