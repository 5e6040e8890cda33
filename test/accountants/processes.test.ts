import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { Accountant, type AccountantContext, type Tx } from '../../src/core/accountant.ts';

/** Every call by accountant and reservation; some settles fail the first time, and every call takes a moment. */
class Counting extends Accountant {
  readonly name: string;
  readonly calls: Map<string, string[]>;

  constructor(name: string, calls: Map<string, string[]>) {
    super();
    this.name = name;
    this.calls = calls;
  }

  async reserve(nanocents: bigint, context: AccountantContext): Promise<Tx> {
    await this.#note(context, `reserve ${nanocents}`);
    return context.reservationId;
  }

  async settle(tx: Tx, nanocents: bigint, context: AccountantContext): Promise<void> {
    assert.equal(tx, context.reservationId);
    const before = await this.#note(context, `settle ${nanocents}`);
    const fails = context.reservationId.endsWith('7') && !before.some((call) => call.startsWith('settle'));
    if (fails) throw new Error('not now');
  }

  async #note({ reservationId }: AccountantContext, call: string): Promise<readonly string[]> {
    const key = `${this.name} ${reservationId}`;
    const before = this.calls.get(key) ?? [];
    this.calls.set(key, [...before, call]);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
    return before;
  }
}

test('two processes that both look for what is due: each call comes once, a failed one once more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-accountants-'));
  const store = join(folder, 'books.sqlite');
  const calls = new Map<string, string[]>();
  const open = () =>
    openBooks({
      ...{ store, environment: {}, background: false },
      accountants: ['A', 'B'].map((name) => new Counting(name, calls)),
    });
  const [one, two] = [await open(), await open()];
  let working = true;
  const looking = [one, two].map(async (books) => {
    while (working) {
      await books.deliverDue();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  try {
    const settled = await Promise.all(
      Array.from({ length: 120 }, async (_, index) => {
        const [first, second] = index % 2 ? [one, two] : [two, one];
        const held = await first.reserve({ model: 'm', nanocents: 100n });
        assert.ok(held.outcome === 'reserved');
        const { id } = held.reservation;
        // Where it is settled is another process than where it was reserved.
        await second.settle(id, { nanocents: BigInt(index) });
        return { id, amount: index };
      }),
    );
    for (let waited = 0; (await one.reads.tasks({ limit: 1 })).length > 0; waited++) {
      assert.ok(waited < 400, 'everything is told in the end');
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    for (const { id, amount } of settled) {
      for (const name of ['A', 'B']) {
        const once = ['reserve 100', `settle ${amount}`];
        const wanted = id.endsWith('7') ? [...once, `settle ${amount}`] : once;
        assert.deepEqual(calls.get(`${name} ${id}`), wanted, `${name} ${id}`);
      }
    }
    assert.equal((await one.verify()).balanced, true);
  } finally {
    working = false;
    await Promise.all(looking);
    await one.close();
    await two.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
