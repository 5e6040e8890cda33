import assert from 'node:assert/strict';
import { test } from 'node:test';
import { command, copyCheckout, plainEnvironment, succeed, temporaryFolder } from '../house/machine.ts';

const quick = ['--no-audit', '--no-fund', '--prefer-offline'];

/** The major version of the Node that this machine has without us. */
const machineNode = Number(succeed('node', ['--version']).slice(1).split('.')[0]);

test('npm ci on a clean copy brings Node 24, and the launcher takes it', () => {
  using folder = temporaryFolder();
  copyCheckout(folder.path);
  succeed('npm', ['ci', ...quick], { cwd: folder.path });
  assert.match(succeed('node_modules/.bin/node', ['--version'], { cwd: folder.path }), /^v24\./);
  const { status, stderr } = command('npm', ['run', '--silent', 'pretest'], { cwd: folder.path });
  assert.equal(status, 0, stderr);
  assert.match(succeed('bin/nanocent', ['--version'], { cwd: folder.path }), /\d+\.\d+\.\d+/);
});

for (const { how, args, env } of [
  { how: 'npm ci --ignore-scripts', args: ['--ignore-scripts'], env: {} },
  { how: 'NODE_ENV=production npm ci', args: [], env: { NODE_ENV: 'production' } },
]) {
  test(`${how} leaves something out, and start and test say so in one sentence`, () => {
    using folder = temporaryFolder();
    copyCheckout(folder.path);
    succeed('npm', ['ci', ...quick, ...args], { cwd: folder.path, env: plainEnvironment(env) });
    for (const script of machineNode < 24 ? ['start', 'test'] : how.includes('production') ? ['test'] : []) {
      const { status, stderr } = command('npm', [script], { cwd: folder.path, env: plainEnvironment(env) });
      assert.notEqual(status, 0);
      assert.match(
        stderr,
        /^nanocent: .* (is missing|is not installed).*; run "npm ci" without --ignore-scripts .*\.$/m,
      );
      assert.doesNotMatch(stderr, /SyntaxError|ERR_|\n {4}at /);
    }
  });
}
