import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Wallet } from '../../examples/wallet-accountant.ts';
import { openBooks } from '../../src/books/open-books.ts';

const usd = 100_000_000_000n;
const root = join(import.meta.dirname, '../..');

test('the example runs as its first line says', () => {
  const args = ['--conditions=nanocent-source', 'examples/wallet-accountant.ts'];
  const out = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  assert.equal(
    out,
    '0.60 USD set aside; 0.40 USD to spend\n' +
      'refused: account wallet of ann has 40000000000 nanocents available, not the 60000000000 asked; 0.40 USD to spend\n' +
      'settled with 0.00045 USD; 0.99955 USD to spend\n',
  );
});

test('a wallet in a file of its own: nothing set aside is spent twice, and everything else comes back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-wallet-'));
  const wallet = new Wallet(join(folder, 'wallet.sqlite'));
  wallet.topUp('ann', usd);
  wallet.topUp('bob', usd / 2n);
  const store = join(folder, 'books.sqlite');
  const books = await openBooks({ store, environment: {}, background: false, accountants: [wallet] });
  try {
    const call = (username: string) => ({ model: 'm', username, nanocents: usd / 10n });
    const asked = await Promise.all(
      Array.from({ length: 40 }, (_, index) => books.reserve(call(index % 2 ? 'ann' : 'bob'))),
    );
    const held = asked.flatMap((one) => (one.outcome === 'reserved' ? [one.reservation] : []));
    assert.equal(held.length, 15, 'ten of ann, five of bob');
    const refused = asked.flatMap((one) =>
      one.outcome === 'refused' ? [one.insufficient?.error.account] : [],
    );
    assert.deepEqual([...new Set(refused)].sort(), ['wallet of ann', 'wallet of bob']);
    assert.deepEqual([wallet.available('ann'), wallet.available('bob')], [0n, 0n]);
    assert.equal(
      (await books.reads.openReservations(100)).length,
      15,
      'a refusal leaves no hold in the ledger',
    );
    for (const [index, { id }] of held.entries()) {
      if (index % 3 === 0) await books.void(id);
      else await books.settle(id, { nanocents: 1n });
    }
    assert.equal(wallet.available('ann') + wallet.available('bob'), usd + usd / 2n - 10n);
    assert.equal((await books.verify()).balanced, true);
    const nobody = await books.reserve({ model: 'm', nanocents: 1n });
    assert.equal(nobody.outcome, 'refused');
  } finally {
    await books.close();
    wallet.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('asked again about a reservation that it knows, and told another end of one that was settled', async () => {
  const wallet = new Wallet(':memory:');
  wallet.topUp('ann', 100n);
  const context = {
    ...{ reservationId: 'r', callId: null, model: null, provider: null, username: 'ann', caller: null },
    ...{ project: null, session: null, purpose: null, key: null, signal: new AbortController().signal },
  };
  const tx = await wallet.reserve(60n, context);
  assert.deepEqual(await wallet.reserve(60n, context), tx);
  assert.equal(wallet.available('ann'), 40n);
  for (const [amount, left] of [
    [60n, 40n],
    [60n, 40n],
    [7n, 93n],
    [0n, 100n],
    [130n, -30n],
  ] as const) {
    await wallet.settle(tx, amount);
    assert.equal(wallet.available('ann'), left, `settled with ${amount}`);
  }
  wallet.close();
});
