import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderCsv } from './csv.ts';

test('RFC 4180: CRLF, quotes where needed, nothing for none', () => {
  const rows = [
    ['plain', 1, 12345678901234567890n, null, undefined, true],
    ['a,b', 'say "hi"', 'two\nlines', 'cr\rin', '', ' '],
  ];
  assert.equal(
    renderCsv(['a', 'b', 'c', 'd', 'e', 'f'], rows),
    'a,b,c,d,e,f\r\nplain,1,12345678901234567890,,,true\r\n"a,b","say ""hi""","two\nlines","cr\rin",, \r\n',
  );
});

test('no text is a formula; numbers may be negative', () => {
  const rows = ['=1+1', '+1', '-1+1', '@SUM(A1)', '\tx', '\rx', '-0.29', '-5', '-', 'a=b', "'x"].map(
    (value) => [value],
  );
  assert.equal(
    renderCsv(['v'], rows),
    `v\r\n'=1+1\r\n'+1\r\n'-1+1\r\n'@SUM(A1)\r\n'\tx\r\n"'\rx"\r\n-0.29\r\n-5\r\n'-\r\na=b\r\n'x\r\n`,
  );
  assert.equal(renderCsv(['v'], [[-5], [-5n]]), 'v\r\n-5\r\n-5\r\n');
});
