import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { NanocentError } from '../errors/error.ts';
import { openBooks } from './open-books.ts';
import { locateStore } from './store-location.ts';

const folder = mkdtempSync(join(tmpdir(), 'nanocent-books-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const code = (wanted: string) => (error: unknown) => NanocentError.is(error) && error.code === wanted;

test('a ledger in a thread of its own answers as one in this thread', async () => {
  const store = join(folder, 'thread.sqlite');
  {
    await using books = await openBooks({ store, thread: true });
    const calls = Array.from({ length: 200 }, (_, index) =>
      books.track({
        model: 'gpt-4o-mini',
        promptTokens: 1000,
        completionTokens: 500,
        username: `u${index % 3}`,
      }),
    );
    const tracked = await Promise.all(calls);
    assert.equal(new Set(tracked.map(({ entry }) => entry.id)).size, 200);
    assert.equal(books.reads.engine, 'sqlite');
    assert.equal(books.reads.location, store);
  }
  await using again = await openBooks({ store });
  const verification = await again.verify();
  assert.deepEqual([verification.balanced, verification.entries], [true, 200]);
  assert.equal((await again.tail(1))[0]!.nanocents, 45_000_000n);
});

test('errors keep their code, field and fix across the thread', async () => {
  await using books = await openBooks({ store: join(folder, 'errors.sqlite'), thread: true });
  await assert.rejects(books.settle('0'.repeat(36), { nanocents: 1n }), code('reservation_not_found'));
  await assert.rejects(
    books.reads.select('DELETE FROM nanocent_entries', { rowsMax: 1, timeMs: 1000 }),
    (error) => {
      return NanocentError.is(error) && error.code === 'query_forbidden';
    },
  );
});

test('a thread that cannot open its store says why', async () => {
  const store = join(folder, 'not-a-database.sqlite');
  writeFileSync(
    store,
    'this is a text, and a rather long one, so that nobody takes it for an empty database',
  );
  await assert.rejects(openBooks({ store, thread: true }), code('store_not_a_database'));
  await assert.rejects(openBooks({ store }), code('store_not_a_database'));
});

test('after close nothing is written any more', async () => {
  for (const thread of [false, true]) {
    const books = await openBooks({ store: join(folder, `closed-${thread}.sqlite`), thread });
    await books.track({ model: 'm', nanocents: 1n });
    await books.close();
    await assert.rejects(books.track({ model: 'm', nanocents: 1n }), (error) => {
      return NanocentError.is(error) && ['store_closed', 'store_unreachable'].includes(error.code);
    });
  }
});

test('a new ledger’s file is its owner’s alone', async () => {
  const store = join(folder, 'mode.sqlite');
  await using books = await openBooks({ store });
  await books.track({ model: 'm', nanocents: 1n });
  assert.equal(statSync(store).mode & 0o777, 0o600);
});

test('which ledger a name means', () => {
  const at = (name: string | undefined, environment: Record<string, string> = {}) =>
    locateStore(name, environment, folder);
  assert.deepEqual(at('x.sqlite'), { engine: 'sqlite', file: join(folder, 'x.sqlite'), createFolder: false });
  assert.deepEqual(at('sqlite:x.sqlite'), {
    engine: 'sqlite',
    file: join(folder, 'x.sqlite'),
    createFolder: false,
  });
  assert.deepEqual(at('file:///a/b.sqlite'), { engine: 'sqlite', file: '/a/b.sqlite', createFolder: false });
  assert.deepEqual(at('memory'), { engine: 'memory' });
  assert.deepEqual(at(undefined, { NANOCENT_DB_FILE: '/e.sqlite' }), {
    engine: 'sqlite',
    file: '/e.sqlite',
    createFolder: false,
  });
  assert.deepEqual(at('given.sqlite', { NANOCENT_DB_FILE: '/e.sqlite' }), {
    engine: 'sqlite',
    file: join(folder, 'given.sqlite'),
    createFolder: false,
  });
  assert.throws(
    () => at('oracle://u:secret@host/db'),
    (error) => {
      return NanocentError.is(error) && error.code === 'config_invalid' && !error.message.includes('secret');
    },
  );
  const parts = { host: 'h', port: 6432, user: 'u', password: 'p@ss', database: 'd', sslmode: 'require' };
  assert.deepEqual(at('postgresql://u:p%40ss@h:6432/d?sslmode=require'), { engine: 'postgres', at: parts });
  assert.deepEqual(locateStore(parts, {}, folder), { engine: 'postgres', at: parts });
  assert.deepEqual(at(undefined, { NANOCENT_DB_URL: 'postgres:///d?host=/run/postgresql' }), {
    engine: 'postgres',
    at: { host: '/run/postgresql', database: 'd' },
  });
  assert.deepEqual(at('a.sqlite', { DATABASE_URL: 'postgres://h/d' }), at('a.sqlite'));
  writeFileSync(join(folder, 'nanocent.sqlite'), '');
  assert.deepEqual(
    at(undefined, { DATABASE_URL: 'postgres://h/d', NEON_CONNECTION_STRING: 'postgres://h/d' }),
    {
      engine: 'sqlite',
      file: join(folder, 'nanocent.sqlite'),
      createFolder: false,
    },
  );
});

test('verify proves one moment while others write, and purged holds say no longer for whom they were', async () => {
  await using books = await openBooks({ store: join(folder, 'busy.sqlite') });
  await books.limits.set({
    scope: 'USER',
    username: '*',
    limitType: 'cost',
    max: '100',
    intervalUnit: 'month',
  });
  let writing = true;
  const writer = (async () => {
    while (writing) {
      const held = await books.reserve({ model: 'm', username: 'ann', nanocents: 5n });
      if (held.outcome === 'reserved') await books.settle(held.reservation.id, { nanocents: 3n });
    }
  })();
  for (let round = 0; round < 10; round++) assert.deepEqual((await books.verify()).differences, []);
  writing = false;
  await writer;
  const held = await books.reserve({ model: 'm', username: 'ann', nanocents: 5n });
  assert.ok(held.outcome === 'reserved');
  await books.purge(Date.now() + 1000);
  const page = await books.reads.scanReservations(null, 10_000);
  for (const row of page) {
    const stillOpen: boolean = row.id === held.reservation.id;
    assert.equal(row.draft !== null, stillOpen);
    assert.deepEqual(row.attributes, stillOpen ? { model: 'm', username: 'ann' } : {});
  }
  assert.deepEqual((await books.verify()).differences, []);
});
