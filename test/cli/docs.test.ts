import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pageWithReference } from '../../scripts/cli-reference.ts';
import { findCommandWord, parseArguments } from '../../src/cli/arguments.ts';
import { commands } from '../../src/cli/command-table.ts';
import { exitCodes } from '../../src/cli/exit-code.ts';
import { globalOptions } from '../../src/cli/options.ts';
import { nanocent } from './command-line.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8');

test('docs/cli.md holds the help that the program prints', () => {
  const { now, wanted } = pageWithReference();
  assert.equal(now, wanted, 'write it again: node scripts/cli-reference.ts');
});

test('docs/cli.md names every exit code', () => {
  for (const code of Object.values(exitCodes)) assert.match(page, new RegExp(`^\\| ${code} \\|`, 'm'));
});

test('every option of a command has its own name and letter', () => {
  for (const { name, options } of commands) {
    const all = [...globalOptions, ...options];
    const names = all.flatMap((option) => [option.name, ...(option.also ?? [])]);
    assert.deepEqual(names, [...new Set(names)], name);
    const letters = all.flatMap((option) => option.short ?? []);
    assert.deepEqual(letters, [...new Set(letters)], name);
  }
});

test('every command has a module, help with examples, and examples that parse', async () => {
  for (const command of commands) {
    assert.equal(typeof (await command.load()).run, 'function', command.name);
    for (const asked of [
      [...command.name.split(' '), '--help'],
      ['help', ...command.name.split(' ')],
    ]) {
      const { code, out, err } = await nanocent(asked);
      assert.deepEqual([code, err], [0, ''], command.name);
      assert.ok(out.startsWith(`Usage: nanocent ${command.name}`), out);
    }
    assert.ok(command.examples.length > 0, command.name);
    for (const example of command.examples) {
      const [line = ''] = example
        .replace(/^\w+=\$\((.*)\)$/, '$1')
        .replace(/^.*\| /, '')
        .split(/ [<>|] /);
      const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
        (match) => match[1] ?? match[2] ?? match[3]!,
      );
      const at = findCommandWord(words.slice(1));
      const rest = words.slice(1 + at + command.name.split(' ').length);
      assert.doesNotThrow(() => parseArguments(rest, command), example);
    }
  }
});

test('help without a command lists all of them, in every width', async () => {
  for (const columns of [40, 60, 80, 120, 200]) {
    const { code, out } = await nanocent(['--help', '--no-color'], { columns });
    assert.equal(code, 0);
    for (const { name } of commands) assert.match(out, new RegExp(`^ {2}${name}\\b`, 'm'));
  }
  assert.match((await nanocent([])).out, /Usage: nanocent COMMAND/);
  assert.match((await nanocent(['limits'])).out, /Usage: nanocent limits COMMAND/);
  const coloured = await nanocent(['help'], { columns: 80 });
  assert.equal(coloured.out.includes('\u001b[1m'), true);
  const plain = await nanocent(['help'], { columns: 80, environment: { NO_COLOR: '1' } });
  assert.equal(plain.out.includes('\u001b'), false);
});
