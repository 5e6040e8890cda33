import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Books } from '../../src/books/books.ts';
import { openBooks } from '../../src/books/open-books.ts';
import { describeRefusal } from '../../src/limits/describe.ts';
import { limitScopes, limitTypes } from '../../src/limits/limit.ts';
import type { LimitInput } from '../../src/limits/parse-limit.ts';
import { parseUsd } from '../../src/money/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { windowAt } from '../../src/time/window.ts';

// The cases of the programs before this one, as they should have been answered.

const noon = '2026-03-14T12:00:00Z';
const dollar = 100_000_000_000n;
const cents = (text: string) => parseUsd(text, { field: 'usd' });

async function setting(limits: readonly LimitInput[], at = noon) {
  const clock = fakeClock(Date.parse(at));
  const books = await openBooks({ store: 'memory', clock, environment: {}, limits: {} });
  await books.limits.setAll(limits);
  return { books, clock };
}

const allows = async (books: Books, call: Parameters<Books['checkQuota']>[0]) =>
  (await books.checkQuota(call)).allowed;

test('a cap of $0.50: $0.40 is held, $0.20 more is refused, and the refusal says all of it (AC-40)', async () => {
  const { books } = await setting([{ scope: 'GLOBAL', limitType: 'cost', max: '0.50', intervalUnit: 'day' }]);
  await using _ = books;
  assert.equal((await books.reserve({ model: 'm', nanocents: cents('0.40') })).outcome, 'reserved');
  const refused = await books.reserve({ model: 'm', nanocents: cents('0.20') });
  assert.equal(refused.outcome, 'refused');
  if (refused.outcome !== 'refused') return;
  const [refusal] = refused.refusals;
  assert.equal(
    describeRefusal(refusal!.limit, refusal!),
    'GLOBAL limit 1: $0.50 cost per day has no room while calls are in flight: ' +
      '$0.00 spent, $0.40 held, $0.20 asked; resets 2026-03-15T00:00:00.000Z',
  );
});

test('of 8 at once that ask for $0.10, five get it out of $0.50; of 6 five as well (AC-42)', async () => {
  for (const callers of [8, 6, 5]) {
    const { books } = await setting([
      { scope: 'GLOBAL', limitType: 'cost', max: '0.50', intervalUnit: 'day' },
    ]);
    await using _ = books;
    const asked = Array.from({ length: callers }, () =>
      books.reserve({ model: 'm', nanocents: cents('0.10') }),
    );
    const got = (await Promise.all(asked)).filter(({ outcome }) => outcome === 'reserved');
    assert.equal(got.length, 5, `${callers} callers`);
  }
});

test('each user has a dollar; nobody in particular has what the whole has (AC-43, AC-44)', async () => {
  const { books } = await setting([
    { scope: 'USER', username: '*', limitType: 'cost', max: '1', intervalUnit: 'day' },
    { scope: 'GLOBAL', limitType: 'cost', max: '2.10', intervalUnit: 'day' },
  ]);
  await using _ = books;
  const reserve = async (amount: string, username?: string) => {
    const input = { model: 'm', nanocents: cents(amount), ...(username === undefined ? {} : { username }) };
    const result = await books.reserve(input);
    return result.outcome === 'reserved' ? 'yes' : result.refusals.map(({ limit }) => limit.scope).join();
  };
  assert.equal(await reserve('0.90', 'alice'), 'yes');
  assert.equal(await reserve('0.90', 'bob'), 'yes');
  assert.equal(await reserve('0.20', 'alice'), 'USER');
  assert.equal(await reserve('0.20'), 'yes', 'a call without a user has no limit of a user');
  assert.equal(await reserve('0.20'), 'GLOBAL');
});

test('when the windows of Saturday 2026-03-14 23:59:59 began, and turn (AC-48, AC-60)', () => {
  const at = Date.parse('2026-03-14T23:59:59Z');
  const rows = [
    ['day', '2026-03-14', '2026-03-15'],
    ['week', '2026-03-09', '2026-03-16'],
    ['month', '2026-03-01', '2026-04-01'],
  ] as const;
  for (const [unit, start, end] of rows) {
    assert.deepEqual(windowAt({ kind: 'calendar', unit, count: 1, zone: 'UTC' }, at), {
      start: Date.parse(start),
      end: Date.parse(end),
    });
  }
  const newYear = windowAt(
    { kind: 'calendar', unit: 'month', count: 1, zone: 'UTC' },
    Date.parse('2026-12-31T23:00Z'),
  );
  assert.equal(newYear.end, Date.parse('2027-01-01'));
  const minutes = Date.parse('2024-03-15T10:37:45Z');
  for (const [unit, count, start] of [
    ['minute', 1, '10:37'],
    ['minute', 5, '10:35'],
    ['hour', 1, '10:00'],
    ['day', 1, '00:00'],
  ] as const) {
    assert.equal(
      windowAt({ kind: 'calendar', unit, count, zone: 'UTC' }, minutes).start,
      Date.parse(`2024-03-15T${start}Z`),
    );
  }
});

