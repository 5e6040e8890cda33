import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { alertPausesMs } from '../core/alerts.ts';
import type { LimitInput } from '../limits/parse-limit.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import type { alertDocument } from './alert-document.ts';
import type { Books } from './books.ts';
import { openBooks } from './open-books.ts';

type Document = ReturnType<typeof alertDocument>;

interface Bench {
  readonly books: Books;
  readonly clock: FakeClock;
  /** Delivers, and says what was heard: percent and what was used, in order. */
  heard(): Promise<string[]>;
  readonly documents: Document[];
  /** Thrown at the next alerts. */
  readonly fails: unknown[];
}

async function bench(play: (bench: Bench) => Promise<void>): Promise<void> {
  const clock = fakeClock('2026-11-22T12:00:00Z');
  const documents: Document[] = [];
  const fails: unknown[] = [];
  const onAlert = (alert: Document) => {
    const error = fails.shift();
    if (error) throw error;
    documents.push(alert);
  };
  const options = { store: 'memory', background: false, environment: {}, clock, onAlert };
  await using books = await openBooks(options);
  const heard = async () => {
    await books.deliverDue();
    return documents
      .splice(0)
      .map(({ threshold, used, max, subject }) => {
        const who = Object.values(subject).join();
        return `${threshold}%: ${used} of ${max}${who === '' ? '' : ` by ${who}`}`;
      })
      .sort(
        (left, right) => Number.parseInt(left, 10) - Number.parseInt(right, 10) || (left < right ? -1 : 1),
      );
  };
  await play({ books, clock, heard, documents, fails });
}

const daily: LimitInput = {
  scope: 'GLOBAL',
  limitType: 'total_tokens',
  max: '100',
  intervalUnit: 'day',
  thresholds: [50, 80, 100],
};

function track(books: Books, tokens: number, more: object = {}) {
  return books.track({ model: 'm', nanocents: 0n, totalTokens: tokens, ...more });
}

test('each threshold fires once per window: not below it, at it, and not again above it', () =>
  bench(async ({ books, clock, heard }) => {
    await books.limits.set({ ...daily, enforcement: 'soft' });
    await track(books, 49);
    assert.deepEqual(await heard(), []);
    await track(books, 1);
    assert.deepEqual(await heard(), ['50%: 50 of 100']);
    await track(books, 29);
    await track(books, 0);
    assert.deepEqual(await heard(), []);
    await track(books, 1);
    assert.deepEqual(await heard(), ['80%: 80 of 100']);
    await track(books, 19);
    assert.deepEqual(await heard(), []);
    await track(books, 1);
    assert.deepEqual(await heard(), ['100%: 100 of 100']);
    await track(books, 1000);
    assert.deepEqual(await heard(), []);
    clock.set('2026-11-23T00:00:00Z');
    await track(books, 90);
    assert.deepEqual(await heard(), ['50%: 90 of 100', '80%: 90 of 100'], 'a new window begins anew');
    await track(books, 0, { timestamp: '2026-11-22T13:00:00Z' });
    assert.deepEqual(await heard(), [], 'and the old one has fired all of its own');
  }));

test('hard limits have thresholds too, and each value of a star its own', () =>
  bench(async ({ books, heard }) => {
    const cost = { scope: 'USER', username: '*', limitType: 'cost', max: '1', intervalUnit: 'day' };
    await books.limits.set({ ...cost, thresholds: [50] });
    const spend = async (username: string, nanocents: bigint) => {
      const held = await books.reserve({ model: 'm', username, nanocents: 60_000_000_000n });
      assert.equal(held.outcome, 'reserved');
      if (held.outcome !== 'reserved') return;
      assert.deepEqual(await heard(), [], 'what is held is not spent');
      await books.settle(held.reservation.id, { nanocents });
      await books.settle(held.reservation.id, { nanocents });
    };
    await spend('ann', 49_999_999_999n);
    assert.deepEqual(await heard(), []);
    await spend('bob', 50_000_000_000n);
    assert.deepEqual(await heard(), ['50%: 0.50 of 1.00 by bob']);
    await track(books, 1, { username: 'ann', nanocents: 1n });
    assert.deepEqual(await heard(), ['50%: 0.50 of 1.00 by ann']);
  }));

