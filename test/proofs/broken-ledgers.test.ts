import assert from 'node:assert/strict';
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
