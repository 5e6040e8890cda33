import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkout, succeed } from '../house/machine.ts';

/** Every module that a program loads, files of this checkout by their path in it. */
function loadedBy(program: string): string[] {
  const watching = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
    ${program}
    console.log(JSON.stringify(urls));`;
  const args = ['--conditions=nanocent-source', '--input-type=module', '--eval', watching];
  const urls: string[] = JSON.parse(succeed(process.execPath, args, { cwd: checkout }));
  return urls.map((url) => (url.startsWith('file:') ? relative(checkout, fileURLToPath(url)) : url)).sort();
}

const heavy =
  /^node_modules|^node:sqlite$|^src\/store\/(sqlite|postgres|mysql)\/(?!address)|^src\/prices\/data\/(?!index)/;

for (const entry of [
  'nanocent',
  'nanocent/usage',
  'nanocent/prices',
  'nanocent/store/memory',
  'nanocent/ai-sdk',
]) {
  test(`importing ${entry} loads no package, database driver, tokenizer, SDK or price`, () => {
    const loaded = loadedBy(`await import('${entry}');`);
    assert.ok(loaded.some((path) => path.startsWith('src/')));
    assert.deepEqual(
      loaded.filter((path) => heavy.test(path)),
      [],
    );
  });
}

test('a ledger in memory loads the prices that it needs, and no engine', () => {
  const loaded = loadedBy(`
    const { openBooks } = await import('nanocent');
    await using books = await openBooks({ store: 'memory', environment: {}, limits: {} });
    await books.track({ model: 'gpt-4o', provider: 'openai', promptTokens: 1 });`);
  assert.ok(loaded.some((path) => path.startsWith('src/prices/data/')));
  assert.ok(loaded.includes('src/store/memory/memory-store.ts'));
  assert.deepEqual(
    loaded.filter((path) => heavy.test(path) && !path.startsWith('src/prices/data/')),
    [],
  );
});

test('a ledger in a file loads the engine, and still no package', () => {
  const loaded = loadedBy(`
    const { openSqlite } = await import('nanocent/store/sqlite');
    void openSqlite;`);
  assert.ok(loaded.includes('node:sqlite') || loaded.some((path) => path.startsWith('src/store/sqlite/')));
  assert.deepEqual(
    loaded.filter((path) => path.startsWith('node_modules')),
    [],
  );
});
