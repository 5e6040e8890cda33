import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { NanocentError } from '../errors/error.ts';
import { InsufficientBalanceError } from '../errors/named.ts';
import type { GrantInput } from '../limits/grant.ts';
import { throwIfRefused } from '../limits/refusal-error.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { openBooks } from './open-books.ts';

const noon = Date.UTC(2026, 10, 22, 12);
const usd = 100_000_000_000n;
const model = 'gpt-4o';
const code = (wanted: string) => (error: unknown) => NanocentError.is(error) && error.code === wanted;

async function opened() {
  const clock = fakeClock(noon);
  const books = await openBooks({ store: 'memory', clock, environment: {} });
  return { clock, books };
}

test('a balance before, while and after a call', async () => {
  const { books } = await opened();
  const balance = () => books.grants.balance({ username: 'u42' });
  assert.equal(await balance(), null);
  await books.grants.add({ username: 'u42', usd: 20 });
  assert.deepEqual(await balance(), { granted: 20n * usd, spent: 0n, held: 0n, available: 20n * usd });
  const { reservation } = throwIfRefused(
    await books.reserve({ username: 'u42', model, nanocents: 5n * usd }),
  );
  assert.deepEqual(await balance(), { granted: 20n * usd, spent: 0n, held: 5n * usd, available: 15n * usd });
  await books.settle(reservation.id, { nanocents: 3n * usd });
  assert.deepEqual(await balance(), { granted: 20n * usd, spent: 3n * usd, held: 0n, available: 17n * usd });
  assert.equal((await books.verify()).balanced, true);
  await books.close();
});

test('an empty pool: a value, and an error that names account, asked and available', async () => {
  const { books } = await opened();
  await books.grants.add({ project: 'search', usd: '1' });
  await books.grants.add({ project: 'search', usd: '0.5' });
  const call = { project: 'search', model, nanocents: 2n * usd };
  const refused = await books.reserve(call);
  assert.ok(refused.outcome === 'refused');
  assert.equal(refused.refusals[0]!.fitsAt, null);
  assert.throws(
    () => throwIfRefused(refused),
    (error) => {
      assert.ok(error instanceof InsufficientBalanceError);
      assert.equal(error.code, 'balance_insufficient');
      assert.equal(error.account, 'project search');
      assert.equal(error.askedNanocents, 2n * usd);
      assert.equal(error.availableNanocents, usd + usd / 2n);
      assert.match(error.message, /PROJECT \(project search\) prepaid credit 1: \$1\.50 .*\$2\.00 asked/);
      return true;
    },
  );
  await books.close();
});

test('a reference is one grant: again the same, with other fields a conflict', async () => {
  const { books, clock } = await opened();
  const order: GrantInput = { username: 'u42', usd: 20, reference: 'order-17', expires: noon + 1000 };
  const first = await books.grants.add(order);
  const again = await Promise.all([books.grants.add({ ...order, usd: '20.00' }), books.grants.add(order)]);
  assert.equal(first.replayed, false);
  for (const { grant, replayed } of again) assert.deepEqual([grant.id, replayed], [first.grant.id, true]);
  await assert.rejects(books.grants.add({ ...order, usd: 21 }), code('idempotency_conflict'));
  await assert.rejects(books.grants.add({ ...order, username: 'u43' }), code('idempotency_conflict'));
  clock.advance(2000);
  assert.deepEqual((await books.grants.add(order)).grant.state, 'expired');
  assert.equal((await books.grants.list()).length, 1);
  await books.close();
});

test('a refund takes back what is neither spent nor held, and says so again', async () => {
  const { books } = await opened();
  const { grant } = await books.grants.add({ key: 'k1', usd: 10 });
  await books.track({ key: 'k1', model, nanocents: 2n * usd });
  const held = throwIfRefused(await books.reserve({ key: 'k1', model, nanocents: 3n * usd }));
  const refund = await books.grants.refund(grant.id);
  assert.deepEqual([refund.grant.refunded, refund.replayed], [5n * usd, false]);
  await books.settle(held.reservation.id, { nanocents: usd });
  const again = await books.grants.refund(grant.id);
  assert.deepEqual([again.grant.refunded, again.replayed], [5n * usd, true]);
  assert.deepEqual([again.grant.spent, again.grant.held, again.grant.left], [3n * usd, 0n, 0n]);
  assert.equal((await books.reserve({ key: 'k1', model, nanocents: 1n })).outcome, 'refused');
  await assert.rejects(books.grants.refund(77), code('grant_not_found'));
  assert.equal((await books.verify()).balanced, true);
  await books.close();
});

