import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout } from '../house/machine.ts';
import { runSection, sectionsOf } from './printed-examples.ts';

const sections = sectionsOf('docs/stores-of-your-own.md');

for (const section of sections) {
  test(`docs/stores-of-your-own.md, ${section.title}: runs as printed`, () => runSection(section));
}

test('what the page quotes stands in the example and in its test', () => {
  const files = globSync(['examples/own-store/*.ts', 'test/library/own-store.test.ts'], { cwd: checkout });
  const sources = files.map((file) => withoutIndent(readFileSync(join(checkout, file), 'utf8')));
  const quoted = sections.flatMap(({ blocks }) => blocks.filter(({ note }) => note === 'no-run'));
  assert.equal(quoted.length, 3);
  for (const { code } of quoted)
    assert.ok(
      sources.some((source) => source.includes(withoutIndent(code))),
      code,
    );
});

function withoutIndent(code: string): string {
  return code.replace(/^ +/gm, '');
}
