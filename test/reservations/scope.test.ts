import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Accountant, type Tx } from '../../src/core/accountant.ts';
import { NanocentError } from '../../src/errors/error.ts';
import { ReservationExceededError } from '../../src/errors/named.ts';
import { decodeLine } from '../../src/ledger/journal.ts';
import { createMeter } from '../../src/meter/meter.ts';
import { answer, begin, complete, mini, miniWorst, open, prompt, proveBalanced, standing } from './calls.ts';

const dollar = 100_000_000_000n;
const perUser = { scope: 'USER', username: '*', limitType: 'cost', max: '1', intervalUnit: 'day' } as const;

test('two prompts under one dollar: booked as they end, settled once with the sum (AC-30, AC-32)', async () => {
  const { books } = await open();
  await books.limits.set(perUser);
  const scope = await books.scope({ usd: 1, model: 'gpt-4o-mini', username: 'u1' });
  assert.equal(scope.reserved, dollar);
  assert.equal(await standing(books), `0 ${dollar}`);
  const first = await prompt(books, [100, 50], { scope });
  assert.deepEqual([first.outcome, first.outcome === 'settled' && first.nanocents], ['settled', 4_500_000n]);
  assert.equal(await standing(books), `4500000 ${dollar - 4_500_000n}`);
  await prompt(books, [200, 100], { scope });
  assert.deepEqual([scope.spent, scope.remaining], [13_500_000n, dollar - 13_500_000n]);
  assert.deepEqual(await scope.end(), { outcome: 'settled', spentNanocents: 13_500_000n });
  assert.equal(await standing(books), '13500000 0');
  const rows = await books.tail(10);
  assert.deepEqual(
    rows.map((row) => [row.nanocents, row.calls, row.username, row.reservationId]),
    [
      [9_000_000n, 1, 'u1', scope.id],
      [4_500_000n, 1, 'u1', scope.id],
    ],
  );
  const { lines } = await books.explain(scope.id);
  assert.equal(lines.filter(({ kind }) => kind === 'settle').length, 1);
  await proveBalanced(books);
  await books.close();
});

test('three prompts in a scope are one reserve and one settle; outside each has its own (AC-38)', async () => {
  const { books } = await open();
  await books.scope({ usd: '0.50', model: 'gpt-4o-mini' }, async (scope) => {
    for (const turn of [1, 2, 3]) await prompt(books, [turn, turn], { scope });
  });
  const kinds = async () => {
    const bodies = await books.reads.lines({ chain: 0, position: 0 }, 100);
    return bodies.map((body) => decodeLine(0, body).kind).join(' ');
  };
  const before = await kinds();
  assert.equal(before.match(/reserve/g)?.length, 1, before);
  assert.equal(before.match(/settle/g)?.length, 1, before);
  await prompt(books, [1, 1]);
  await prompt(books, [1, 1]);
  const after = await kinds();
  assert.equal(after.match(/reserve/g)?.length, 3);
  assert.equal(after.match(/settle/g)?.length, 3);
  await books.close();
});

test('a body that throws: what was captured stays, the rest is free, its own error comes out', async () => {
  const { books } = await open();
  await books.limits.set(perUser);
  const broken = new RangeError('mine');
  await assert.rejects(
    books.scope({ usd: 1, username: 'u1' }, async (scope) => {
      await prompt(books, [100, 50], { scope });
      throw broken;
    }),
    (error) => error === broken,
  );
  assert.equal(await standing(books), '4500000 0');
  await proveBalanced(books);
  await books.close();
});

test('a body that throws before anything was spent: the hold is voided, nothing is settled (AC-34)', async () => {
  const { books } = await open();
  await books.limits.set(perUser);
  let id = '';
  await assert.rejects(
    books.scope({ usd: 1, username: 'u1' }, async (scope) => {
      id = scope.id;
      throw new Error('mine');
    }),
    /^Error: mine$/,
  );
  assert.equal((await books.reads.reservation(id))?.state, 'voided');
  assert.equal(await standing(books), '0 0');
  assert.equal((await books.tail()).length, 0);
  await books.close();
});

