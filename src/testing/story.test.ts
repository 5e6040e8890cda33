import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLedger } from '../core/ledger.ts';
import { openMemory } from '../store/memory/index.ts';
import { fakeClock } from './fake-clock.ts';
import { simulate } from './simulation.ts';
import { playStory } from './story.ts';
import { parseDuration, parseTable, parseWhole } from './table.ts';

const play = (table: string) => {
  const clock = fakeClock();
  return playStory({ name: 'a story', table }, openLedger(openMemory({ clock, ledgerId: 'story' })), clock);
};

test('a story fails at the first row that came out otherwise, and names it', async () => {
  await play('reserve r 5 -> reserved');
  for (const [table, row] of [
    ['reserve r 5 -> refused', 1],
    ['reserve r 5 -> reserved replayed', 1],
    ['reserve r 5 -> reserved\n settle r 5 -> settled amount=6', 2],
    ['reserve r 5 -> reserved\n settle r 5 -> settled nonsense=6', 2],
    ['limit A cost 5 day -> ruled\n# a remark\n\nbalance A -> 0 1', 4],
    ['hold r -> open 0 0', 1],
    ['rows -> 1 0', 1],
    ['jump r -> reserved', 1],
  ] as const) {
    await assert.rejects(play(table), new RegExp(`row ${row}: `), table);
  }
});

test('rows, numbers and durations as people write them', () => {
  const [row, next] = parseTable(`
    # for the reader
    reserve  r  2^53+1  tag:team=a=b  -> reserved  fence=1
    & void   r
  `);
  assert.deepEqual([row!.verb, row!.words, row!.number], ['reserve', ['r', '2^53+1'], 3]);
  assert.deepEqual([...row!.fields], [['tag:team', 'a=b']]);
  assert.deepEqual([row!.expected!.words, [...row!.expected!.fields]], [['reserved'], [['fence', '1']]]);
  assert.deepEqual([next!.together, next!.expected], [true, null]);
  assert.deepEqual(['2^63-1', '1_000', '+5', '-3', '0'].map(parseWhole), [
    2n ** 63n - 1n,
    1000n,
    5n,
    -3n,
    0n,
  ]);
  assert.deepEqual(
    ['5', '90s', '10m', '1h', '2d'].map(parseDuration),
    [5, 90_000, 600_000, 3_600_000, 172_800_000],
  );
  for (const bad of ['', '1.5', '1e3', 'x']) assert.throws(() => parseWhole(bad));
});

test('a simulation finds a ledger that is off by one', async () => {
  const clock = fakeClock();
  const store = openMemory({ clock, ledgerId: 'off by one' });
  const transact = store.transact.bind(store);
  // Every tenth batch is told that less is held than there is.
  let batches = 0;
  store.transact = (commands, machine) =>
    transact(commands, {
      ...machine,
      decide: (own, head, held) => {
        if (++batches % 10 !== 0) return machine.decide(own, head, held);
        const accounts = new Map(held.accounts);
        for (const [key, account] of accounts)
          accounts.set(key, { ...account, settled: account.settled + 1n });
        return machine.decide(own, head, { ...held, accounts });
      },
    });
  const options = { store, clock, seed: 3, sequences: 5, momentsMax: 30, thorough: true };
  await assert.rejects(simulate(options), /seed 3, sequence \d+, moment \d+/);
});
