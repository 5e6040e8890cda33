import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { proveNumbers } from '../../src/testing/simulation-numbers.ts';
import { memoryStore } from './suites.ts';

const folder = mkdtempSync(join(tmpdir(), 'nanocent-numbers-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('memory: 0, 1, 2^31, 2^53 ± 1 and 2^63 − 1 through reserve, settle, record and adjust', async (t) => {
  const clock = fakeClock();
  const { histories } = await proveNumbers(memoryStore(clock), clock);
  t.diagnostic(`${histories} histories`);
});

test('SQLite: the same edges', async (t) => {
  const clock = fakeClock();
  const store = await openSqlite({ clock, file: join(folder, 'numbers.sqlite') });
  const { histories } = await proveNumbers(store, clock);
  await store.close();
  t.diagnostic(`${histories} histories`);
});
