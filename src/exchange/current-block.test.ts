import assert from 'node:assert/strict';
import { test } from 'node:test';
import { burnRate, currentBlock } from './current-block.ts';

const hour = 3_600_000;
const start = Date.parse('2026-03-01T08:00:00Z');
const call = (hours: number, nanocents: bigint | null = 10n) => ({ at: start + hours * hour, nanocents });

test('a block lasts five hours from the full hour of its first call', () => {
  const rows: [name: string, calls: number[], now: number, block: [start: number, calls: number] | null][] = [
    ['no call', [], 0, null],
    ['one call, at once', [0.5], 0.5, [0, 1]],
    ['at its last millisecond', [0.5], 5 - 1 / hour, [0, 1]],
    ['at its end', [0.5], 5, null],
    ['the next block begins with the first call after the end', [0.5, 4.9, 5.2], 6, [5, 1]],
    ['a call at the very end begins the next', [0.5, 5], 5, [5, 1]],
    ['a pause of just less than five hours goes on', [0, 4.99], 5 - 1 / hour, [0, 2]],
    ['blocks follow one another', [0.5, 3, 6.5, 9, 11.75], 12, [11, 1]],
    ['calls of the future do not count', [0.5, 2], 1, [0, 1]],
  ];
  for (const [name, calls, now, expected] of rows) {
    const block = currentBlock(
      calls.map((hours) => call(hours)),
      start + now * hour,
    );
    const seen = block && [(block.start - start) / hour, Number(block.nanocents / 10n)];
    assert.deepEqual(seen, expected, name);
    if (block) assert.equal(block.end - block.start, 5 * hour);
  }
});

test('calls without a price are counted apart from the sum', () => {
  const block = currentBlock([call(0, null), call(1, 7n), call(2, null)], start + 2 * hour)!;
  assert.deepEqual([block.nanocents, block.unpriced], [7n, 2]);
});

test('the burn rate is per hour since the first call; the first minute says nothing', () => {
  const block = currentBlock([call(0.5, 3_000n)], start + 0.5 * hour)!;
  const since = (ms: number) => burnRate(block, block.firstAt + ms);
  assert.equal(since(0), null);
  assert.equal(since(59_999), null);
  assert.equal(since(60_000), 180_000n);
  assert.equal(since(hour), 3_000n);
  assert.equal(since(3 * hour), 1_000n);
});
