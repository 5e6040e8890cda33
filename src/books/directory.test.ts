import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fakeClock } from '../testing/fake-clock.ts';
import type { Books } from './books.ts';
import { type OpenBooksOptions, openBooks } from './open-books.ts';

const clock = fakeClock();

function open(options: OpenBooksOptions = {}): Promise<Books> {
  return openBooks({ store: 'memory', clock, background: false, environment: {}, config: false, ...options });
}

const call = { model: 'gpt-4o', usd: '0.10' } as const;

test('a project is added, renamed and deleted; what is wrong is said', async () => {
  await using books = await open();
  const { projects } = books;
  const shop = await projects.add('shop');
  assert.deepEqual(shop, { name: 'shop', createdAt: clock.now(), updatedAt: clock.now() });
  await assert.rejects(projects.add('shop'), { code: 'name_taken', field: 'name' });
  await assert.rejects(projects.add(''), { code: 'field_invalid', field: 'name' });
  await assert.rejects(projects.add('a\nb'), { code: 'field_invalid', field: 'name' });
  await projects.add('lab');
  await assert.rejects(projects.update('lab', { name: 'shop' }), { code: 'name_taken' });
  await assert.rejects(projects.update('nothing', { name: 'x' }), { code: 'project_not_found' });
  await projects.update('lab', { name: 'laboratory' });
  const names = async (page = {}) => (await projects.list(page)).map(({ name }) => name);
  assert.deepEqual(await names(), ['laboratory', 'shop']);
  assert.deepEqual(await names({ after: 'laboratory', limit: 1 }), ['shop']);
  await projects.delete('shop');
  await assert.rejects(
    projects.delete('shop'),
    { code: 'project_not_found' },
    'an unknown one is not "deleted"',
  );
  assert.deepEqual(await names(), ['laboratory']);
});

test('a user has a unit and an address, and when it was activated and deactivated', async () => {
  await using books = await open();
  const added = clock.now();
  await books.users.add('ann', { ouName: 'Research', email: 'ann@example.com' });
  clock.advance(1000);
  await books.users.update('ann', { email: null });
  clock.advance(1000);
  const off = await books.users.deactivate('ann');
  assert.deepEqual(off, {
    name: 'ann',
    ouName: 'Research',
    email: null,
    enabled: false,
    createdAt: added,
    updatedAt: added + 2000,
    lastEnabledAt: added,
    lastDisabledAt: added + 2000,
  });
  clock.advance(1000);
  assert.equal((await books.users.deactivate('ann')).lastDisabledAt, added + 2000, 'it was so already');
  assert.deepEqual(await books.users.list(), [{ ...off, updatedAt: added + 3000 }]);
  const on = await books.users.activate('ann');
  assert.deepEqual([on.enabled, on.lastEnabledAt, on.lastDisabledAt], [true, added + 3000, added + 2000]);
  await assert.rejects(books.users.deactivate('bob'), { code: 'user_not_found', field: 'name' });
  await assert.rejects(books.users.list({ limit: 0 }), { code: 'field_invalid', field: 'limit' });
});

test('one of two who change a user at the same moment loses nothing', async () => {
  await using books = await open();
  await books.users.add('ann');
  await Promise.all([books.users.deactivate('ann'), books.users.update('ann', { email: 'a@example.com' })]);
  const [ann] = await books.users.list();
  assert.deepEqual([ann!.enabled, ann!.email], [false, 'a@example.com']);
});

test('nobody is asked for who names nobody, and everybody may call where nothing is enforced', async () => {
  await using books = await open();
  for (const who of [{}, { username: 'ann' }, { username: 'ann', project: 'shop' }]) {
    assert.equal((await books.reserve({ ...call, ...who })).outcome, 'reserved');
  }
  await using strict = await open({ enforceProjects: true, enforceUsers: true });
  assert.equal((await strict.reserve(call)).outcome, 'reserved');
});

test('enforced names must be listed, at every door that sets money aside', async () => {
  const prices = { models: [{ model: 'search-service', rates: { search: '5000' } }] };
  await using books = await open({ enforceProjects: true, enforceUsers: true, prices });
  await books.users.add('ann');
  await books.projects.add('shop');
  const known = { username: 'ann', project: 'shop' };
  const search = { model: 'search-service', unit: 'search', quantity: 1 };
  const prompt = { model: 'gpt-4o', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] };
  let carried = 0;
  const carrier = async () => {
    carried += 1;
    return Response.json({ model: 'gpt-4o', choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } });
  };
  const ask = (who: object) =>
    books.fetch({ ...who, fetch: carrier })('https://api.openai.com/v1/chat/completions', {
      method: 'POST',
      body: JSON.stringify(prompt),
    });
  const wrong = [
    [{ ...known, username: 'eve' }, 'user_not_listed', 'username'],
    [{ ...known, project: 'Shop' }, 'project_not_listed', 'project'],
  ] as const;
  for (const [who, code, field] of wrong) {
    await assert.rejects(books.reserve({ ...call, ...who }), { code, field });
    await assert.rejects(books.scope({ ...call, ...who }), { code, field });
    await assert.rejects(books.charge({ ...search, ...who }), { code, field });
    const answer = await ask(who);
    assert.deepEqual(
      [answer.status, ((await answer.json()) as { error: { code: string } }).error.code],
      [403, code],
    );
  }
  assert.equal(carried, 0, 'no provider was called');
  assert.deepEqual(await books.reads.openReservations(10), []);
  assert.deepEqual(await books.tail(), []);
  assert.equal((await books.reserve({ ...call, ...known })).outcome, 'reserved');
  assert.equal((await books.charge({ ...search, ...known })).outcome, 'charged');
  const answer = await ask(known);
  await answer.text();
  assert.deepEqual([answer.status, carried], [200, 1]);
});

test('a deactivated user is refused, enforced or not, at once here and within five seconds elsewhere', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-directory-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const store = join(folder, 'ledger.sqlite');
  await using books = await open({ store });
  await using other = await open({ store });
  await books.users.add('ann');
  const ask = { ...call, username: 'ann' };
  const held = await books.reserve(ask);
  assert.equal((await other.reserve(ask)).outcome, 'reserved');
  clock.advance(1);
  await books.users.deactivate('ann');
  await assert.rejects(books.reserve(ask), { code: 'user_inactive', field: 'username', kind: 'forbidden' });
  clock.advance(4_999);
  await assert.rejects(other.reserve(ask), { code: 'user_inactive' });
  assert.equal((await books.reserve({ ...call, username: 'bob' })).outcome, 'reserved');
  assert.ok(held.outcome === 'reserved');
  const settled = await books.settle(held.reservation.id, { nanocents: 5n });
  assert.equal(settled.outcome, 'settled', 'what is in flight is settled');
  await books.users.activate('ann');
  assert.equal((await books.reserve(ask)).outcome, 'reserved');
});

test('track records what happened all the same, and says what stands against it', async () => {
  await using books = await open({ enforceProjects: true });
  await books.users.add('ann');
  await books.users.deactivate('ann');
  const tracked = await books.track({ model: 'gpt-4o', nanocents: 7n, username: 'ann', project: 'x' });
  assert.equal(tracked.entry.nanocents, 7n);
  assert.deepEqual(
    tracked.objections.map(({ code }) => code),
    ['user_inactive', 'project_not_listed'],
  );
  assert.deepEqual((await books.track({ model: 'gpt-4o', nanocents: 7n })).objections, []);
});
