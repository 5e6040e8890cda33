import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { configurationFiles } from '../../scripts/config-reference.ts';
import { nanocent } from './command-line.ts';

test('config check counts what the file comes to, without a ledger; config schema prints the shipped one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-configuration-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const text =
    'store: not-made.sqlite\nproviders: { openai: { key: { env: KEY } } }\nlimits: { global: { daily_cost: 1 } }\n';
  writeFileSync(join(folder, 'a.yaml'), text);
  const args = ['config', 'check', '--config', join(folder, 'a.yaml'), '--json'];
  const said = await nanocent(args, { environment: { KEY: 'sk-x' } });
  assert.equal(said.code, 0, said.err);
  const { schema, file, ...found } = JSON.parse(said.out);
  assert.deepEqual([schema, file], ['nanocent.configCheck/1', join(folder, 'a.yaml')]);
  assert.deepEqual(found, {
    ...{ providers: ['openai'], limits: 1, allowances: 0, accountants: 0, priceSources: 0, warnings: [] },
  });
  assert.ok(!existsSync(join(folder, 'not-made.sqlite')));
  const printed = await nanocent(['config', 'schema']);
  const [, shipped] = configurationFiles();
  assert.equal(printed.out, shipped?.wanted);
});

test('docs/configuration.md and config.schema.json say what is read', () => {
  for (const { file, now, wanted } of configurationFiles()) {
    assert.ok(now === wanted, `write ${file} again: node scripts/config-reference.ts`);
  }
});
