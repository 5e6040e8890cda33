import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout, command, type Ended, temporaryFolder } from './machine.ts';

const passing = `import { test } from 'node:test'; test('passes', (t) => t.diagnostic('not run: a ship'));`;
const failing = `import { test } from 'node:test'; test('outer', (t) => t.test('inner', () => { throw new Error('no'); }));`;

/** Runs our test script over a checkout of two files, one for each phase. */
function runTests(beside: string, alone: string, args: string[] = []): Ended {
  using folder = temporaryFolder();
  for (const path of ['scripts', 'src', 'test/alone'])
    mkdirSync(join(folder.path, path), { recursive: true });
  copyFileSync(join(checkout, 'scripts/test.ts'), join(folder.path, 'scripts/test.ts'));
  writeFileSync(join(folder.path, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder.path, 'src/beside.test.ts'), beside);
  writeFileSync(join(folder.path, 'test/alone/alone.test.ts'), alone);
  return command(process.execPath, ['scripts/test.ts', ...args], { cwd: folder.path });
}

test('a failure in either phase fails the run, the other phase runs all the same, and one summary counts both', () => {
  const rows: [beside: string, alone: string, args: string[], status: number, tests: number, fail: number][] =
    [
      [passing, passing, [], 0, 2, 0],
      [failing, passing, [], 1, 3, 2],
      [passing, failing, [], 1, 3, 2],
      [passing, 'this is no program', [], 1, 2, 1],
      [passing, failing, ['src'], 0, 1, 0],
      [passing, failing, ['./test'], 1, 2, 2],
      [passing, passing, ['nowhere'], 1, 0, 0],
    ];
  for (const [beside, alone, args, status, tests, fail] of rows) {
    const ended = runTests(beside, alone, args);
    assert.equal(ended.status, status, ended.stdout);
    const summary = ended.stdout.match(/^ℹ (tests|pass|fail) \d+$/gm) ?? [];
    const expected = tests === 0 ? [] : [`ℹ tests ${tests}`, `ℹ pass ${tests - fail}`, `ℹ fail ${fail}`];
    assert.deepEqual(summary, expected, ended.stdout);
  }
});

test('what was not run is named once, right before the counts, which come last', () => {
  const { stdout } = runTests(passing, passing);
  assert.match(stdout, /ℹ not run: a ship\nℹ tests 2\n(ℹ \w+ [\d.]+\n)+$/);
});
