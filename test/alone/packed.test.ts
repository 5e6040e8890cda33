import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';
import { dottedName, type Node, parseSource, walk } from '../../scripts/source.ts';
import {
  checkout,
  command,
  copyCheckout,
  plainEnvironment,
  succeed,
  temporaryFolder,
} from '../house/machine.ts';
import { need } from '../needs.ts';

// The package as a user gets it: packed from a copy of this checkout, installed into an empty project.

const sizeMax = 25_000_000;
const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
const entries = Object.keys(manifest.exports).filter((name) => !name.endsWith('.json'));
const names = entries.map((entry) => `nanocent${entry.slice(1)}`);

const copy = temporaryFolder();
const project = temporaryFolder();
after(() => {
  copy[Symbol.dispose]();
  project[Symbol.dispose]();
});

const { tarball, files } = pack();
const installed = join(project.path, 'node_modules/nanocent');
writeFileSync(join(project.path, 'package.json'), '{ "private": true, "type": "module" }');
succeed('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], {
  cwd: project.path,
  env: withNode(process.execPath),
});

test('the tarball holds what is built and nothing else', (t) => {
  const paths = files.map(({ path }) => path);
  for (const path of [
    'package.json',
    'config.schema.json',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    'THIRD-PARTY-NOTICES.md',
    'dist/cli/main.js',
  ]) {
    assert.ok(paths.includes(path), `${path} is missing`);
  }
  const odd = paths.filter((path) =>
    /(^|\/)(src|test|scripts|bench|fixtures)\/|\.test\.|(?<!\.d)\.tsx?$|\.sqlite$/.test(path),
  );
  assert.deepEqual(odd, []);
  assert.equal(
    manifest.scripts.install ?? manifest.scripts.preinstall ?? manifest.scripts.postinstall,
    undefined,
  );
  t.diagnostic(`tarball: ${files.length} files, ${Math.round(statSync(tarball).size / 1000)} kB`);
});

test(`installed without development tools it takes less than ${sizeMax / 1e6} MB`, (t) => {
  const all = globSync('node_modules/**/*', { cwd: project.path, withFileTypes: true }).filter((file) =>
    file.isFile(),
  );
  const size = all.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
  t.diagnostic(`installed: ${(size / 1e6).toFixed(1)} MB in ${all.length} files`);
  assert.ok(size < sizeMax, `${size} bytes`);
});

test('every entry imports in JavaScript and offers something', () => {
  const program = `
    for (const name of ${JSON.stringify(names)}) {
      const exported = Object.keys(await import(name));
      if (exported.length === 0) throw new Error(name + ' exports nothing');
    }`;
  writeFileSync(join(project.path, 'entries.js'), program);
  succeed(process.execPath, ['entries.js'], { cwd: project.path });
});

test('every entry type-checks in TypeScript without @types/node, and with every kind of resolution', () => {
  const lines = names.map((name, index) => `import * as entry${index} from '${name}';\nvoid entry${index};`);
  writeFileSync(join(project.path, 'entries.ts'), lines.join('\n'));
  for (const resolution of [
    { module: 'nodenext', moduleResolution: 'nodenext' },
    { module: 'esnext', moduleResolution: 'bundler' },
  ]) {
    const compilerOptions = { ...resolution, strict: true, noEmit: true, skipLibCheck: false, types: [] };
    writeFileSync(
      join(project.path, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['entries.ts'] }),
    );
    succeed(process.execPath, [join(checkout, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
      cwd: project.path,
    });
  }
});

test('types that are reachable from an entry name nothing of Node and no package', () => {
  const seen = new Set<string>();
  const foreign: string[] = [];
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const source = parseSource(file, readFileSync(file, 'utf8'));
    const where = relative(installed, file);
    if (source.lines.some((line) => line.startsWith('/// <reference types')))
      foreign.push(`${where}: a reference`);
    walk(source.program, (node) => {
      const from = (node.source as Node | undefined)?.value;
      const name = node.type === 'TSTypeReference' ? dottedName(node.typeName) : undefined;
      if (name === 'Buffer') foreign.push(`${where}: Buffer`);
      if (typeof from !== 'string') return;
      if (from.startsWith('.')) visit(join(dirname(file), from.replace(/\.[jt]s$/, '.d.ts')));
      else foreign.push(`${where}: ${from}`);
    });
  };
  for (const entry of entries) visit(join(installed, manifest.exports[entry].types));
  assert.ok(seen.size > entries.length);
  assert.deepEqual(foreign, []);
});

test('everything that is loaded late works built: engine, its thread, the process for queries, the price catalog', () => {
  writeFileSync(join(project.path, 'late.js'), lateProgram);
  const said = succeed(process.execPath, ['late.js'], { cwd: project.path });
  assert.deepEqual(JSON.parse(said), ['650000000', '650000000', '50000000000', true, [['650000000']]]);
});

test('a thread of its own imports every entry late, from JavaScript and from TypeScript', () => {
  writeThreads();
  for (const program of threadPrograms) runThread(process.execPath, program);
});