test('more than was reserved: booked in full first, then thrown with the response (AC-35)', async () => {
  const { books } = await open();
  await books.limits.set(perUser);
  const response = { text: 'a long story' };
  let id = '';
  const work = books.scope({ usd: '0.10', model: 'gpt-4o-mini', username: 'u1' }, async (scope) => {
    id = scope.id;
    const entry = { promptTokens: 1_000_000, completionTokens: 1_000_000 };
    await scope.track({ ...entry, provider: 'openai' }, response);
  });
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof ReservationExceededError && NanocentError.is(error));
    assert.match(error.message, /exceeds reservation/);
    assert.deepEqual(
      [error.code, error.reservationId, error.reservedNanocents, error.actualNanocents, error.settled],
      ['reservation_exceeded', id, 10_000_000_000n, 75_000_000_000n, true],
    );
    assert.equal(error.response, response);
    return true;
  });
  assert.equal(await standing(books), '75000000000 0');
  const reservation = await books.reads.reservation(id);
  assert.deepEqual([reservation?.state, reservation?.posted.cost], ['settled', 75_000_000_000n]);
  await proveBalanced(books);
  await books.close();
});

test('exactly what was reserved is no overrun; one nanocent above is, and is told at the end at the latest', async () => {
  const { books } = await open();
  await books.scope({ nanocents: 4_500_000n }, (scope) => prompt(books, [100, 50], { scope }));
  const over = books.scope({ nanocents: 4_499_999n }, async (scope) => {
    const booked = await prompt(books, [100, 50], { scope });
    assert.equal(booked.outcome === 'settled' && booked.overrunNanocents, 1n);
  });
  await assert.rejects(over, ReservationExceededError);
  await proveBalanced(books);
  await books.close();
});

test('exactly one of usd and nanocents (AC-36)', async () => {
  const { books } = await open();
  const code = (expected: string) => (error: unknown) =>
    NanocentError.is(error) && error.code === expected && /exactly one/.test(error.message);
  await assert.rejects(books.scope({}), code('field_missing'));
  await assert.rejects(books.scope({ usd: 1, nanocents: 1n }), code('field_invalid'));
  await assert.rejects(books.reserve({ model: 'm', usd: 1, nanocents: 1n }), code('field_invalid'));
  await assert.rejects(books.scope({ usd: -1 }), /amount|negative|sign/i);
  const held = await books.reserve({ model: 'm', usd: 0.29 });
  assert.equal(held.outcome === 'reserved' && held.reservation.admitted.cost, 29_000_000_000n);
  await books.close();
});

test('a limit without room refuses a scope, and more of one, by an error that names it', async () => {
  const { books } = await open();
  await books.limits.set(perUser);
  const refused = (error: unknown) =>
    NanocentError.is(error) && error.code === 'limit_refused' && error.data.limitId === 1;
  await assert.rejects(books.scope({ usd: '1.00000000001', username: 'u1' }), refused);
  const scope = await books.scope({ usd: '0.75', username: 'u1' });
  await assert.rejects(scope.extend({ usd: '0.26' }), refused);
  await scope.extend({ usd: '0.25' });
  assert.deepEqual([scope.reserved, await standing(books)], [dollar, `0 ${dollar}`]);
  await scope.end();
  await assert.rejects(scope.extend({ usd: 1 }), /has ended/);
  await books.close();
});

test('each prompt brings its own request and slot, and they end with it', async () => {
  const { books } = await open();
  await books.limits.set({ scope: 'GLOBAL', limitType: 'requests', max: '2', intervalUnit: 'day' });
  await books.limits.set({ scope: 'GLOBAL', limitType: 'concurrent_requests', max: '1' });
  await books.limits.set({ scope: 'GLOBAL', limitType: 'output_tokens', max: '150', intervalUnit: 'day' });
  const scope = await books.scope({ usd: 1 });
  const states = async () => (await books.limitStates()).map(({ used, held }) => `${used} ${held}`);
  assert.deepEqual(await states(), ['0 0', '0 0', '0 0']);
  const first = await begin(books, mini, { scope });
  assert.deepEqual(await states(), ['0 1', '0 1', '0 100']);
  await assert.rejects(begin(books, mini, { scope }), /refused/);
  first.chunk(answer(100, 50));
  await first.finish(complete);
  assert.deepEqual(await states(), ['1 0', '0 0', '50 0']);
  await prompt(books, [100, 50], { scope });
  assert.deepEqual(await states(), ['2 0', '0 0', '100 0']);
  await assert.rejects(begin(books, mini, { scope }), /refused/);
  await scope.end();
  await proveBalanced(books);
  await books.close();
});

