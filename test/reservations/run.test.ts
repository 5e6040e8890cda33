import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { NanocentError } from '../../src/errors/error.ts';
import { createMeter } from '../../src/meter/meter.ts';
import { answer, begin, complete, mini, miniWorst, open, prompt, proveBalanced } from './calls.ts';

const two = 200_000_000_000n;
const prices = { models: [{ model: 'searcher', rates: { search: '100000' } }] };
const search = { model: 'searcher', unit: 'search' } as const;

test('a cap over models and tools: everything inside counts, and nothing outside does', async () => {
  const { books } = await open({ prices });
  await books.run({ usd: 2, username: 'ann', tags: { task: 't1' } }, async (run) => {
    await prompt(books, [100, 50]);
    await prompt(books, [100, 50], { call: { ...mini, model: 'gpt-4o' } });
    const tool = await books.charge({ ...search, quantity: 1 });
    assert.equal(tool.outcome, 'charged');
    const held = await books.reserve({ model: 'gpt-4o', nanocents: 5n });
    assert.equal(held.outcome, 'reserved');
    await books.track({ model: 'gpt-4o', nanocents: 7n });
    const spent = 4_500_000n + 75_000_000n + 10_000_000_000n + 7n;
    assert.deepEqual(await run.balance(), { spent, held: 5n, remaining: two - spent - 5n });
    const rows = await books.tail(10);
    assert.ok(rows.every(({ username, tags }) => username === 'ann' && tags.task === 't1'));
  });
  const outside = await books.charge({ ...search, quantity: 100 });
  assert.equal(outside.outcome, 'charged');
  await proveBalanced(books);
  await books.close();
});

test('exactly the cap passes, one nanocent more is refused, and the refusal names the run', async () => {
  const { books } = await open();
  await books.run({ nanocents: 10n }, async (run) => {
    const ten = await books.reserve({ model: 'm', nanocents: 10n });
    assert.ok(ten.outcome === 'reserved');
    await books.void(ten.reservation.id);
    const eleven = await books.reserve({ model: 'm', nanocents: 11n });
    assert.ok(eleven.outcome === 'refused');
    const [refusal] = eleven.refusals;
    assert.deepEqual(
      [refusal?.limit.scope, refusal?.limit.id, refusal?.account.subject.run, refusal?.maximum],
      ['RUN', 0, run.id, 10n],
    );
    assert.deepEqual([refusal?.used, refusal?.held, refusal?.requested], [0n, 0n, 11n]);
    await assert.rejects(books.scope({ nanocents: 11n }), (error) => {
      return NanocentError.is(error) && error.message.includes(run.id);
    });
  });
  await books.run({ nanocents: 0n }, async () => {
    assert.equal((await books.reserve({ model: 'm', nanocents: 1n })).outcome, 'refused');
  });
  await books.close();
});

test('forty calls at once under a cap for three: three are made', async () => {
  const { books } = await open();
  await books.run({ nanocents: 3n * miniWorst }, async (run) => {
    const meter = createMeter(books.context);
    const begun = await Promise.all(Array.from({ length: 40 }, () => meter.begin(mini)));
    const held = begun.flatMap((one) => (one.outcome === 'held' ? [one.call] : []));
    assert.equal(held.length, 3);
    assert.deepEqual(await run.balance(), { spent: 0n, held: 3n * miniWorst, remaining: 0n });
    for (const call of held) {
      call.chunk(answer(100, 50));
      await call.finish(complete);
    }
    assert.deepEqual((await run.balance()).spent, 13_500_000n);
  });
  await proveBalanced(books);
  await books.close();
});

test('runs at the same time do not see each other, through every await', async () => {
  const { books } = await open();
  const spendIn = (cents: number, ms: number) =>
    books.run({ usd: 1 }, async (run) => {
      await pause(ms);
      for (let turn = 0; turn < cents; turn++) {
        await books.track({ model: 'm', nanocents: 1_000_000_000n });
        await pause(1);
      }
      return run.balance();
    });
  const [left, right] = await Promise.all([spendIn(3, 1), spendIn(5, 2)]);
  assert.deepEqual([left.spent, right.spent], [3_000_000_000n, 5_000_000_000n]);
  await books.close();
});