test('captures count as they come, and a hold that runs out counts when it is charged', () =>
  bench(async ({ books, heard, clock }) => {
    await books.limits.set({ ...daily, limitType: 'cost', max: '1' });
    const held = await books.reserve({ model: 'm', nanocents: 90_000_000_000n, ttlMs: 1000 });
    assert.ok(held.outcome === 'reserved');
    const { id } = held.reservation;
    const part = { kind: 'capture', id, quantities: { cost: 50_000_000_000n } } as const;
    await books.context.ledger.write({ ...part, attributes: null, entry: null });
    assert.deepEqual(await heard(), ['50%: 0.50 of 1.00']);
    clock.advance(1000);
    await books.expireDue();
    assert.deepEqual(await heard(), ['80%: 0.90 of 1.00']);
    await books.settle(id, { nanocents: 0n });
    await track(books, 1, { nanocents: 40_000_000_000n });
    assert.deepEqual(await heard(), [], 'it fell below and rose again: told once');
    await track(books, 1, { nanocents: 10_000_000_000n });
    assert.deepEqual(await heard(), ['100%: 1.00 of 1.00']);
  }));

test('a new limit fires for what its window holds already, and says so once', () =>
  bench(async ({ books, heard }) => {
    await track(books, 60, { username: 'ann' });
    await track(books, 85, { username: 'bob' });
    await books.limits.set({ ...daily, scope: 'USER', username: '*' });
    assert.deepEqual(await heard(), [
      ...['50%: 60 of 100 by ann', '50%: 85 of 100 by bob', '80%: 85 of 100 by bob'],
    ]);
    await books.limits.set({ ...daily, scope: 'USER', username: '*' });
    assert.deepEqual(await heard(), []);
  }));

test('a lower maximum fires at once, a higher one does not, and nothing fires twice', () =>
  bench(async ({ books, heard, clock }) => {
    await books.limits.set(daily);
    await track(books, 45);
    assert.deepEqual(await heard(), []);
    await books.limits.set({ ...daily, max: '50' });
    assert.deepEqual(await heard(), ['50%: 45 of 50', '80%: 45 of 50']);
    await books.limits.set({ ...daily, max: '1000' });
    await books.limits.set({ ...daily, max: '45' });
    assert.deepEqual(await heard(), ['100%: 45 of 45']);
    await books.limits.set({ ...daily, max: '1000', thresholds: [4, 5] });
    assert.deepEqual(await heard(), ['4%: 45 of 1000'], 'a new threshold is looked at too');
    clock.set('2026-11-23T10:00:00Z');
    await books.limits.set({ ...daily, max: '1' });
    assert.deepEqual(await heard(), [], 'a window that is over interests nobody');
  }));

test('a limit without a bound, one that denies, and one that has ended fire nothing', () =>
  bench(async ({ books, heard }) => {
    await books.limits.set({ ...daily, max: '-1' });
    await books.limits.set({ ...daily, scope: 'MODEL', model: 'm', max: '0' });
    const ended = await books.limits.set({ ...daily, scope: 'CALLER', caller: 'app' });
    await books.limits.delete(ended.id);
    await track(books, 1000, { caller: 'app' });
    assert.deepEqual(await heard(), []);
  }));

test('a rolling window fires when it crosses, and again once it fell below and crosses in a later stretch', () =>
  bench(async ({ books, heard, clock }) => {
    await books.limits.set({ ...daily, intervalUnit: 'hour_rolling', thresholds: [50] });
    for (const tokens of [30, 19]) {
      await track(books, tokens);
      clock.advance(10 * 60_000);
    }
    assert.deepEqual(await heard(), []);
    await track(books, 1);
    assert.deepEqual(await heard(), ['50%: 50 of 100']);
    await track(books, 10);
    clock.advance(30 * 60_000);
    await track(books, 30);
    assert.deepEqual(await heard(), [], 'still above');
    clock.advance(15 * 60_000);
    await track(books, 10);
    assert.deepEqual(await heard(), [], 'still above in the next stretch, so nothing crossed');
    clock.advance(3_600_000 * 1.5);
    await track(books, 49);
    assert.deepEqual(await heard(), [], 'everything before has passed out of it');
    await track(books, 1);
    assert.deepEqual(await heard(), ['50%: 50 of 100']);
  }));

