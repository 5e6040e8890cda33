import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Books } from '../../src/books/books.ts';
import { openBooks } from '../../src/books/open-books.ts';
import { dashboardPages } from '../../src/dashboard/index.ts';
import { startGateway } from '../../src/gateway/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';

const address = 'http://127.0.0.1:4141';

async function pageOf(books: Books): Promise<string> {
  const page = await dashboardPages(books.context)({ path: '/-/llm-usage', address });
  return page!.body;
}

/** The cells of every table row, tags removed. */
function rowsOf(body: string): string[][] {
  return [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row!.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/gs)].map(([, cell]) =>
      cell!.replace(/<[^>]*>/g, '').trim(),
    ),
  );
}

test('an empty ledger says what to do first', async () => {
  const books = await openBooks({ store: 'memory' });
  const body = await pageOf(books);
  assert.match(body, /No calls yet/);
  assert.match(body, /curl http:\/\/127\.0\.0\.1:4141\/demo\/v1\/chat\/completions \\\n {2}-H/);
  assert.doesNotMatch(body, /<table>/);
  await books.close();
});

test('real numbers: this month, today, by model, by user, held, without a price', async () => {
  const clock = fakeClock('2026-11-22T12:00:00Z');
  const books = await openBooks({ store: 'memory', clock });
  const call = { model: 'gpt-4o-mini', promptTokens: 1_000_000, completionTokens: 500_000 };
  await books.track({ ...call, username: 'ann', timestamp: '2026-11-22T09:00:00Z' });
  await books.track({ ...call, username: 'bo', timestamp: '2026-11-03T09:00:00Z' });
  await books.track({ ...call, username: 'ann', timestamp: '2026-10-31T23:59:59Z' });
  await books.track({
    model: 'own<i>',
    promptTokens: 1,
    completionTokens: 1,
    timestamp: '2026-11-22T10:00:00Z',
  });
  await books.reserve({ model: 'gpt-4o', nanocents: 50_000_000_000n });
  const body = await pageOf(books);
  const tiles = [...body.matchAll(/<div class="tile">(.*?)<\/div>/gs)].map(([, tile]) =>
    tile!.replace(/<[^>]*>/g, '|').replace(/\|+/g, '|'),
  );
  assert.deepEqual(tiles, [
    '|Today|$0.45|2 calls|',
    '|This month|$0.90|3 calls|',
    '|Held now|$0.50|1 call in flight|',
    '|Without a price|33.3 %|of this month’s calls|',
  ]);
  const rows = rowsOf(body);
  assert.deepEqual(rows.slice(1, 3), [
    ['gpt-4o-mini', '2', '2,000,000', '1,000,000', '$0.90', ''],
    ['own&lt;i&gt;', '1', '1', '1', 'no price', ''],
  ]);
  assert.deepEqual(rows.slice(4, 7), [
    ['ann', '1', '1,000,000', '500,000', '$0.45', ''],
    ['bo', '1', '1,000,000', '500,000', '$0.45', ''],
    ['–', '1', '1', '1', 'no price', ''],
  ]);
  assert.equal(rows.length, 8 + 4);
  assert.deepEqual(rows[8]!.slice(0, 3), ['2026-11-22 10:00:00', 'own&lt;i&gt;', '–']);
  assert.match(body, /<title>2026-11-03: \$0\.45, 1 call<\/title>/);
  assert.equal([...body.matchAll(/<g><title>/g)].length, 30);
  await books.close();
});

test('the page has no script, no inline style, and headers that allow none; only this machine may read it', async () => {
  const books = await openBooks({ store: 'memory' });
  await books.track({
    model: '<img src=x onerror=alert(1)>',
    username: '"><script>',
    promptTokens: 1,
    completionTokens: 1,
  });
  const gateway = await startGateway({
    context: books.context,
    pages: dashboardPages(books.context),
    providers: [],
    port: 0,
  });
  try {
    const page = await fetch(`${gateway.url}/-/llm-usage`);
    const body = await page.text();
    assert.equal(page.status, 200);
    assert.doesNotMatch(body, /<script|<img|\sstyle=|\son\w+=["']/i);
    assert.match(page.headers.get('content-security-policy')!, /^default-src 'none'; style-src 'self';/);
    assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(page.headers.get('cache-control'), 'no-store');
    const style = await fetch(`${gateway.url}/-/llm-usage/style.css`);
    assert.match(style.headers.get('content-type')!, /^text\/css/);
    assert.match(await style.text(), /prefers-color-scheme: dark/);
    const home = await fetch(gateway.url, { redirect: 'manual' });
    assert.deepEqual([home.status, home.headers.get('location')], [302, '/-/llm-usage']);
    assert.equal(
      (await fetch(`${gateway.url}/-/llm-usage`, { headers: { forwarded: 'for=x' } })).status,
      403,
    );
    assert.equal((await fetch(`${gateway.url}/-/other`)).status, 404);
    assert.equal((await fetch(`${gateway.url}/-/llm-usage`, { method: 'HEAD' })).status, 200);
  } finally {
    await gateway.close();
    await books.close();
  }
});
