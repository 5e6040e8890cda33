import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Accountant, type AccountantContext, type Tx } from '../core/accountant.ts';
import { accountantsBody, accountantsKey } from '../core/accountants-task.ts';
import { InsufficientBalanceError } from '../errors/named.ts';
import { throwIfRefused } from '../limits/refusal-error.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { assertLaws } from '../testing/laws.ts';
import { Witness } from '../testing/witness.ts';
import type { Books } from './books.ts';
import { type OpenBooksOptions, openBooks } from './open-books.ts';

const usd = 100_000_000_000n;

interface Bench {
  readonly books: Books;
  readonly calls: string[];
  readonly clock: ReturnType<typeof fakeClock>;
  readonly a: Witness;
  readonly b: Witness;
  readonly c: Witness;
  /** Calls since it was asked last. */
  heard(): string[];
  waiting(): Promise<readonly string[]>;
}

async function bench(play: (bench: Bench) => Promise<void>, more: OpenBooksOptions = {}): Promise<void> {
  const calls: string[] = [];
  const [a, b, c] = ['A', 'B', 'C'].map((name) => new Witness(name, calls)) as [Witness, Witness, Witness];
  const clock = fakeClock('2026-11-22T12:00:00Z');
  const options = {
    store: 'memory',
    accountants: [a, b, c],
    background: false,
    environment: {},
    clock,
    ...more,
  };
  await using books = await openBooks(options);
  const heard = () => calls.splice(0);
  const waiting = async () =>
    (await books.reads.tasks({ kind: 'accountants', limit: 100 })).map(({ dueAt, attempts, body }) => {
      const { end, steps } = accountantsBody({ body });
      const due = dueAt === null ? 'never' : dueAt - clock.now();
      return `${end} due ${due} after ${attempts}: ${steps.map(({ name, state }) => `${name} ${state}`).join(', ')}`;
    });
  await play({ books, calls, clock, a, b, c, heard, waiting });
  await assertLaws(books.reads);
}

const hold = { model: 'gpt-4o-mini', provider: 'openai', username: 'ann', nanocents: usd };

async function reserved(books: Books, input = hold): Promise<string> {
  const result = await books.reserve(input);
  assert.equal(result.outcome, 'reserved');
  return (result as Extract<typeof result, { outcome: 'reserved' }>).reservation.id;
}

test('AC-30: each is asked for the whole hold, in order, and told what it cost', () =>
  bench(async ({ books, heard, waiting, a }) => {
    const id = await reserved(books);
    assert.deepEqual(heard(), [`A reserve ${usd}`, `B reserve ${usd}`, `C reserve ${usd}`]);
    assert.deepEqual(await waiting(), ['null due never after 0: A reserved, B reserved, C reserved']);
    await books.settle(id, { nanocents: 4_500_000n });
    assert.deepEqual(heard(), ['A settle 4500000', 'B settle 4500000', 'C settle 4500000']);
    assert.deepEqual(await waiting(), []);
    const again = await books.settle(id, { nanocents: 4_500_000n });
    assert.equal(again.replayed, true);
    assert.deepEqual(heard(), [], 'a replay moves nothing and tells nobody');
    const [{ signal, ...context }] = a.contexts as [AccountantContext];
    assert.equal(signal.aborted, false);
    assert.deepEqual(context, {
      reservationId: id,
      callId: id,
      model: 'gpt-4o-mini',
      provider: 'openai',
      username: 'ann',
      caller: null,
      project: null,
      session: null,
      purpose: null,
      key: null,
    });
  }));