test('a prompt for another model is held on that model’s limit too: at its maximum, not above', async () => {
  const { books } = await open();
  const max = '0.00012'; // miniWorst
  await books.limits.set({
    scope: 'MODEL',
    model: 'gpt-4o-mini',
    limitType: 'cost',
    max,
    intervalUnit: 'day',
  });
  const scope = await books.scope({ usd: 1, model: 'gpt-4o' });
  assert.deepEqual((await books.limitStates())[0]!.held, 0n);
  const first = await begin(books, mini, { scope });
  assert.equal(await standing(books), `0 ${miniWorst}`);
  await assert.rejects(begin(books, mini, { scope }), /refused/);
  first.chunk(answer(100, 50));
  await first.finish(complete);
  assert.equal(await standing(books), `4500000 ${miniWorst - 4_500_000n}`);
  // What is left there is not enough for a second one, which asks for the rest and gets no.
  await assert.rejects(begin(books, mini, { scope }), /refused/);
  assert.equal(scope.remaining, dollar - 4_500_000n);
  await scope.end();
  assert.equal(await standing(books), '4500000 0');
  await proveBalanced(books);
  await books.close();
});

test('a prompt that the provider refused costs nothing; one of which nothing is known costs what was held for it', async () => {
  const { books } = await open();
  await books.limits.set(perUser);
  const scope = await books.scope({ usd: 1, username: 'u1' });
  const refused = await begin(books, mini, { scope });
  assert.deepEqual(await refused.finish({ ...complete, httpStatus: 400 }), {
    outcome: 'voided',
    callId: refused.id,
  });
  assert.equal(scope.spent, 0n);
  const lost = await begin(books, mini, { scope });
  const booked = await lost.finish({ ...complete, ended: 'error' });
  assert.deepEqual([booked.outcome === 'settled' && booked.nanocents, scope.spent], [miniWorst, miniWorst]);
  const [entry] = await books.tail(1);
  assert.deepEqual([entry?.basis, entry?.nanocents], ['reserved', miniWorst]);
  await scope.end();
  assert.equal(await standing(books), `${miniWorst} 0`);
  await proveBalanced(books);
  await books.close();
});

test('a tool chain in one scope: two responses and a search are one settle of their sum (AC-39)', async () => {
  const rates = { input: '10', output: '20' };
  const prices = {
    models: [
      { model: 'own', provider: 'openai', rates },
      { model: 'searcher', rates: { search: '5000' } },
    ],
  };
  const { books } = await open({ prices });
  const call = { ...mini, model: 'own' };
  const spent = await books.scope({ usd: 1, model: 'own' }, async (scope) => {
    await prompt(books, [1000, 500], { scope, call });
    await prompt(books, [2000, 1000], { scope, call });
    assert.equal(scope.spent, 6_000_000_000n);
    const search = await scope.charge({ model: 'searcher', unit: 'search', quantity: 3 });
    assert.equal(search.nanocents, 1_500_000_000n);
    return scope.spent;
  });
  assert.equal(spent, 7_500_000_000n);
  await proveBalanced(books);
  await books.close();
});

test('a new limit in the middle of a scope counts what it holds and what it spent', async () => {
  const { books } = await open();
  const scope = await books.scope({ usd: 1, username: 'u1' });
  await prompt(books, [100, 50], { scope });
  await books.limits.set({ ...perUser, max: '2' });
  assert.equal(await standing(books), `4500000 ${dollar - 4_500_000n}`);
  await prompt(books, [100, 50], { scope });
  assert.equal(await standing(books), `9000000 ${dollar - 9_000_000n}`);
  await scope.end();
  assert.equal(await standing(books), '9000000 0');
  await proveBalanced(books);
  await books.close();
});

