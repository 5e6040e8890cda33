import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLedger } from '../../src/core/ledger.ts';
import { NanocentError } from '../../src/errors/error.ts';
import { addressOf, placeOf, schemaName } from '../../src/store/postgres/address.ts';
import { openPostgres } from '../../src/store/postgres/index.ts';
import { checksumOf, migrations } from '../../src/store/postgres/migrate.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { assertLaws } from '../../src/testing/laws.ts';
import { costLimit, requestsFor } from '../../src/testing/requests.ts';
import { seededIds } from '../../src/testing/seeded.ts';
import { newSchema, postgresServer } from '../postgres-schema.ts';

test('an address is read whole, and shown without its password', () => {
  const at = addressOf('postgresql://ann:p%40ss@[::1]:6432/books?sslmode=verify-full&schema=mine');
  assert.deepEqual(at, {
    host: '::1',
    user: 'ann',
    password: 'p@ss',
    database: 'books',
    sslmode: 'verify-full',
    schema: 'mine',
    port: 6432,
  });
  assert.equal(placeOf(at), 'postgresql://ann@::1:6432/books?schema=mine');
  for (const url of [
    'postgresql://u:secret@h/d?sslmod=require',
    'mysql://u:secret@h/d',
    'postgresql://u:secret@h:x/d',
  ]) {
    assert.throws(
      () => addressOf(url),
      (error) =>
        NanocentError.is(error) && error.code === 'config_invalid' && !error.message.includes('secret'),
    );
  }
  for (const name of ['Nanocent', 'a"b', 'pg_mine', '', 'x'.repeat(42)]) {
    assert.throws(() => schemaName(name), { code: 'config_invalid' });
  }
});

test('a server that is not there is said at once, without the password', async () => {
  const at = 'postgresql://ann:secret@127.0.0.1:1/books';
  await assert.rejects(openPostgres({ at }), (error) => {
    assert.ok(NanocentError.is(error) && error.code === 'store_unreachable');
    assert.match(error.message, /ann@127\.0\.0\.1:1\/books does not answer/);
    assert.doesNotMatch(error.message + error.fix, /secret/);
    return true;
  });
});

const server = await postgresServer();

if (server !== undefined) {
  /** Each in a schema of its own, which is gone afterwards. */
  const inSchema = (name: string, play: (schema: Awaited<ReturnType<typeof newSchema>>) => Promise<void>) =>
    test(`postgres: ${name}`, async () => {
      const schema = await newSchema(server);
      try {
        await play(schema);
      } finally {
        await schema.drop();
      }
    });
  const applied = 'SELECT id, name FROM nanocent_migrations ORDER BY id';

  inSchema('eight processes that start at once make one ledger', async ({ at, schema, rows }) => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => openPostgres({ at, init: true })));
    const ids = new Set(await Promise.all(stores.map(async (store) => (await store.facts()).ledgerId)));
    assert.equal(ids.size, 1);
    await Promise.all(stores.map((store) => store.close()));
    const steps = await rows(applied.replace('nanocent_', `"${schema}".nanocent_`));
    assert.deepEqual(
      steps.map(([id, name]) => [Number(id), name]),
      migrations.map(({ id, name }) => [id, name]),
    );
  });

  inSchema(
    'a start that was killed between two steps is finished by the next one',
    async ({ at, schema, exec }) => {
      const [first] = migrations;
      await exec(`CREATE SCHEMA "${schema}"`);
      await exec(`CREATE TABLE nanocent_migrations (
      id integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL);
      ${first!.sql}; INSERT INTO nanocent_migrations VALUES (1, '${first!.name}', '${checksumOf(first!)}', now())`);
      const store = await openPostgres({ at });
      const found = await store.select('SELECT count(*) FROM accounting_entries', {
        rowsMax: 1,
        timeMs: 5000,
      });
      assert.deepEqual(found.rows, [[0n]]);
      await store.close();
    },
  );

  inSchema('a newer schema, and one that is not ours: refused, nothing changed', async ({ at, exec }) => {
    await (await openPostgres({ at, init: true })).close();
    await exec(`INSERT INTO nanocent_migrations VALUES (99, 'from-tomorrow', 'x', now())`);
    await assert.rejects(openPostgres({ at }), { code: 'schema_newer' });
    await exec(
      `DELETE FROM nanocent_migrations WHERE id = 99; UPDATE nanocent_migrations SET checksum = 'x' WHERE id = 1`,
    );
    await assert.rejects(openPostgres({ at }), { code: 'schema_changed' });
  });

  inSchema('tables of another program: refused without init, and never mixed with ours', async (own) => {
    const { at, schema, exec, rows } = own;
    await exec(`CREATE SCHEMA "${schema}"`);
    await exec('CREATE TABLE customers (id integer)');
    await assert.rejects(openPostgres({ at }), { code: 'store_foreign' });
    await assert.rejects(openPostgres({ at, init: true }), { code: 'store_foreign' });
    const other = `${at}2`;
    await assert.rejects(openPostgres({ at: other }), { code: 'store_foreign' });
    const made = await rows(`SELECT to_regnamespace('${schema}2')::text`);
    assert.deepEqual(made, [[null]], 'a refusal makes no schema');
  });

  inSchema('what may only be read: nothing is made, nothing is booked', async ({ at }) => {
    await assert.rejects(openPostgres({ at, readOnly: true, init: true }), { code: 'store_read_only' });
    await (await openPostgres({ at, init: true })).close();
    const ledger = openLedger(await openPostgres({ at, readOnly: true }));
    const { record } = requestsFor(seededIds(), fakeClock());
    await assert.rejects(ledger.write(record(1n)), { code: 'store_read_only' });
    assert.equal(await ledger.reads.countEntries(), 0);
    await ledger.close();
  });

  inSchema('every instant is the server’s, whatever the clock of this machine says', async ({ at, rows }) => {
    const ledger = openLedger(await openPostgres({ at, init: true }));
    const { record } = requestsFor(seededIds(), fakeClock('2026-03-01T10:00:00Z'));
    const clock = 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
    const before = Number((await rows(clock))[0]![0]);
    const booked = await ledger.write(record(5n));
    const after = Number((await rows(clock))[0]![0]);
    assert.ok(booked.entry !== null && booked.entry.recordedAt >= before && booked.entry.recordedAt <= after);
    await ledger.close();
  });

  inSchema('batches that share no account take a chain each, and verify proves them all', async ({ at }) => {
    const clock = fakeClock();
    const ledgers = await Promise.all(
      Array.from({ length: 6 }, async () => openLedger(await openPostgres({ at, clock, init: true }))),
    );
    const { reserve, settle } = requestsFor(seededIds(), clock);
    await ledgers[0]!.write(costLimit(100n, 'username'));
    await Promise.all(
      ledgers.map(async (ledger, who) => {
        for (let round = 0; round < 20; round++) {
          const hold = reserve(5n, { username: `user-${who}` });
          await ledger.write(hold);
          await ledger.write(settle(hold.id, 4n));
        }
      }),
    );
    const { reads } = ledgers[0]!;
    const heads = await reads.chainHeads();
    assert.ok(heads.length > 1, `${heads.length} chains were used`);
    const { accounts } = await assertLaws(reads);
    assert.deepEqual(
      accounts.map(({ settled, reserved }) => [settled, reserved]),
      ledgers.map(() => [80n, 0n]),
    );
    for (const ledger of ledgers) await ledger.close();
  });
}
