import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { entryDraft } from '../../testing/drafts.ts';
import { afterKey, arranged, firstState, keysOf, type TopState } from './top-state.ts';

function press(keys: string, from: TopState = firstState): TopState | 'quit' {
  let state: TopState | 'quit' = from;
  for (const key of keysOf(keys)) if (state !== 'quit') state = afterKey(state, key);
  return state;
}

test('keys do what the help says', () => {
  const rows: [keys: string, change: Partial<TopState> | 'quit'][] = [
    ['', {}],
    ['q', 'quit'],
    ['\u0003', 'quit'],
    ['s', { sort: 'cost' }],
    ['ss', { sort: 'tokens' }],
    ['ssss', { sort: 'time' }],
    ['S', { sort: 'model' }],
    ['\u001b[C\u001b[C\u001b[D', { sort: 'cost' }],
    [' ', { isPaused: true }],
    ['  ', {}],
    ['?', { showsHelp: true }],
    ['?q', {}],
    ['\u001b[B\u001b[B\u001b[A', { scroll: 1 }],
    ['\u001bOB\u001bOB', { scroll: 2 }],
    ['\u001b[A', {}],
    ['\u001b[6~', { scroll: 10 }],
    ['\u001b[6~\u001b[5~\u001b[5~', {}],
    ['jjj\u001b[H', {}],
    ['jjs', { sort: 'cost', scroll: 0 }],
    ['fgpt', { typing: 'gpt' }],
    ['fgpt\r', { filter: 'gpt' }],
    ['fgpx\u007ft\r', { filter: 'gpt' }],
    ['fq s?\r', { filter: 'q s?' }],
    ['fgpt\r\u001b', {}],
    ['fgpt\rfx\u001b', { filter: 'gpt' }],
    ['fx\u0003', 'quit'],
    ['x', {}],
  ];
  for (const [keys, change] of rows) {
    const expected = change === 'quit' ? 'quit' : { ...firstState, ...change };
    assert.deepEqual(press(keys), expected, JSON.stringify(keys));
  }
});

test('whatever a terminal sends, the state stays sound', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (sent) => {
      assert.equal(keysOf(sent).length === 0, sent === '');
      const state = press(sent);
      if (state === 'quit') return;
      assert.ok(state.scroll >= 0);
      assert.ok((state.typing ?? '').length <= 81);
    }),
  );
});

test('calls are filtered by every word, in any field, and sorted; equal ones stay newest first', () => {
  const call = (id: string, model: string, more: object = {}) => ({
    ...entryDraft({ model }, { id, at: 0, salt: '' }),
    recordedAt: 0,
    ...more,
  });
  const calls = [
    call('1', 'gpt-4o', { nanocents: 5n, username: 'Ann', totalTokens: 10 }),
    call('2', 'claude', { nanocents: null, project: 'books', totalTokens: 30 }),
    call('3', 'gpt-4o-mini', { nanocents: 9n, username: 'bob', totalTokens: null }),
    call('4', 'gpt-4o', { nanocents: 5n, caller: 'Books app', totalTokens: 20 }),
  ];
  const rows: [filter: string, sort: TopState['sort'], ids: string][] = [
    ['', 'time', '1234'],
    ['', 'cost', '3142'],
    ['', 'tokens', '2413'],
    ['', 'model', '2143'],
    ['gpt', 'time', '134'],
    ['GPT ann', 'time', '1'],
    ['books', 'cost', '42'],
    ['nobody', 'time', ''],
  ];
  for (const [filter, sort, ids] of rows) {
    assert.equal(
      arranged(calls, { filter, sort })
        .map(({ id }) => id)
        .join(''),
      ids,
      `${filter} ${sort}`,
    );
  }
  assert.equal(calls.map(({ id }) => id).join(''), '1234');
});
