import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { need } from '../needs.ts';

/** Nothing can be fetched: there is no npm in the PATH. */
function askWithoutNpm(ci: string): { found: string | undefined; said: string[] } {
  const said: string[] = [];
  const context = { diagnostic: (message: string) => said.push(message), after: () => undefined };
  const { PATH, CI } = process.env;
  Object.assign(process.env, { PATH: '', CI: ci });
  try {
    return { found: need('node26', context as unknown as TestContext), said };
  } finally {
    Object.assign(process.env, { PATH });
    if (CI === undefined) delete process.env.CI;
    else process.env.CI = CI;
  }
}

test('a missing need is "not run" by name', () => {
  const { found, said } = askWithoutNpm('');
  assert.equal(found, undefined);
  assert.equal(said.length, 1);
  assert.match(said[0] as string, /^not run: node26 \(npm install node@26 failed: .*\)$/);
});

test('in CI a missing need fails', () => {
  assert.throws(() => askWithoutNpm('true'), /node26 is needed in CI and is missing: npm install node@26/);
});
