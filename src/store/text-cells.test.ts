import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTextCells, textReader } from './text-cells.ts';

test('texts come back as they were: null and empty apart, any script, longer than the room there was', () => {
  const texts = ['', null, 'a', 'Größe', '漢'.repeat(500), null, '🙂', 'x'.repeat(100_000), '', 'end'];
  const cells = openTextCells(texts.length);
  for (const text of texts) cells.add(text);
  const read = textReader(structuredClone(cells.finish()));
  assert.deepEqual(
    texts.map((_, cell) => read(cell)),
    texts,
  );
});
