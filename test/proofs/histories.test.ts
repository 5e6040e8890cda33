import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type History, isLinearizable, recordHistory } from '../../src/testing/interleavings-history.ts';
import { CheckThenAct, opening } from './broken-stores.ts';
import { inThread } from './thread.ts';

test('what six callers saw of one account could be one account: 200 histories', async (t) => {
  t.diagnostic(await inThread('histories', { seed: 1, size: 200 }));
  t.diagnostic('more: npm run prove -- histories --seed 201 --size 5000');
});

test('a ledger that checks and then acts gives answers that no single account gives', async () => {
  let impossible = 0;
  for (let seed = 1; seed <= 40; seed++) {
    // Most of its histories end in a balance below zero, which the plan itself refuses.
    const history = await recordHistory({ seed, open: opening(CheckThenAct) }).catch(() => null);
    if (history && !isLinearizable(history)) impossible += 1;
  }
  assert.ok(impossible > 0);
});

test('the checker: two holds that do not fit together, in any order', () => {
  const reserve = { kind: 'reserve', freed: 0n, answer: 'yes' } as const;
  const history = (amount: bigint, times: readonly [number, number, number, number]): History => ({
    limit: 10n,
    operations: [
      { ...reserve, process: 0, asked: times[0], answered: times[1], amount: 5n },
      { ...reserve, process: 1, asked: times[2], answered: times[3], amount },
    ],
  });
  assert.equal(isLinearizable(history(5n, [0, 2, 1, 3])), true, 'at exactly the limit');
  assert.equal(isLinearizable(history(6n, [0, 2, 1, 3])), false, 'one above');
  const { limit, operations } = history(6n, [0, 1, 2, 3]);
  const [first, second] = operations;
  const refused = (at: History['operations'][0], answer: string) => ({ ...at, answer });
  assert.ok(first && second);
  assert.equal(isLinearizable({ limit, operations: [first, refused(second, '0 5')] }), true);
  assert.equal(
    isLinearizable({ limit, operations: [refused(first, '0 6'), second] }),
    false,
    'what was answered before the other one was asked cannot have come after it',
  );
  const lost = { ...first, answered: Number.POSITIVE_INFINITY, answer: null };
  assert.equal(
    isLinearizable({ limit, operations: [lost, second] }),
    true,
    'no answer: it may not have happened',
  );
  assert.equal(isLinearizable({ limit, operations: [lost, refused(second, '0 5')] }), true, 'or it may');
});
