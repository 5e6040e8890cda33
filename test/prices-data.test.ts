import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { packageVersion } from '../scripts/prices/build-shards.ts';
import { dataFolder, generatedFiles } from '../scripts/prices/generate.ts';
import { overlay } from '../scripts/prices/overlay/index.ts';

/** Aim for all shipped price modules together. */
const dataBytesMax = 400_000;

test('the shipped prices are what the installed base data and the overlay generate', async () => {
  const files = await generatedFiles();
  assert.deepEqual(readdirSync(dataFolder).sort(), [...files.keys()].sort());
  for (const [name, text] of files) {
    assert.equal(
      readFileSync(dataFolder + name, 'utf8'),
      text,
      `${name} is stale: run scripts/prices/generate.ts`,
    );
  }
});

test('the generator knows which release of the base data it read', () => {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('@pydantic/genai-prices');
  const manifest = JSON.parse(
    readFileSync(`${entry.slice(0, entry.lastIndexOf('dist'))}package.json`, 'utf8'),
  );
  assert.equal(manifest.version, packageVersion);
});

test('the shipped prices stay small', () => {
  const bytes = readdirSync(dataFolder).reduce(
    (sum, name) => sum + readFileSync(dataFolder + name).length,
    0,
  );
  assert.ok(bytes < dataBytesMax, `${bytes} bytes`);
});

test('every correction names its source, the day it was checked, and why it is there', () => {
  for (const { provider, models, source, why } of overlay) {
    const place = `${provider} ${String(models)}`;
    assert.match(source.url, /^https:\/\/\S+$/, place);
    assert.match(source.checked, /^2026-(0[1-9]|1[0-2])-\d{2}$/, place);
    assert.match(why, /^[A-Z“].{15,}\.$/, place);
  }
});

test('licences of shipped data are in the package', () => {
  const notices = readFileSync(new URL('../THIRD-PARTY-NOTICES.md', import.meta.url), 'utf8');
  for (const text of ['@pydantic/genai-prices', 'Pydantic Services Inc.', 'LiteLLM', 'Berri AI']) {
    assert.ok(notices.includes(text), text);
  }
});