test('what each has used, and what is left of it (AC-49, AC-63)', async () => {
  const { books } = await setting([
    { scope: 'GLOBAL', limitType: 'cost', max: '50', intervalUnit: 'month' },
    { scope: 'USER', username: '*', limitType: 'cost', max: '1', intervalUnit: 'month' },
    { scope: 'GLOBAL', limitType: 'total_tokens', max: '100', intervalUnit: 'day' },
    { scope: 'MODEL', model: 'never', limitType: 'cost', max: '0', intervalUnit: 'day' },
    { scope: 'MODEL', model: 'free', limitType: 'cost', max: '-1', intervalUnit: 'day' },
  ]);
  await using _ = books;
  await books.track({ model: 'm', username: 'alice', nanocents: cents('0.20'), totalTokens: 50 });
  await books.track({ model: 'm', username: 'bob', nanocents: cents('0.30') });
  const left = (await books.limitStates()).map(({ limit, subject, used, remaining }) => [
    `${limit.id} ${subject.username ?? ''}`.trim(),
    used,
    remaining,
  ]);
  assert.deepEqual(left.sort(), [
    ['1', cents('0.50'), cents('49.50')],
    ['2 alice', cents('0.20'), cents('0.80')],
    ['2 bob', cents('0.30'), cents('0.70')],
    ['3', 50n, 50n],
    ['4', 0n, 0n],
    ['5', 0n, null],
  ]);
});

test('ten requests a minute: the tenth passes, the eleventh waits for the minute (AC-47, AC-50)', async () => {
  const { books, clock } = await setting([
    { scope: 'global', limitType: 'REQUESTS', max: '10', intervalUnit: 'MINUTE', intervalValue: 1 },
  ]);
  await using _ = books;
  for (let call = 0; call < 9; call++) await books.track({ model: 'm' });
  assert.equal(await allows(books, {}), true);
  await books.track({ model: 'm' });
  const { refusals } = await books.checkQuota({});
  assert.deepEqual(
    refusals.map(({ used, held, requested, reason, fitsAt }) => [used, held, requested, reason, fitsAt]),
    [[10n, 0n, 1n, 'spent', clock.now() + 60_000]],
  );
  clock.advance(60_000);
  assert.equal(await allows(books, {}), true);
});

test('at exactly the maximum a call passes, one above it does not (AC-51, AC-53, AC-65)', async () => {
  const { books } = await setting([
    { scope: 'MODEL', model: 'gpt-4', limitType: 'input_tokens', max: '1000', intervalUnit: 'hour' },
    { scope: 'USER', username: 'u1', limitType: 'cost', max: '10', intervalUnit: 'monthly' },
    {
      scope: 'CALLER',
      caller: 'app1',
      username: 'user1',
      limitType: 'requests',
      max: '3',
      intervalUnit: 'day',
    },
  ]);
  await using _ = books;
  await books.track({ model: 'gpt-4', promptTokens: 950, completionTokens: 0, nanocents: 0n });
  assert.equal(await allows(books, { model: 'gpt-4', inputTokens: 50 }), true);
  assert.equal(await allows(books, { model: 'gpt-4', inputTokens: 51 }), false);
  await books.track({ model: 'm', username: 'u1', nanocents: cents('9.99') });
  assert.equal(await allows(books, { model: 'm', username: 'u1', nanocents: cents('0.01') }), true);
  assert.equal(await allows(books, { model: 'm', username: 'u1', nanocents: cents('0.02') }), false);
  for (let call = 0; call < 3; call++) await books.track({ model: 'm', username: 'user1', caller: 'app1' });
  assert.equal(await allows(books, { username: 'user1', caller: 'app1' }), false);
  assert.equal(await allows(books, { username: 'user2', caller: 'app1' }), true);
  assert.equal(await allows(books, { username: 'user1', caller: 'app2' }), true);
});