test('AC-33: A ok, B insufficient: A is rolled back once, C is never asked, the hold is freed', () =>
  bench(async ({ books, heard, waiting, b }) => {
    await books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '1', intervalUnit: 'day' });
    const facts = { account: 'ann', askedNanocents: usd, availableNanocents: 5n };
    b.fails.set('reserve', [new InsufficientBalanceError(facts)]);
    const result = await books.reserve(hold);
    assert.equal(result.outcome, 'refused');
    assert.deepEqual(heard(), [`A reserve ${usd}`, `B reserve ${usd}`, 'A rollback']);
    const { insufficient, refusals } = result as Extract<typeof result, { outcome: 'refused' }>;
    assert.deepEqual(refusals, []);
    assert.throws(() => throwIfRefused(result), insufficient?.error);
    assert.equal(insufficient?.accountant, 'B');
    assert.deepEqual({ ...facts, ...insufficient.error }, { ...insufficient.error, ...facts });
    const [state] = await books.limitStates();
    assert.deepEqual([state?.used, state?.held], [0n, 0n]);
    const [kept] = await waiting();
    assert.equal(kept, 'rollback due 2592000000 after 0: A told, B refused, C none');
    assert.equal((await books.deliverDue()).done, 0);
    assert.deepEqual(heard(), []);
    assert.equal((await books.reserve(hold)).outcome, 'reserved', 'all of the limit is there again');
  }));

test('the first one refuses: nobody is rolled back, and nothing stays behind', () =>
  bench(async ({ books, heard, waiting, a }) => {
    const facts = { account: 'ann', askedNanocents: usd, availableNanocents: 0n };
    a.fails.set('reserve', [new InsufficientBalanceError(facts)]);
    assert.equal((await books.reserve(hold)).outcome, 'refused');
    assert.deepEqual(heard(), [`A reserve ${usd}`]);
    assert.deepEqual(await waiting(), []);
  }));

test('an accountant that breaks is no refusal: those before it are rolled back and the error is thrown', () =>
  bench(async ({ books, heard, c }) => {
    c.fails.set('reserve', [new Error('wallet on fire\nat line 7')]);
    await assert.rejects(books.reserve(hold), {
      code: 'accountant_failed',
      message: 'accountant C failed: wallet on fire',
    });
    assert.deepEqual(heard().slice(3), ['A rollback', 'B rollback']);
    assert.deepEqual(await books.reads.openReservations(10), []);
  }));

test('a refusal of the ledger itself asks nobody', () =>
  bench(async ({ books, heard, waiting }) => {
    await books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '0.99', intervalUnit: 'day' });
    const result = await books.reserve(hold);
    assert.ok(result.outcome === 'refused' && result.insufficient === null && result.refusals.length === 1);
    assert.deepEqual([heard(), await waiting()], [[], []]);
  }));

test('AC-34: a body that throws before anything was spent is one rollback and no settle', () =>
  bench(async ({ books, heard }) => {
    const id = await reserved(books);
    heard();
    await books.void(id);
    assert.deepEqual(heard(), ['A rollback', 'B rollback', 'C rollback']);
    await books.void(id);
    await books.deliverDue();
    assert.deepEqual(heard(), []);
  }));

test('the rollback of an accountant that has none of its own settles nothing', async () => {
  const seen: bigint[] = [];
  class Plain extends Accountant {
    readonly name = 'plain';
    async reserve(): Promise<Tx> {
      return 7;
    }
    async settle(tx: Tx, nanocents: bigint): Promise<void> {
      assert.equal(tx, 7);
      seen.push(nanocents);
    }
  }
  await using books = await openBooks({ store: 'memory', accountants: [new Plain()], environment: {} });
  await books.void(await reserved(books));
  assert.deepEqual(seen, [0n]);
});

test('AC-35: an overrun is booked in full, and each accountant is told all of it', () =>
  bench(async ({ books, heard }) => {
    const id = await reserved(books, { ...hold, nanocents: usd / 10n });
    heard();
    const { overrunNanocents } = await books.settle(id, { nanocents: 75_000_000_000n });
    assert.equal(overrunNanocents, 65_000_000_000n);
    assert.deepEqual(heard(), ['A settle 75000000000', 'B settle 75000000000', 'C settle 75000000000']);
  }));

test('AC-32: two prompts captured on one hold are one settle with their sum', () =>
  bench(async ({ books, heard }) => {
    const id = await reserved(books);
    heard();
    const part = { kind: 'capture', id, attributes: null, entry: null } as const;
    await books.context.ledger.write({ ...part, quantities: { cost: 4_500_000n } });
    assert.deepEqual(heard(), []);
    await books.settle(id, { nanocents: 9_000_000n });
    assert.deepEqual(heard(), ['A settle 13500000', 'B settle 13500000', 'C settle 13500000']);
  }));

