import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageWithTable } from '../../scripts/compared.ts';
import { spendAll, ways } from './peers.ts';

test('docs/compared.md holds the table that the models make', async () => {
  const { now, wanted } = await pageWithTable();
  assert.equal(now, wanted, 'write it again: node scripts/compared.ts');
});

test('ours never passes the limit, loses nothing and leaves nothing held, where each model fails in one of them', async () => {
  for (const way of ways) {
    let [over, lost, stuck] = [0n, 0n, 0n];
    for (let seed = 1001; seed <= 1010; seed++) {
      const outcome = await spendAll(way, seed);
      over += outcome.over;
      lost += outcome.lost;
      stuck += outcome.stuck;
    }
    const clean = over === 0n && lost === 0n && stuck === 0n;
    assert.equal(clean, way.like === null, `${way.name}: ${over} over, ${lost} lost, ${stuck} stuck`);
  }
});
