import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkout, command } from '../house/machine.ts';

test('examples/agent-run.ts stays under its cap, and says where it took the cheaper model', () => {
  const args = ['--conditions=nanocent-source', 'examples/agent-run.ts'];
  const { status, stdout, stderr } = command(process.execPath, args, { cwd: checkout });
  assert.equal(status, 0, stderr);
  assert.equal(
    stdout,
    'thought with gpt-4o\nsearched: charged\nthought with gpt-4o\n' +
      'thought with gpt-4o-mini, because the cap has no room for gpt-4o\n' +
      'spent 0.0562 USD, held 0.00 USD of 0.10\n',
  );
});
