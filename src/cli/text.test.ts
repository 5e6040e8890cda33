import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted, cutTo, grouped, padTo, visible, widthOf, wrap } from './text.ts';

test('control, bidirectional and invisible characters are spelled out; other letters stay', () => {
  for (const [text, seen] of [
    ['plain', 'plain'],
    ['日本 café 🎉', '日本 café 🎉'],
    ['\u001b[31mred', '\\x1b[31mred'],
    ['a\nb\tc\r', 'a\\nb\\tc\\r'],
    ['\u009b31m', '\\x9b31m'],
    ['user\u202egnp.exe', 'user\\u{202e}gnp.exe'],
    ['\u2066x\u2069', '\\u{2066}x\\u{2069}'],
    ['a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\0', '\\x00'],
    ['half \ud800', 'half �'],
  ]) {
    assert.equal(visible(text!), seen);
  }
});

test('the width of a text on a terminal', () => {
  for (const [text, width] of [
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['日本', 4],
    ['한글', 4],
    ['🎉', 2],
    ['–', 1],
    ['ｆｕｌｌ', 8],
  ] as const) {
    assert.equal(widthOf(text), width, text);
  }
});

test('cutting keeps within the width, at its edge too', () => {
  for (const [text, width, cut] of [
    ['gpt-4o-mini', 11, 'gpt-4o-mini'],
    ['gpt-4o-mini', 10, 'gpt-4o-mi…'],
    ['日本太郎', 8, '日本太郎'],
    ['日本太郎', 7, '日本太…'],
    ['日本太郎', 6, '日本…'],
    ['a b', 2, 'a…'],
    ['ab', 1, '…'],
  ] as const) {
    assert.equal(cutTo(text, width), cut);
    assert.ok(widthOf(cutTo(text, width)) <= width);
  }
});

test('padding, wrapping, counting', () => {
  assert.equal(padTo('日', 4), '日  ');
  assert.equal(padTo('日', 4, 'right'), '  日');
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrap('one two three', 6), ['one', 'two', 'three']);
  assert.deepEqual(wrap('unbreakable', 3), ['unbreakable']);
  assert.deepEqual([0, 999, 1000, -1250, 1234567.5, 12345678901234567890n].map(grouped), [
    '0',
    '999',
    '1,000',
    '-1,250',
    '1,234,567.5',
    '12,345,678,901,234,567,890',
  ]);
  assert.deepEqual(
    [counted(0, 'call'), counted(1, 'call'), counted(2n, 'call')],
    ['0 calls', '1 call', '2 calls'],
  );
});