test('what was captured before a void is settled, not rolled back', () =>
  bench(async ({ books, heard }) => {
    const id = await reserved(books);
    heard();
    const part = { kind: 'capture', id, attributes: null, entry: null } as const;
    await books.context.ledger.write({ ...part, quantities: { cost: 4_500_000n } });
    await books.void(id);
    assert.deepEqual(heard(), ['A settle 4500000', 'B settle 4500000', 'C settle 4500000']);
  }));

test('a settle that fails holds up nobody else, and is tried again, later and later, until it is taken', () =>
  bench(async ({ books, heard, waiting, clock, b }) => {
    const id = await reserved(books);
    heard();
    b.fails.set(
      'settle',
      Array.from({ length: 20 }, () => new Error('away')),
    );
    const { outcome } = await books.settle(id, { nanocents: 5n });
    assert.equal(outcome, 'settled', 'the ledger has booked it');
    assert.deepEqual(heard(), ['A settle 5', 'B settle 5', 'C settle 5']);
    let last = 0;
    for (let attempt = 1; attempt < 20; attempt++) {
      const [task] = await books.reads.tasks({ kind: 'accountants', failing: true, limit: 10 });
      assert.equal(task?.error, 'B: away');
      assert.equal(task.attempts, attempt);
      const pause = task.dueAt! - clock.now();
      assert.ok(pause >= Math.min(last, 3_600_000) && pause <= 4_500_000, `pause ${attempt} is ${pause} ms`);
      last = pause * 0.8;
      clock.advance(pause - 1);
      assert.deepEqual(await books.deliverDue(), { done: 0, failed: 0 }, 'not before its time');
      clock.advance(1);
      assert.deepEqual(await books.deliverDue(), { done: 0, failed: 1 });
      assert.deepEqual(heard(), ['B settle 5'], 'the others are not told again');
    }
    clock.advance(4_500_000);
    assert.deepEqual(await books.deliverDue(), { done: 1, failed: 0 });
    assert.deepEqual(heard(), ['B settle 5']);
    assert.deepEqual(await waiting(), []);
  }));

test('a hold that runs out is settled with what the expiry charged, and a late settle corrects it', () =>
  bench(async ({ books, heard, clock }) => {
    const id = await reserved(books, { ...hold, ttlMs: 1000 } as typeof hold);
    heard();
    clock.advance(1000);
    assert.equal(await books.expireDue(), 1);
    assert.deepEqual(heard(), []);
    assert.deepEqual(await books.deliverDue(), { done: 1, failed: 0 });
    assert.deepEqual(heard(), [`A settle ${usd}`, `B settle ${usd}`, `C settle ${usd}`]);
    clock.advance(3_600_000);
    assert.deepEqual(await books.deliverDue(), { done: 0, failed: 0 });
    const late = await books.settle(id, { nanocents: 7n });
    assert.equal(late.outcome, 'settled_late');
    assert.deepEqual(
      heard(),
      ['A settle 7', 'B settle 7', 'C settle 7'],
      'the whole amount, not the difference',
    );
    assert.deepEqual(await books.reads.tasks({ limit: 10 }), []);
  }));

test('a hold that runs out and is released is rolled back; a late settle of the same nothing tells nobody twice', () =>
  bench(async ({ books, heard, clock }) => {
    const id = await reserved(books, { ...hold, ttlMs: 1000, onExpire: 'release' } as typeof hold);
    heard();
    clock.advance(1000);
    await books.expireDue();
    await books.deliverDue();
    assert.deepEqual(heard(), ['A rollback', 'B rollback', 'C rollback']);
    await books.settle(id, { nanocents: 9n });
    assert.deepEqual(heard(), ['A settle 9', 'B settle 9', 'C settle 9']);
  }));

test('what is kept for a late settle is forgotten after thirty days', () =>
  bench(async ({ books, heard, clock, waiting }) => {
    const id = await reserved(books);
    await books.void(id);
    heard();
    clock.advance(30 * 86_400_000 - 1);
    await books.deliverDue();
    assert.equal((await waiting()).length, 1);
    clock.advance(1);
    await books.deliverDue();
    assert.deepEqual([heard(), await waiting()], [[], []]);
    await books.settle(id, { nanocents: 9n });
    assert.deepEqual(heard(), [], 'the ledger books it; accountants no longer know of it');
  }));