test('the same on Node 26', (t) => {
  const node = need('node26', t);
  if (node === undefined) return;
  writeThreads();
  for (const program of threadPrograms) runThread(node, program);
});

test('importing the library loads no package and no engine', () => {
  const program = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
    await import('nanocent');
    console.log(urls.filter((url) => !/node_modules.nanocent.dist/.test(url) && !url.startsWith('node:')).join());
    console.log(urls.includes('node:sqlite'));`;
  writeFileSync(join(project.path, 'loads.js'), program);
  assert.equal(succeed(process.execPath, ['loads.js'], { cwd: project.path }), '\nfalse\n');
});

test('the program runs: local, through npx, global; on Node 24', () => {
  runEverywhere(process.execPath);
});

test('the program and what it loads late run on Node 26 too', (t) => {
  const node = need('node26', t);
  if (node === undefined) return;
  runEverywhere(node);
  succeed(node, ['late.js'], { cwd: project.path });
});

test('on an old Node the program says in words what is missing, exit 6', (t) => {
  const node = need('node20', t);
  if (node === undefined) return;
  const { status, stdout, stderr } = command(node, [join(installed, 'dist/cli/main.js'), 'tail']);
  assert.equal(status, 6, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /needs Node 24 or newer/);
});

const lateProgram = `
  import { mkdtempSync, rmSync } from 'node:fs';
  import { openBooks } from 'nanocent';

  const folder = mkdtempSync('books-');
  const said = [];
  for (const options of [{ store: 'memory' }, { store: folder + '/books.sqlite', thread: true }]) {
    await using books = await openBooks(options);
    const call = { model: 'gpt-4o', provider: 'openai', promptTokens: 1200, completionTokens: 350 };
    said.push(String((await books.track(call)).entry.nanocents));
    if (options.store === 'memory') continue;
    const held = await books.reserve({ model: 'gpt-4o', nanocents: 50_000_000_000n });
    const { reservation } = await books.settle(held.reservation.id, { nanocents: 50_000_000_000n });
    said.push(String(reservation.posted.cost), (await books.verify()).balanced);
    const bounds = { rowsMax: 10, timeMs: 5000 };
    const query = 'SELECT cost_nanocents FROM accounting_entries WHERE cost_nanocents < 1000000000';
    said.push((await books.reads.select(query, bounds)).rows.map((row) => row.map(String)));
  }
  rmSync(folder, { recursive: true });
  console.log(JSON.stringify(said));
`;

const threadPrograms = ['thread.js', 'thread.ts'];

/** The program starts itself in a thread, which imports everything when it is needed and says what a call costs. */
function writeThreads(): void {
  for (const [program, type] of [
    ['thread.js', ''],
    ['thread.ts', ': readonly string[]'],
  ] as const) {
    writeFileSync(
      join(project.path, program),
      `
        import { isMainThread, parentPort, Worker } from 'node:worker_threads';

        const names${type} = ${JSON.stringify(names)};
        if (isMainThread) {
          new Worker(new URL(import.meta.url)).on('message', (said) => console.log(said));
        } else {
          for (const name of names) await import(name);
          const { openBooks } = await import('nanocent');
          await using books = await openBooks({ store: 'memory' });
          const { entry } = await books.track({ model: 'gpt-4o-mini', promptTokens: 1000, completionTokens: 500 });
          parentPort?.postMessage(String(entry.nanocents));
        }`,
    );
  }
}

function runThread(node: string, program: string): void {
  assert.equal(succeed(node, [program], { cwd: project.path }), '45000000\n', program);
}

function runEverywhere(node: string): void {
  using prefix = temporaryFolder();
  const env = withNode(node);
  const npm = ['--no-audit', '--no-fund', '--prefer-offline'];
  succeed('npm', ['install', '--global', '--prefix', prefix.path, ...npm, tarball], { env });
  const ways: [program: string, args: string[]][] = [
    [join(project.path, 'node_modules/.bin/nanocent'), []],
    ['npx', ['--no-install', 'nanocent']],
    [join(prefix.path, 'bin/nanocent'), []],
  ];
  for (const [program, args] of ways) {
    const { status, stdout, stderr } = command(program, [...args, '--version'], { cwd: project.path, env });
    assert.equal(status, 0, `${program}: ${stderr}`);
    assert.ok(stdout.includes(manifest.version), stdout);
    assert.equal(stderr.replace(/^npm warn .*\n/gm, ''), '');
  }
}

function pack(): { tarball: string; files: { path: string; mode: number }[] } {
  copyCheckout(copy.path);
  symlinkSync(join(checkout, 'node_modules'), join(copy.path, 'node_modules'));
  const said = succeed('npm', ['pack', '--json'], { cwd: copy.path, env: withNode(process.execPath) });
  const [packed] = JSON.parse(said.slice(said.search(/^\[/m)));
  return { tarball: join(copy.path, packed.filename), files: packed.files };
}

/** The plain environment, with this Node the first to be found. */
function withNode(node: string): NodeJS.ProcessEnv {
  const plain = plainEnvironment();
  return { ...plain, PATH: `${dirname(node)}${delimiter}${plain.PATH}` };
}