test('five rolling minutes: what happened three minutes ago counts, what happened ten ago does not (AC-55)', async () => {
  const rolling = { scope: 'USER', username: 'u', limitType: 'input_tokens', max: '1000' };
  const { books, clock } = await setting([{ ...rolling, intervalUnit: 'minute_rolling', intervalValue: 5 }]);
  await using _ = books;
  for (const [minutes, promptTokens, username] of [
    [10, 500, 'u'],
    [3, 400, 'u'],
    [1, 300, 'u'],
    [1, 200, 'other'],
  ] as const) {
    const timestamp = new Date(clock.now() - minutes * 60_000).toISOString();
    await books.track({ model: 'm', username, promptTokens, timestamp, nanocents: 0n });
  }
  assert.equal(await allows(books, { username: 'u', inputTokens: 250 }), true);
  assert.equal(await allows(books, { username: 'u', inputTokens: 350 }), false);
  assert.equal((await books.checkQuota({ username: 'u' })).states[0]!.used, 700n);
});

test('one request in a rolling hour: it counts for an hour and no longer than its step after it (AC-47, AC-58, AC-62)', async () => {
  const { books, clock } = await setting([
    { scope: 'GLOBAL', limitType: 'requests', max: '1', intervalUnit: 'hour_rolling' },
  ]);
  await using _ = books;
  await books.track({ model: 'm' });
  clock.advance(10 * 60_000);
  const [refusal] = (await books.checkQuota({})).refusals;
  const waitMs = refusal!.fitsAt! - clock.now();
  const stepMs = (await books.limitStates())[0]!.stepMs!;
  assert.ok(waitMs >= 3_000_000 && waitMs <= 3_000_000 + stepMs, `${waitMs} ms`);
  clock.advance(49 * 60_000 + 59_000);
  assert.equal(await allows(books, {}), false, 'after 59:59');
  clock.advance(refusal!.fitsAt! - clock.now() - 1);
  assert.equal(await allows(books, {}), false);
  clock.advance(1);
  assert.equal(await allows(books, {}), true, 'when it was said to fit');
});

test('a check says what a reserve would: what is held is free when the first hold on it has run out', async () => {
  const { books, clock } = await setting([
    { scope: 'USER', username: '*', limitType: 'cost', max: '0.50', intervalUnit: 'day' },
    { scope: 'USER', username: '*', limitType: 'concurrent_requests', max: '1' },
  ]);
  await using _ = books;
  const hold = (amount: string, username: string, ttlMs: number) =>
    books.reserve({ model: 'm', username, nanocents: cents(amount), ttlMs });
  await hold('0.10', 'bob', 60_000);
  await hold('0.40', 'ann', 300_000);
  const call = { model: 'm', username: 'ann', nanocents: cents('0.20') };
  const refused = await books.reserve(call);
  assert.equal(refused.outcome, 'refused');
  if (refused.outcome !== 'refused') return;
  const said = (await books.checkQuota(call)).refusals;
  assert.deepEqual(said, refused.refusals);
  assert.deepEqual(
    said.map(({ reason, fitsAt }) => [reason, fitsAt! - clock.now()]),
    [
      ['held', 300_000],
      ['held', 300_000],
    ],
  );
});

test('prepaid credit that is held is free when the first hold on it has run out', async () => {
  const { books, clock } = await setting([]);
  await using _ = books;
  await books.grants.add({ username: 'ann', usd: '0.30' });
  await books.grants.add({ username: 'ann', usd: '0.70' });
  await books.grants.add({ username: 'bob', usd: '1' });
  const hold = (username: string, ttlMs: number) =>
    books.reserve({ model: 'm', username, nanocents: cents('0.50'), ttlMs });
  await hold('bob', 60_000);
  await hold('ann', 300_000);
  await hold('ann', 200_000);
  const call = { model: 'm', username: 'ann', nanocents: 1n };
  const refused = await books.reserve(call);
  assert.equal(refused.outcome, 'refused');
  if (refused.outcome !== 'refused') return;
  assert.deepEqual((await books.checkQuota(call)).refusals, refused.refusals);
  const [{ reason, fitsAt }] = refused.refusals as [(typeof refused.refusals)[number]];
  assert.deepEqual([reason, fitsAt! - clock.now()], ['held', 200_000]);
});

test('a raise ends at an instant or at a written time, and at nothing else', async () => {
  const { books, clock } = await setting([
    { scope: 'GLOBAL', limitType: 'cost', max: '10', intervalUnit: 'day' },
  ]);
  await using _ = books;
  const raise = (to: string, until: number | string) =>
    books.limits.raise({ id: 1, to, until, reason: 'release night' });
  for (const until of ['tomorrow', Number.NaN, Number.POSITIVE_INFINITY]) {
    await assert.rejects(raise('20', until), { code: 'time_invalid', field: 'until' });
  }
  await raise('20', '2026-03-14T14:00:00Z');
  await raise('30', clock.now() + 60_000);
  const maximum = async () => (await books.limitStates())[0]!.maximum;
  assert.equal(await maximum(), 30n * dollar);
  clock.advance(60_000);
  assert.equal(await maximum(), 20n * dollar);
  clock.advance(2 * 3_600_000 - 60_001);
  assert.equal(await maximum(), 20n * dollar);
  clock.advance(1);
  assert.equal(await maximum(), 10n * dollar);
});