test('what is left of an expired grant is shown, and not spent', async () => {
  const { books, clock } = await opened();
  await books.grants.add({ username: 'u42', usd: 10, expires: '2026-11-22T13:00:00Z' });
  await books.track({ username: 'u42', model, nanocents: 4n * usd });
  clock.set('2026-11-22T12:59:59.999Z');
  assert.equal((await books.grants.balance({ username: 'u42' }))!.available, 6n * usd);
  clock.set('2026-11-22T13:00:00Z');
  const [grant] = await books.grants.list({ username: 'u42' });
  assert.deepEqual([grant!.state, grant!.unused, grant!.left], ['expired', 6n * usd, 0n]);
  assert.equal((await books.grants.balance({ username: 'u42' }))!.available, 0n);
  assert.equal((await books.reserve({ username: 'u42', model, nanocents: 0n })).outcome, 'reserved');
  assert.equal((await books.reserve({ username: 'u42', model, nanocents: 1n })).outcome, 'refused');
  await books.close();
});

test('100 grants that are not used up, and used ones make room', async () => {
  const { books } = await opened();
  for (let number = 0; number < 100; number += 1) await books.grants.add({ username: 'u42', nanocents: 10n });
  await assert.rejects(books.grants.add({ username: 'u42', nanocents: 10n }), code('limit_invalid'));
  await books.track({ username: 'u42', model, nanocents: 15n });
  const { grant } = await books.grants.add({ username: 'u42', nanocents: 10n });
  assert.equal(grant.id, 101);
  const states = (await books.grants.list()).map(({ state }) => state);
  assert.equal(states.filter((state) => state === 'spent').length, 1);
  assert.equal((await books.grants.balance({ username: 'u42' }))!.available, 995n);
  await assert.rejects(books.grants.add({ username: 'u42', nanocents: 10n }), code('limit_invalid'));
  assert.equal((await books.verify()).balanced, true);
  await books.close();
});

test('limits and states show a pool as one, and checks know it', async () => {
  const { books } = await opened();
  await books.grants.add({ username: 'u42', usd: 1 });
  await books.grants.add({ username: 'u42', usd: 2 });
  const { remaining } = await books.track({ username: 'u42', model, nanocents: 2n * usd });
  assert.deepEqual(
    remaining.map((state) => [state.limit.kind, state.used, state.remaining]),
    [['grants', 2n * usd, usd]],
  );
  const states = await books.limitStates();
  assert.deepEqual(
    states.map((state) => [state.used, state.held, state.remaining, state.resetsAt]),
    [[2n * usd, 0n, usd, null]],
  );
  const allowed = async (nanocents: bigint) =>
    (await books.checkQuota({ username: 'u42', nanocents })).allowed;
  assert.deepEqual(await Promise.all([usd, usd + 1n, 0n].map(allowed)), [true, false, true]);
  await books.track({ username: 'u42', model, nanocents: usd });
  assert.deepEqual(await Promise.all([1n, 0n].map(allowed)), [false, true]);
  await assert.rejects(books.limits.delete(1), code('limit_invalid'));
  await books.close();
});

test('verify holds every grant against the journal', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-grants-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const store = join(folder, 'books.sqlite');
  await using books = await openBooks({ store, environment: {} });
  await books.grants.add({ username: 'u42', nanocents: 70n });
  await books.grants.add({ username: 'u42', nanocents: 30n });
  await books.grants.refund(2);
  assert.equal((await books.verify()).balanced, true);
  const database = new DatabaseSync(store);
  database.exec(`UPDATE nanocent_limits SET body = replace(body, '"amount":"70"', '"amount":"77"')`);
  database.exec('UPDATE nanocent_meta SET config_version = config_version + 1');
  database.close();
  assert.deepEqual((await books.verify()).differences, [
    'grant 1 of limit 1 is 77, refunded 0; the journal says 70, refunded 0',
  ]);
});

test('bad input is named', async () => {
  const { books } = await opened();
  const rows: readonly (readonly [GrantInput, string, string])[] = [
    [{ usd: 1 }, 'limit_invalid', 'username'],
    [{ username: 'a', project: 'b', usd: 1 }, 'limit_invalid', 'username'],
    [{ username: '*', usd: 1 }, 'limit_invalid', 'username'],
    [{ username: '', usd: 1 }, 'limit_invalid', 'username'],
    [{ username: 'a' }, 'limit_invalid', 'usd'],
    [{ username: 'a', usd: 1, nanocents: 1n }, 'limit_invalid', 'usd'],
    [{ username: 'a', usd: 0 }, 'amount_invalid', 'usd'],
    [{ username: 'a', nanocents: -1n }, 'amount_invalid', 'nanocents'],
    [{ username: 'a', usd: 1, priority: 0.5 }, 'limit_invalid', 'priority'],
    [{ username: 'a', usd: 1, reference: '' }, 'limit_invalid', 'reference'],
    [{ username: 'a', usd: 1, expires: 'soon' }, 'time_invalid', 'expires'],
  ];
  for (const [input, wanted, field] of rows) {
    await assert.rejects(
      books.grants.add(input),
      (error) => NanocentError.is(error) && error.code === wanted && error.field === field,
      JSON.stringify(input, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    );
  }
  await assert.rejects(books.grants.add({ username: 'a', usd: 1, expires: noon }), code('time_invalid'));
  await assert.rejects(books.grants.balance({}), code('limit_invalid'));
  assert.deepEqual(await books.grants.list(), []);
  await books.close();
});
