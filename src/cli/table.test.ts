import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Column, renderTable } from './table.ts';
import { widthOf } from './text.ts';

const columns: readonly Column[] = [
  { title: 'Model', cutTo: 6 },
  { title: 'Calls', align: 'right' },
  { title: 'User', cutTo: 4, optional: 1 },
  { title: 'Id', optional: 2 },
];
const rows = [
  ['claude-sonnet-4-5', '12', 'john_doe', '0123456789'],
  ['gpt-4o', '3', null, '9876543210'],
];

test('everything fits: text left, numbers right, none as a dash', () => {
  const { text, hidden } = renderTable(columns, rows, { width: 80 });
  assert.equal(
    text,
    `Model              Calls  User      Id
────────────────────────────────────────────
claude-sonnet-4-5     12  john_doe  0123456789
gpt-4o                 3  –         9876543210
`.replace(/─+/, '─'.repeat(46)),
  );
  assert.deepEqual(hidden, []);
});

test('less room: cut first, the last of importance leaves first, the first column never', () => {
  const at = (width: number) => renderTable(columns, rows, { width });
  assert.deepEqual(at(46).hidden, []);
  assert.match(at(45).text, /^claude-sonnet-4… {5}12 {2}john_doe {2}0123456789$/m);
  assert.deepEqual(at(31).hidden, []);
  assert.deepEqual(at(30).hidden, ['Id']);
  assert.deepEqual(at(18).hidden, ['User', 'Id']);
  assert.match(at(13).text, /^claud… {5}12$/m);
});

test('columns of the same importance leave together; a footer stands below a rule', () => {
  const pair: readonly Column[] = [{ title: 'A' }, { title: 'B', optional: 1 }, { title: '', optional: 1 }];
  const { text, hidden } = renderTable(pair, [['a', 'bbbb', '1']], { width: 9, footer: ['all', '', '1'] });
  assert.deepEqual(hidden, ['B']);
  assert.equal(text, 'A\n───\na\n───\nall\n');
});

test('foreign text cannot break out of its cell', () => {
  const { text } = renderTable([{ title: 'User' }], [['a\u001b[2J\nb'], ['c']], { width: 80 });
  assert.equal(text, `User\n${'─'.repeat(11)}\na\\x1b[2J\\nb\nc\n`);
});

test('whatever is shown, no line is wider than the terminal while columns can give way', () => {
  const cell = fc.oneof(fc.string({ maxLength: 40 }), fc.constant(null), fc.constant('日本語のモデル'));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell, cell), { maxLength: 8 }),
      fc.integer({ min: 24, max: 120 }),
      (cells, width) => {
        const loose = columns.map((column) => ({ ...column, cutTo: 5 }));
        const { text } = renderTable(loose, cells, { width });
        for (const line of text.split('\n')) assert.ok(widthOf(line) <= width, line);
      },
    ),
  );
});