test('0 for every model, −1 for one; 0 for a user everywhere, −1 in one project (AC-59)', async () => {
  const { books } = await setting([
    { scope: 'MODEL', model: '*', limitType: 'requests', max: '0', intervalUnit: 'day' },
    { scope: 'MODEL', model: 'gpt-4', limitType: 'requests', max: '-1', intervalUnit: 'day' },
    { scope: 'USER', username: 'alice', limitType: 'cost', max: '0', intervalUnit: 'day' },
    {
      ...{ scope: 'USER', username: 'alice', model: 'gpt-4', project: 'ProjectX', limitType: 'cost' },
      ...{ max: '-1', intervalUnit: 'day' },
    },
  ]);
  await using _ = books;
  assert.equal(await allows(books, { model: 'gpt-4' }), true);
  assert.equal(await allows(books, { model: 'gpt-3' }), false);
  assert.equal(await allows(books, { model: 'gpt-4', username: 'alice' }), false);
  assert.equal(await allows(books, { model: 'gpt-4', username: 'alice', project: 'ProjectX' }), true);
});

test('−1 frees from no global cap and from no other type; a big refusal blocks no small call', async () => {
  const { books } = await setting([
    { scope: 'USER', username: 'u', limitType: 'requests', max: '-1', intervalUnit: 'day' },
    { scope: 'GLOBAL', limitType: 'cost', max: '1', intervalUnit: 'day' },
    { scope: 'GLOBAL', limitType: 'input_tokens', max: '10000', intervalUnit: 'day' },
  ]);
  await using _ = books;
  assert.equal(await allows(books, { username: 'u', nanocents: cents('5.00') }), false);
  assert.equal(await allows(books, { username: 'u', inputTokens: 15_000 }), false);
  assert.equal(await allows(books, { username: 'u', inputTokens: 10 }), true);
});

test('every scope with every type, in any case of letters: the maximum passes, one more does not', async () => {
  const who = {
    model: 'm',
    provider: 'p',
    username: 'u',
    caller: 'c',
    project: 'j',
    key: 'k',
    session: 's',
    purpose: 'x',
  };
  const fields: Readonly<Record<string, object>> = {
    GLOBAL: {},
    MODEL: { model: 'm' },
    USER: { username: 'u' },
    CALLER: { caller: 'c' },
    PROJECT: { project: 'j' },
    PROVIDER: { provider: 'p' },
    KEY: { key: 'k' },
    TAG: { tag: 'team=red' },
    SESSION: { session: 's' },
    PURPOSE: { purpose: 'x' },
  };
  const mixed = (text: string) =>
    [...text].map((letter, at) => (at % 2 ? letter.toLowerCase() : letter.toUpperCase())).join('');
  for (const scope of limitScopes) {
    for (const type of limitTypes) {
      for (const words of [
        (text: string) => text.toUpperCase(),
        (text: string) => text.toLowerCase(),
        mixed,
      ]) {
        const isSlot = type === 'concurrent_requests';
        const { books } = await setting([
          {
            ...fields[scope],
            scope: words(scope),
            limitType: words(type),
            max: '1',
            ...(isSlot ? {} : { intervalUnit: words('day') }),
          },
        ]);
        await using _ = books;
        const call = { ...who, tags: { team: 'red' } };
        const one = { ...call, inputTokens: type === 'input_tokens' || type === 'total_tokens' ? 1 : 0 };
        const asked = {
          ...one,
          outputTokens: type === 'output_tokens' ? 1 : 0,
          nanocents: type === 'cost' ? dollar : 0n,
        };
        assert.equal(await allows(books, asked), true, `${scope} ${type}`);
        const held = await books.reserve({
          ...call,
          nanocents: asked.nanocents,
          quantities: {
            input_tokens: BigInt(one.inputTokens),
            output_tokens: BigInt(asked.outputTokens),
            total_tokens: 1n,
          },
        });
        assert.equal(held.outcome, 'reserved', `${scope} ${type}`);
        assert.equal(await allows(books, asked), false, `${scope} ${type}`);
        const others = { model: 'm2', username: 'u2', tags: { team: 'blue' } };
        assert.equal(
          await allows(books, {
            ...asked,
            ...others,
            provider: 'p2',
            caller: 'c2',
            project: 'j2',
            key: 'k2',
            session: 's2',
            purpose: 'x2',
          }),
          scope !== 'GLOBAL',
          `${scope} ${type}`,
        );
      }
    }
  }
});