test('the same key again is the same reservation: nobody is asked twice', () =>
  bench(async ({ books, heard }) => {
    const keyed = { ...hold, idempotencyKey: 'once' };
    const id = await reserved(books, keyed);
    heard();
    assert.equal(await reserved(books, keyed), id);
    assert.deepEqual(heard(), []);
  }));

test('the same key while accountants are still asked: busy, not a promise', () =>
  bench(async ({ books, a }) => {
    const keyed = { ...hold, idempotencyKey: 'once' };
    let second: Promise<unknown> | null = null;
    a.reserve = async () => {
      second ??= assert.rejects(books.reserve(keyed), { code: 'accountant_busy' });
      await second;
      return { wallet: 'A', of: [36, null, true] };
    };
    await reserved(books, keyed);
    assert.ok(second);
  }));

test('one that does not answer in time: the error says so, and what it may hold is found and rolled back', () =>
  bench(
    async ({ books, heard, b, clock, calls }) => {
      const answer = b.reserve.bind(b);
      b.reserve = () => {
        calls.push('B hangs');
        b.reserve = answer;
        return new Promise(() => {});
      };
      await assert.rejects(books.reserve(hold), {
        code: 'accountant_failed',
        message: 'accountant B failed: no answer within 100 ms',
      });
      assert.deepEqual(heard(), [`A reserve ${usd}`, 'B hangs']);
      clock.advance(1);
      await books.deliverDue();
      assert.deepEqual(heard(), ['A rollback', `B reserve ${usd}`, 'B rollback']);
    },
    { accountantTimeoutMs: 100 },
  ));

test('a hold that runs out while accountants are asked is no hold', () =>
  bench(async ({ books, a, clock, heard }) => {
    const answer = a.reserve.bind(a);
    a.reserve = async (nanocents, context) => {
      clock.advance(1000);
      await books.expireDue();
      return answer(nanocents, context);
    };
    const short = { ...hold, ttlMs: 1000 };
    await assert.rejects(books.reserve(short), { code: 'reservation_ended' });
    assert.deepEqual(heard(), [`A reserve ${usd}`]);
    await books.deliverDue();
    assert.deepEqual(heard(), [`A settle ${usd}`], 'the ledger charged the hold: its owner chose so');
  }));

test('a purge of the rows does not keep a late settle from accountants', () =>
  bench(async ({ books, heard, clock }) => {
    const id = await reserved(books);
    await books.void(id);
    heard();
    clock.advance(1000);
    await books.purge(clock.now());
    assert.equal((await books.reads.reservation(id))?.draft, null);
    // A purged draft cannot make a row of its own: this one brings it.
    const task = await books.reads.task(accountantsKey(id));
    assert.ok(task);
  }));

test('charge asks and tells accountants like any reservation', () =>
  bench(
    async ({ books, heard }) => {
      await books.charge({ model: 'searcher', unit: 'search', quantity: 3 });
      assert.deepEqual(
        heard().map((call) => call.replace(/\d+$/, 'n')),
        ['A reserve n', 'B reserve n', 'C reserve n', 'A settle n', 'B settle n', 'C settle n'],
      );
    },
    { prices: { models: [{ model: 'searcher', rates: { search: '10000' } }] } },
  ));

test('names must be there, be names, and be told apart; a Tx must be JSON', async () => {
  const named = (...names: string[]) =>
    openBooks({ store: 'memory', environment: {}, accountants: names.map((name) => new Witness(name, [])) });
  for (const names of [['A', 'A'], [''], ['with space'], ['x'.repeat(65)], Array.from('abcdefghijklmnopq')]) {
    await assert.rejects(named(...names), { code: 'config_invalid', field: 'accountants' });
  }
  await using books = await named('x'.repeat(64), 'b.c-d_E');
  assert.ok(books);
  for (const tx of [undefined, () => 1, 'x'.repeat(4095)]) {
    const strange = new Witness('strange', []);
    strange.reserve = async () => tx as Tx;
    await using other = await openBooks({ store: 'memory', environment: {}, accountants: [strange] });
    await assert.rejects(other.reserve(hold), { code: 'accountant_failed' });
  }
});
