import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout, command, type Ended, temporaryFolder } from './machine.ts';

/** A checkout of nothing but the launcher and a program that says what it was given. */
function tinyCheckout(root: string): string {
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'src/cli'), { recursive: true });
  copyFileSync(join(checkout, 'bin/nanocent'), join(root, 'bin/nanocent'));
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(root, 'src/cli/main.ts'),
    `const given: string[] = process.argv.slice(2);
     console.log(JSON.stringify({ given, node: process.execPath, pid: process.pid }));
     process.exitCode = Number(given.at(-1)) || 0;`,
  );
  return join(root, 'bin/nanocent');
}

/** A `node` that claims a version; asked to run something, it hands over to this one. */
function fakeNode(folder: string, version: string): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'node');
  writeFileSync(
    file,
    `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit\nexec "${process.execPath}" "$@"\n`,
  );
  chmodSync(file, 0o755);
}

/** Runs it as a shell would, with these folders before the usual tools, none of which is a Node. */
function launch(program: string, args: string[], folders: string[], cwd = '/'): Ended {
  using tools = temporaryFolder();
  for (const tool of ['sh', 'readlink', 'dirname']) {
    const { stdout } = command('sh', ['-c', `command -v ${tool}`]);
    symlinkSync(stdout.trim(), join(tools.path, tool));
  }
  return command(program, args, { cwd, env: { PATH: [...folders, tools.path].join(':') } });
}

test('only an old Node, or none: one sentence on stderr naming what is missing, exit 6', () => {
  using folder = temporaryFolder();
  const program = tinyCheckout(folder.path);
  const rows = [
    { versions: ['v20.20.2'], says: 'found v20.20.2 at' },
    { versions: ['v9.9.9', 'v23.11.1'], says: 'found v9.9.9 at' },
    { versions: ['not-a-version'], says: 'found none' },
    { versions: [], says: 'found none' },
  ];
  for (const { versions, says } of rows) {
    const folders = versions.map((version) => join(folder.path, `has ${version}`));
    folders.forEach((path, index) => {
      fakeNode(path, versions[index] as string);
    });
    const { status, stdout, stderr } = launch(program, ['stats'], folders);
    assert.equal(status, 6);
    assert.equal(stdout, '');
    assert.match(stderr, /^nanocent: needs Node 24 or newer, .*Run "npm ci" in .*, or install Node 24\.\n$/);
    assert.ok(stderr.includes(says), stderr);
  }
});

test('the first Node of 24 or newer in the PATH runs it, older ones before it are passed over', () => {
  using folder = temporaryFolder();
  const program = tinyCheckout(folder.path);
  const folders = ['v20.20.2', 'v24.0.0', 'v26.1.0'].map((version) => join(folder.path, version));
  folders.forEach((path) => {
    fakeNode(path, path.split('/').at(-1) as string);
  });
  const { status, stdout } = launch(program, ['tail', '-n', '3'], folders);
  assert.equal(status, 3);
  assert.deepEqual(JSON.parse(stdout).given, ['tail', '-n', '3']);
});

test('the Node pinned in node_modules comes before the PATH', () => {
  using folder = temporaryFolder();
  const program = tinyCheckout(folder.path);
  fakeNode(join(folder.path, 'node_modules/node/bin'), 'v24.21.0');
  const { status, stderr } = launch(program, [], []);
  assert.equal(status, 0, stderr);
});

test('arguments arrive as given, and the exit code is the program’s own', () => {
  using folder = temporaryFolder();
  const program = tinyCheckout(folder.path);
  const path = join(folder.path, 'new');
  fakeNode(path, 'v24.0.0');
  const given = ['a b', '', '*', '$HOME', '-e', '"quoted"', 'two\nlines', '7'];
  const { status, stdout } = launch(program, given, [path]);
  assert.equal(status, 7);
  assert.deepEqual(JSON.parse(stdout).given, given);
});

test('it works through a chain of symbolic links, relative ones too, from any folder', () => {
  using folder = temporaryFolder();
  const program = tinyCheckout(folder.path);
  const elsewhere = join(folder.path, 'else where');
  mkdirSync(join(elsewhere, 'deep'), { recursive: true });
  symlinkSync(program, join(elsewhere, 'absolute'));
  symlinkSync('../../bin/nanocent', join(elsewhere, 'deep/relative'));
  symlinkSync('deep/relative', join(elsewhere, 'chain'));
  fakeNode(join(folder.path, 'new'), 'v24.0.0');
  for (const [name, cwd] of [
    [program, '/'],
    [join(elsewhere, 'absolute'), '/'],
    ['./chain', elsewhere],
    ['./relative', join(elsewhere, 'deep')],
    ['../chain', join(elsewhere, 'deep')],
  ] as const) {
    const { status, stderr } = launch(name, [], [join(folder.path, 'new')], cwd);
    assert.equal(status, 0, `${name} from ${cwd}: ${stderr}`);
  }
});

test('before start, test and check: an old Node or a missing package is one sentence with the cure', () => {
  using folder = temporaryFolder();
  const script = join(checkout, 'scripts/check-node.js');
  const old = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' }); import(${JSON.stringify(script)});`;
  const rows = [
    { args: ['-e', old], cwd: checkout, says: 'Node 24 or newer is missing (this is Node 20.20.2)' },
    { args: [script, 'start'], cwd: folder.path, says: 'the package undici is not installed' },
    { args: [script, 'develop'], cwd: folder.path, says: 'the package undici is not installed' },
  ];
  for (const { args, cwd, says } of rows) {
    const { status, stdout, stderr } = command(process.execPath, args, { cwd });
    assert.equal(status, 6);
    assert.equal(stdout, '');
    assert.equal(stderr.split('\n').length, 2);
    assert.ok(stderr.startsWith(`nanocent: ${says}; run "npm ci" without --ignore-scripts`), stderr);
  }
  assert.equal(command(process.execPath, [script, 'develop'], { cwd: checkout }).status, 0);
});
