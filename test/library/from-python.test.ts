import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSection, sectionsOf } from './printed-examples.ts';

const sections = sectionsOf('docs/from-python.md');

test('docs/from-python.md has examples of each of the programs', () => {
  for (const [program, count] of [
    ['datasette-llm-usage', 3],
    ['datasette-llm-accountant', 5],
    ['llm-accounting', 6],
  ] as const) {
    assert.ok(sections.filter(({ title }) => title.startsWith(`${program}:`)).length >= count, program);
  }
});

for (const section of sections) {
  test(`docs/from-python.md, ${section.title}: runs as printed`, () => runSection(section));
}