test('a rolling limit that is new or lowered looks at what its window holds', () =>
  bench(async ({ books, heard, clock }) => {
    const hourly = { ...daily, intervalUnit: 'hour_rolling', thresholds: [50] };
    await track(books, 30);
    clock.advance(20 * 60_000);
    await track(books, 30);
    await books.limits.set({ ...hourly, max: '1000' });
    assert.deepEqual(await heard(), []);
    await books.limits.set({ ...hourly, max: '120' });
    assert.deepEqual(await heard(), ['50%: 60 of 120']);
    await books.limits.set({ ...hourly, max: '100' });
    assert.deepEqual(await heard(), []);
  }));

test('two processes that cross at the same moment tell it once, and one of them delivers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-alerts-'));
  const store = join(folder, 'ledger.sqlite');
  const heard: string[] = [];
  const onAlert = async ({ id, threshold }: Document) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    heard.push(`${threshold} ${id}`);
  };
  const open = () => openBooks({ store, background: false, environment: {}, onAlert });
  const all = [await open(), await open()];
  try {
    await all[0]!.limits.set({ ...daily, intervalUnit: 'lifetime', max: '1000' });
    await Promise.all(Array.from({ length: 300 }, (_, index) => track(all[index % 2]!, 4)));
    await Promise.all(all.map((books) => books.deliverDue()));
    assert.deepEqual(
      heard.map((line) => Number(line.split(' ')[0])).sort((left, right) => left - right),
      [50, 80, 100],
    );
    assert.equal(new Set(heard).size, 3);
  } finally {
    for (const books of all) await books.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('what nobody was there to hear is told by whoever opens the books next', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-alerts-'));
  const store = join(folder, 'ledger.sqlite');
  try {
    const first = await openBooks({ store, background: false, environment: {} });
    await first.limits.set({ ...daily, intervalUnit: 'lifetime' });
    await track(first, 80);
    assert.deepEqual(await first.deliverDue(), { done: 0, failed: 0 }, 'it tells nobody');
    await first.close();
    const heard: number[] = [];
    const onAlert = ({ threshold }: Document) => void heard.push(threshold);
    const next = await openBooks({ store, environment: {}, onAlert });
    // In the background, without being asked.
    for (let waited = 0; heard.length < 2 && waited < 100; waited++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await next.close();
    assert.deepEqual(heard.sort(), [50, 80]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('an alert that is not taken is tried again, later and later, ten times in all, and stays to be seen', () =>
  bench(async ({ books, heard, clock, fails }) => {
    await books.limits.set({ ...daily, thresholds: [80] });
    await track(books, 80);
    fails.push(...Array.from({ length: 10 }, () => new Error('away')));
    for (let attempt = 1; attempt <= 10; attempt++) {
      assert.deepEqual(await books.deliverDue(), { done: 0, failed: 1 });
      assert.deepEqual(await books.deliverDue(), { done: 0, failed: 0 }, 'not before its time');
      const [task] = await books.reads.tasks({ kind: 'alert', limit: 10 });
      assert.deepEqual([task?.attempts, task?.error], [attempt, 'away']);
      if (attempt === 10) assert.equal(task?.dueAt, null);
      else {
        const pause = task!.dueAt! - clock.now();
        const least = alertPausesMs[attempt - 1]!;
        assert.ok(pause >= least && pause <= least * 1.25, `pause ${attempt}: ${pause} ms`);
        clock.advance(pause);
      }
    }
    const [dead] = await books.reads.tasks({ kind: 'alert', state: 'dead', limit: 10 });
    assert.equal(dead?.attempts, 10);
    clock.advance(86_400_000);
    assert.deepEqual(await heard(), []);
  }));

test('an alert says which counter of which limit stands how high, and nothing of any call', () =>
  bench(async ({ books, documents }) => {
    const limit = await books.limits.set({ ...daily, scope: 'USER', username: '*', limitType: 'cost' });
    await track(books, 7, { username: 'ann', project: 'secret', nanocents: 5_000_000_000_000n });
    await books.deliverDue();
    const [{ id, ...document }] = documents as [Document];
    assert.match(id, /^alert_[0-9a-f]{32}$/);
    assert.deepEqual(document, {
      schema: 'nanocent.alert/1',
      firedAt: '2026-11-22T12:00:00.000Z',
      threshold: 50,
      subject: { username: 'ann' },
      used: '50.00',
      max: '100.00',
      window: { start: '2026-11-22T00:00:00.000Z', end: '2026-11-23T00:00:00.000Z' },
      limit: { ...document.limit, id: limit.id, scope: 'USER', username: '*', max: '100.00' },
    });
  }));
