import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageWithApi, readApi } from '../../scripts/api-reference.ts';

test('docs/api.md says what the package exports', () => {
  const { now, wanted } = pageWithApi();
  assert.equal(now, wanted, 'write it again: node scripts/api-reference.ts');
});

test('every exported name of every entry has a docstring', () => {
  const mute = [...readApi()].flatMap(([entry, exports]) =>
    exports.filter(({ words }) => !words).map(({ name, place }) => `${entry}: ${name} (${place})`),
  );
  assert.deepEqual(mute, []);
});

test('each name is listed once, with a signature that names it', () => {
  for (const [entry, exports] of readApi()) {
    const names = exports.map(({ name }) => name);
    assert.ok(names.length > 0, entry);
    assert.deepEqual(names, [...new Set(names)], entry);
    for (const { name, signature } of exports) assert.match(signature, new RegExp(`\\b${name}\\b`), entry);
  }
});
