import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InsufficientBalanceError } from '../../src/errors/named.ts';
import { createMeter } from '../../src/meter/meter.ts';
import { Witness } from '../../src/testing/witness.ts';
import { mini, miniWorst, open, prompt, proveBalanced } from '../reservations/calls.ts';

const dollar = 100_000_000_000n;

async function withWallet(
  play: (
    bench: Awaited<ReturnType<typeof open>> & { readonly wallet: Witness; readonly calls: string[] },
  ) => Promise<void>,
): Promise<void> {
  const calls: string[] = [];
  const wallet = new Witness('wallet', calls);
  const opened = await open({ accountants: [wallet], background: false });
  await play({ ...opened, wallet, calls });
  await opened.books.deliverDue();
  await proveBalanced(opened.books);
  await opened.books.close();
}

function refuseOnce(wallet: Witness): InsufficientBalanceError {
  const error = new InsufficientBalanceError({ account: 'ann', askedNanocents: 7n, availableNanocents: 3n });
  wallet.fails.set('reserve', [error]);
  return error;
}

test('a metered call is one reserve of its worst case and one settle of what it cost', () =>
  withWallet(async ({ books, calls }) => {
    await prompt(books, [100, 50]);
    assert.deepEqual(calls, [`wallet reserve ${miniWorst}`, 'wallet settle 4500000']);
  }));

test('a call that a provider refused is rolled back', () =>
  withWallet(async ({ books, calls }) => {
    const begun = await createMeter(books.context).begin(mini);
    assert.ok(begun.outcome === 'held');
    await begun.call.finish({ ended: 'complete', sent: true, httpStatus: 500, streamed: false });
    assert.deepEqual(calls, [`wallet reserve ${miniWorst}`, 'wallet rollback']);
  }));

test('AC-32 and AC-38: prompts in one scope are one reserve and one settle with their sum', () =>
  withWallet(async ({ books, calls }) => {
    const scope = await books.scope({ usd: 1, model: 'gpt-4o-mini', username: 'ann' });
    await prompt(books, [100, 50], { scope });
    await prompt(books, [200, 100], { scope });
    assert.deepEqual(calls, [`wallet reserve ${dollar}`]);
    await scope.end();
    assert.deepEqual(calls.slice(1), ['wallet settle 13500000']);
  }));

test('AC-34: a scope whose work throws before anything was spent is one rollback and no settle', () =>
  withWallet(async ({ books, calls }) => {
    const work = async () => {
      throw new Error('boom');
    };
    await assert.rejects(books.scope({ usd: 1, model: 'gpt-4o-mini' }, work), { message: 'boom' });
    assert.deepEqual(calls, [`wallet reserve ${dollar}`, 'wallet rollback']);
  }));

test('a scope throws what the accountant said, and holds nothing', () =>
  withWallet(async ({ books, calls, wallet }) => {
    const error = refuseOnce(wallet);
    await assert.rejects(books.scope({ usd: 1, model: 'gpt-4o-mini' }), error);
    assert.deepEqual(calls, [`wallet reserve ${dollar}`]);
    assert.deepEqual(await books.reads.openReservations(10), []);
  }));

test('a client that is metered by fetch gets 402, its provider is not called, and nothing is booked', () =>
  withWallet(async ({ books, wallet }) => {
    refuseOnce(wallet);
    const response = await books.fetch({ username: 'ann' })('https://api.openai.com/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer nobody' },
      body: JSON.stringify({
        model: 'gpt-4o-mini',
        max_tokens: 5,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    });
    assert.equal(response.status, 402);
    assert.equal(response.headers.get('x-should-retry'), 'false');
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    assert.equal(error.code, 'balance_insufficient');
    assert.match(error.message, /^account ann has 3 nanocents available/);
    assert.deepEqual(await books.tail(), []);
  }));