test('a run inside a run: both caps hold, and the inner spend is the outer one’s too', async () => {
  const { books } = await open();
  await books.run({ nanocents: 100n }, async (outer) => {
    await books.run({ nanocents: 1000n }, async (inner) => {
      assert.equal((await books.reserve({ model: 'm', nanocents: 101n })).outcome, 'refused');
      assert.equal((await books.reserve({ model: 'm', nanocents: 60n })).outcome, 'reserved');
      assert.deepEqual([(await outer.balance()).held, (await inner.balance()).held], [60n, 60n]);
    });
    await books.run({ nanocents: 30n }, async () => {
      assert.equal((await books.reserve({ model: 'm', nanocents: 31n })).outcome, 'refused');
      assert.equal((await books.reserve({ model: 'm', nanocents: 30n })).outcome, 'reserved');
    });
    assert.equal((await books.reserve({ model: 'm', nanocents: 11n })).outcome, 'refused');
    assert.equal((await books.reserve({ model: 'm', nanocents: 10n })).outcome, 'reserved');
    await books.run({ nanocents: 500n, run: null }, async () => {
      assert.equal((await books.reserve({ model: 'm', nanocents: 500n })).outcome, 'reserved');
    });
  });
  await books.close();
});

test('a run is given by hand where the code is not inside of it, and taken off with null', async () => {
  const { books } = await open();
  const run = await books.run({ nanocents: 10n }, async (inner) => {
    const freed = await books.reserve({ model: 'm', nanocents: 50n, run: null });
    assert.equal(freed.outcome, 'reserved');
    return inner;
  });
  assert.equal((await books.reserve({ model: 'm', nanocents: 11n, run })).outcome, 'refused');
  assert.equal((await books.reserve({ model: 'm', nanocents: 9n, run })).outcome, 'reserved');
  assert.equal((await createMeter(books.context).begin(mini, { run })).outcome, 'refused');
  await books.close();
});

test('a scope in a run holds its money there, and gives back what is left; runs inside a scope hold their own calls', async () => {
  const { books } = await open();
  await books.run({ usd: 2 }, async (outer) => {
    await books.scope({ usd: 1 }, async (scope) => {
      assert.equal((await outer.balance()).held, two / 2n);
      await assert.rejects(scope.extend({ usd: 1.01 }), /RUN/);
      await prompt(books, [100, 50], { scope });
      await books.run({ nanocents: 2n * miniWorst }, async (inner) => {
        const first = await begin(books, mini, { scope });
        const second = await begin(books, mini, { scope });
        await assert.rejects(begin(books, mini, { scope }), /refused/);
        assert.equal((await inner.balance()).held, 2n * miniWorst);
        for (const call of [first, second]) {
          call.chunk(answer(100, 50));
          await call.finish(complete);
        }
        assert.equal((await inner.balance()).spent, 9_000_000n);
      });
      // Its own cap over, the scope goes on, and the inner run is not charged for it.
      await prompt(books, [100, 50], { scope });
    });
    assert.deepEqual(await outer.balance(), { spent: 18_000_000n, held: 0n, remaining: two - 18_000_000n });
  });
  await proveBalanced(books);
  await books.close();
});

test('work that throws takes its error along, and leaves nothing held', async () => {
  const { books } = await open();
  const work = books.run({ usd: 1 }, async () => {
    await prompt(books, [100, 50]);
    throw new RangeError('mine');
  });
  await assert.rejects(work, /^RangeError: mine$/);
  assert.equal((await books.reads.openReservations(10)).length, 0);
  await books.close();
});

test('exactly one of usd and nanocents, and not without end in each other', async () => {
  const { books } = await open();
  const nothing = async () => {};
  await assert.rejects(async () => books.run({}, nothing), /exactly one/);
  await assert.rejects(async () => books.run({ usd: 1, nanocents: 1n }, nothing), /exactly one/);
  const deeper = (depth: number): Promise<void> =>
    books.run({ usd: 1 }, () => (depth === 0 ? nothing() : deeper(depth - 1)));
  await deeper(31);
  await assert.rejects(deeper(32), /deep/);
  await books.close();
});
