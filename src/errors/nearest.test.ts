import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

test('the nearest known word, or none', () => {
  const known = ['track', 'tail', 'stats', 'settle', 'select', 'serve', 'prompt-tokens'];
  for (const [word, near] of [
    ['track', 'track'],
    ['trak', 'track'],
    ['tarck', 'track'],
    ['tial', 'tail'],
    ['stat', 'stats'],
    ['pro', 'prompt-tokens'],
    ['promt-tokens', 'prompt-tokens'],
    ['slect', 'select'],
    ['xyz', undefined],
    ['', undefined],
    ['t', undefined],
    ['x'.repeat(10_000), undefined],
  ] as const) {
    assert.equal(nearest(word, known), near, word.slice(0, 20));
  }
});
