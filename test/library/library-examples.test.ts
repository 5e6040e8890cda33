import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSection, sectionsOf } from './printed-examples.ts';

const sections = sectionsOf('docs/library.md');

test('docs/library.md shows every task', () => assert.ok(sections.length >= 14));

for (const section of sections) {
  test(`docs/library.md, ${section.title}: runs as printed`, () => runSection(section));
}
