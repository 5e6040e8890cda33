import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { nanocent } from '../cli/command-line.ts';

/** A folder with a configuration and these files beside it. */
function configured(t: TestContext, accountants: unknown, files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-configured-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  }
  const config = join(folder, 'nanocent.config.json');
  writeFileSync(config, JSON.stringify({ accountants }));
  return { folder, config };
}

/** An accountant in plain JavaScript, which writes down what it hears beside itself. */
const scribe = (name: string, exported: string) => `
  import { appendFileSync } from 'node:fs';
  const say = (what) => appendFileSync(new URL('heard', import.meta.url), '${name} ' + what + '\\n');
  const accountant = {
    name: '${name}',
    async reserve(nanocents) {
      say('reserve ' + nanocents);
      return null;
    },
    async settle(tx, nanocents) {
      say('settle ' + nanocents);
    },
    async rollback() {
      say('rollback');
    },
  };
  export default ${exported};`;

test('modules beside the configuration and packages installed there, in their order, by library and command line', async (t) => {
  const { folder, config } = configured(t, ['./first.mjs', 'second'], {
    'first.mjs': scribe('first', 'accountant'),
    'node_modules/second/package.json': JSON.stringify({ name: 'second', type: 'module', main: 'main.js' }),
    'node_modules/second/main.js': scribe('second', 'async () => accountant'),
  });
  const store = join(folder, 'books.sqlite');
  const books = await openBooks({ store, config, environment: {}, background: false });
  const held = await books.reserve({ model: 'm', nanocents: 7n });
  assert.ok(held.outcome === 'reserved');
  await books.close();
  const args = ['--db-file', store, '--quiet', 'settle', held.reservation.id, '--nanocents', '5'];
  const said = await nanocent(args, { environment: { NANOCENT_CONFIG: config } });
  assert.equal(said.code, 0, said.err);
  assert.equal(readFileSync(join(folder, 'heard'), 'utf8'), 'first reserve 7\nfirst settle 5\n');
  const other = readFileSync(join(folder, 'node_modules/second/heard'), 'utf8');
  assert.equal(other, 'second reserve 7\nsecond settle 5\n');
});

test('what is no accountant is said before anything is opened, with the module named', async (t) => {
  for (const [accountants, message, field = 'accountants'] of [
    ['./wallet.mjs', /line 1, accountants is a text/],
    [[7], /line 1, accountants\[0\] is 7/, 'accountants[0]'],
    [['./missing.mjs'], /missing\.mjs cannot be loaded/],
    [['not-installed'], /not-installed cannot be loaded/],
    [['./broken.mjs'], /broken\.mjs cannot be loaded: out of order/],
    [['./other.mjs'], /other\.mjs exports no accountant/],
    [['./good.mjs', './good.mjs'], /two accountants are called good/],
  ] as const) {
    const { config } = configured(t, accountants, {
      'broken.mjs': `throw new Error('out of order');`,
      'other.mjs': 'export default { name: "other" };',
      'good.mjs': scribe('good', 'accountant'),
    });
    const opened = openBooks({ store: 'memory', config, environment: {} });
    await assert.rejects(opened, { code: 'config_invalid', field, message });
  }
});
