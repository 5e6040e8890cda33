import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { law } from '../../scripts/import-law.ts';
import { checkout, command } from './machine.ts';

const manifest = JSON.parse(read('package.json'));
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: checkout });

test('README shows the two commands, each on a line of its own', () => {
  const lines = read('README.md').split('\n');
  assert.ok(lines.includes('npm ci && npm start'));
  assert.ok(lines.includes('npm ci && npm test'));
});

test('every relative link of every document leads somewhere', () => {
  const broken = documents.flatMap((path) =>
    [...read(path).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, target]) => target as string)
      .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(checkout, dirname(path), target)))
      .map((target) => `${path}: ${target}`),
  );
  assert.deepEqual(broken, []);
});

test('no document names a path of one machine', () => {
  const found = documents.filter((path) => /(^|[\s`"'(])\/(work|home|root|Users|tmp)\//m.test(read(path)));
  assert.deepEqual(found, []);
});

for (const document of ['README.md', 'docs/reservations.md', 'docs/logs.md']) {
  test(`the examples of ${document} run as they are printed`, () => {
    const examples = [...read(document).matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code as string);
    assert.ok(examples.length >= 2);
    for (const code of examples) {
      const args = ['--conditions=nanocent-source', '--input-type=module-typescript', '--eval', code];
      const { status, stdout, stderr } = command(process.execPath, args, { cwd: checkout });
      assert.equal(status, 0, `${code}\n${stderr}`);
      const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (\w+)/g)].map(([, value]) => value);
      assert.deepEqual(stdout.split('\n').filter(Boolean), promised);
    }
  });
}

test('ARCHITECTURE names every room of the import law', () => {
  const text = read('ARCHITECTURE.md');
  const unnamed = Object.keys(law).filter((room) => !room.includes('/') && !text.includes(`\`${room}\``));
  assert.deepEqual(unnamed, []);
});

test('AGENTS stays short enough to be read', () => {
  assert.ok(read('AGENTS.md').split('\n').length < 100);
});

test('decisions are numbered without gaps and say how to get back', () => {
  const records = globSync('docs/decisions/*.md', { cwd: checkout }).sort();
  records.forEach((path, index) => {
    assert.match(path, new RegExp(`/${String(index + 1).padStart(4, '0')}-`));
    assert.match(read(path), /\*\*Way back\.\*\*/, path);
  });
});

test('every entry of the package has a source, and its built file beside it in the map', () => {
  for (const [name, entry] of Object.entries<Record<string, string>>(manifest.exports)) {
    if (name.endsWith('.json')) continue;
    const source = entry['nanocent-source'];
    const stem = source?.replace('./src/', '').replace(/\.ts$/, '');
    assert.deepEqual(entry, {
      'nanocent-source': `./src/${stem}.ts`,
      types: `./dist/${stem}.d.ts`,
      default: `./dist/${stem}.js`,
    });
    assert.ok(existsSync(join(checkout, source as string)), `${name}: ${source} does not exist`);
  }
});

test('npm start becomes the server itself, and install scripts are allowed by name', () => {
  assert.match(manifest.scripts.start, /^exec /);
  assert.deepEqual(manifest.allowScripts, {
    node: true,
    esbuild: false,
    protobufjs: false,
    '@google/genai': false,
  });
  assert.match(manifest.devDependencies.node, /^24\.\d+\.\d+$/);
  for (const range of Object.values<string>({ ...manifest.dependencies, ...manifest.devDependencies })) {
    // Two versions of one package stand side by side under two names.
    assert.match(range, /^(npm:[\w@/-]+@)?\d+\.\d+\.\d+$/);
  }
});

function read(path: string): string {
  return readFileSync(join(checkout, path), 'utf8');
}
