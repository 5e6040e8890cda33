import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { type LedgerService, openLedger } from '../../src/core/ledger.ts';
import { NanocentError } from '../../src/errors/error.ts';
import { openPostgres } from '../../src/store/postgres/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { assertLaws } from '../../src/testing/laws.ts';
import { costLimit, requestsFor } from '../../src/testing/requests.ts';
import { seededIds } from '../../src/testing/seeded.ts';
import { newSchema, postgresServer } from '../postgres-schema.ts';

const server = await postgresServer();

if (server !== undefined) {
  test('postgres: COMMIT whose answer is lost is read back: booked once, and said so', async () => {
    const schema = await newSchema(server);
    const proxy = await lossyProxy(new URL(server));
    const clock = fakeClock();
    const ids = seededIds();
    const { reserve, settle } = requestsFor(ids, clock);
    const through = new URL(schema.at);
    through.host = `127.0.0.1:${proxy.port}`;
    const ledger = openLedger(await openPostgres({ at: through.href, clock, init: true }));
    try {
      await ledger.write(costLimit(1000n));
      for (let round = 0; round < 20; round++) {
        const hold = reserve(10n);
        proxy.loseNextCommit(round % 2 === 0 ? 'answer' : 'question');
        assert.equal((await ledger.write(hold)).outcome, 'reserved');
        proxy.loseNextCommit('answer');
        assert.equal((await ledger.write(settle(hold.id, 7n))).outcome, 'settled');
      }
      assert.equal(proxy.lost(), 40);
      const { accounts, entries } = await assertLaws(ledger.reads);
      assert.deepEqual([accounts[0]!.settled, accounts[0]!.reserved, entries.length], [140n, 0n, 20]);
    } finally {
      await ledger.close();
      proxy.close();
      await schema.drop();
    }
  });

  test('postgres: connections ended by the server are made again, and nothing is doubled', async () => {
    const { at, schema, rows, drop } = await newSchema(server);
    const clock = fakeClock();
    const ledgers: LedgerService[] = [];
    for (let one = 0; one < 2; one++) ledgers.push(openLedger(await openPostgres({ at, clock, init: true })));
    const { reserve, settle } = requestsFor(seededIds(), clock);
    try {
      await ledgers[0]!.write(costLimit(100_000n));
      let working = true;
      const killer = (async () => {
        while (working) {
          await rows(`SELECT pg_terminate_backend(pid) FROM pg_locks
            WHERE relation = to_regclass('"${schema}".nanocent_limits') AND pid <> pg_backend_pid() LIMIT 1`);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })();
      let settled = 0n;
      await Promise.all(
        ledgers.map(async (ledger) => {
          for (let round = 0; round < 60; round++) {
            const hold = reserve(10n);
            await untilBooked(() => ledger.write(hold));
            await untilBooked(() => ledger.write(settle(hold.id, 7n)));
            settled += 7n;
          }
        }),
      );
      working = false;
      await killer;
      const { accounts } = await assertLaws(ledgers[0]!.reads);
      assert.deepEqual([accounts[0]!.settled, accounts[0]!.reserved], [settled, 0n]);
    } finally {
      for (const ledger of ledgers) await ledger.close();
      await drop();
    }
  });
}

/** Asks again with the same id, as a caller would. */
async function untilBooked(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      await ask();
      return;
    } catch (error) {
      if (!NanocentError.is(error) || error.kind !== 'unavailable') throw error;
    }
  }
  assert.fail('the store did not come back');
}

/** Passes bytes on, but drops a connection at its next COMMIT: before it reaches the server, or after the server has answered. */
async function lossyProxy(target: URL) {
  let next: 'answer' | 'question' | null = null;
  let lost = 0;
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(Number(target.port || 5432), target.hostname);
    let muted = false;
    const end = () => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    near.on('data', (bytes) => {
      if (next !== null && bytes.includes('COMMIT\0')) {
        lost += 1;
        const which = next;
        next = null;
        if (which === 'question') return end();
        muted = true;
      }
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (!muted) near.write(bytes);
      // The server has done it when it says so.
      else if (bytes.includes('COMMIT\0')) end();
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    port: address.port,
    loseNextCommit: (which: 'answer' | 'question') => {
      next = which;
    },
    lost: () => lost,
    close: () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}
