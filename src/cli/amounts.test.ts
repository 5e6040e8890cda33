import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration, moneyCells, shareOf } from './amounts.ts';

test('a column of money: points under each other, unknown is not zero, a little is not nothing', () => {
  assert.deepEqual(
    moneyCells([1_250_000_000_000n, 600_000_000n, null, 290_000n, 0n]),
    ['$12.50     ', '$0.006   '.padEnd(11), null, '$0.0000029', '$0.00     '].map((text) =>
      text === null ? null : text.trimEnd().padEnd(text.trimEnd().indexOf('.') + 8),
    ),
  );
  assert.deepEqual(moneyCells([1_250_000_000_000n, 600_000_000n, null, 290_000n, 0n]), [
    '$12.50     ',
    '$0.006    ',
    null,
    '$0.0000029',
    '$0.00     ',
  ]);
  assert.deepEqual(moneyCells([null]), [null]);
});

test('shares round to a tenth, and a little is said to be a little', () => {
  assert.deepEqual(
    [shareOf(1n, 3n), shareOf(1n, 1n), shareOf(0n, 5n), shareOf(1n, 1_000_000n), shareOf(1n, 2000n)],
    ['33.3%', '100.0%', '0.0%', '<0.1%', '0.1%'],
  );
});

test('durations', () => {
  assert.deepEqual([0, 0.8, 1.4333, 12.34, 59.96, 60, 125, 3599, 12_000].map(duration), [
    '0 s',
    '0.8 s',
    '1.43 s',
    '12.3 s',
    '60 s',
    '1 min 00 s',
    '2 min 05 s',
    '59 min 59 s',
    '3 h 20 min',
  ]);
});
