import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brokenLedgers, ours } from './broken-ledgers.ts';
import { type SuiteName, suites } from './suites.ts';

for (const name of Object.keys(suites) as SuiteName[]) {
  test(`${name} pass on ours, as short as broken ledgers are shown them`, () => suites[name](ours));
}

for (const broken of brokenLedgers) {
  test(`${broken.seenBy} see a ledger with: ${broken.name}`, async () => {
    await assert.rejects(suites[broken.seenBy](broken), broken.says);
  });
}

test('docs/testing.md lists each broken ledger with the suite that sees it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/testing.md'), 'utf8');
  for (const { name, seenBy } of brokenLedgers) assert.ok(page.includes(`\n| ${name} | ${seenBy} |\n`), name);
});