test('the process dies: what was captured is booked, the rest is charged and marked, or freed if it was so reserved', async () => {
  const { books, clock } = await open();
  await books.limits.set(perUser);
  for (const [username, onExpire] of [
    ['u1', 'charge'],
    ['u2', 'release'],
  ] as const) {
    const scope = await books.scope({ usd: '0.5', username, ttlMs: 60_000, onExpire });
    await prompt(books, [100, 50], { scope });
  }
  clock.advance(60_000);
  assert.equal(await books.expireDue(), 2);
  const states = await books.limitStates();
  assert.deepEqual(
    states.map(({ used, held }) => `${used} ${held}`),
    ['50000000000 0', '4500000 0'],
  );
  const expiry = (await books.tail(10)).filter(({ kind }) => kind === 'expiry');
  assert.deepEqual(
    expiry.map(({ nanocents, calls, basis, model }) => [nanocents, calls, basis, model]),
    [[49_995_500_000n, 0, 'reserved', '*']],
  );
  await proveBalanced(books);
  await books.close();
});

test('a machine that slept past the deadline: the end corrects what the expiry charged', async () => {
  const { books, clock } = await open();
  await books.limits.set(perUser);
  const scope = await books.scope({ usd: 1, username: 'u1', ttlMs: 60_000 });
  await prompt(books, [100, 50], { scope });
  const slow = await begin(books, mini, { scope });
  clock.advance(60_000);
  assert.equal(await books.expireDue(), 1);
  assert.equal(await standing(books), `${dollar} 0`);
  slow.chunk(answer(200, 100));
  const booked = await slow.finish(complete);
  assert.equal(booked.outcome === 'settled' && booked.nanocents, 9_000_000n);
  await assert.rejects(begin(books, mini, { scope }), /expired/);
  assert.equal((await scope.end()).outcome, 'settled_late');
  assert.equal(await standing(books), '13500000 0');
  await proveBalanced(books);
  await books.close();
});

test('a prompt still running when the scope ends is waited for', async () => {
  const { books } = await open();
  await books.limits.set(perUser);
  const scope = await books.scope({ usd: 1, username: 'u1' });
  const running = await begin(books, mini, { scope });
  const ended = scope.end();
  running.chunk(answer(100, 50));
  await running.finish(complete);
  assert.deepEqual(await ended, { outcome: 'settled', spentNanocents: 4_500_000n });
  assert.equal(await standing(books), '4500000 0');
  await books.close();
});

test('twenty prompts at once in one scope: every one booked, the sum exact', async () => {
  const { books } = await open();
  await books.limits.set(perUser);
  await using scope = await books.scope({ usd: 1, username: 'u1' });
  await Promise.all(Array.from({ length: 20 }, () => prompt(books, [100, 50], { scope })));
  assert.equal(scope.spent, 90_000_000n);
  await scope.end();
  assert.equal(await standing(books), '90000000 0');
  await proveBalanced(books);
});

test('forty prompts at once for a model whose limit has room for three: the first three', async () => {
  const { books } = await open();
  await books.limits.set({
    scope: 'MODEL',
    model: 'gpt-4o-mini',
    limitType: 'cost',
    max: '0.00036',
    intervalUnit: 'day',
  });
  const scope = await books.scope({ usd: 1, model: 'gpt-4o' });
  const meter = createMeter(books.context);
  const begun = await Promise.all(Array.from({ length: 40 }, () => meter.begin(mini, { scope })));
  assert.equal(begun.map(({ outcome }) => outcome[0]).join(''), `hhh${'r'.repeat(37)}`);
  assert.equal(await standing(books), `0 ${3n * miniWorst}`);
  for (const one of begun) if (one.outcome === 'held') await one.call.finish(complete);
  await scope.end();
  await proveBalanced(books);
  await books.close();
});

test('accountants see one reserve and one settle with the sum; nothing spent is one rollback (AC-34, AC-38)', async () => {
  const told: string[] = [];
  class Purse extends Accountant {
    readonly name = 'purse';
    async reserve(nanocents: bigint) {
      told.push(`reserve ${nanocents}`);
      return 't';
    }
    async settle(_: Tx, nanocents: bigint) {
      told.push(`settle ${nanocents}`);
    }
    override async rollback() {
      told.push('rollback');
    }
  }
  const { books } = await open({ accountants: [new Purse()] });
  await books.scope({ usd: 1 }, async (scope) => {
    for (let turn = 0; turn < 3; turn++) await prompt(books, [100, 50], { scope });
  });
  await assert.rejects(
    books.scope({ usd: 1 }, async () => {
      throw new Error('mine');
    }),
  );
  assert.deepEqual(told, [`reserve ${dollar}`, 'settle 13500000', `reserve ${dollar}`, 'rollback']);
  await books.close();
});
