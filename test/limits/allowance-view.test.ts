import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLedger } from '../../src/core/ledger.ts';
import { checkAllowance } from '../../src/limits/allowance.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import { requestsFor } from '../../src/testing/requests.ts';
import { seededIds } from '../../src/testing/seeded.ts';

const hourMs = 3_600_000;
const sql = `SELECT p.name AS provider, a.credits_remaining, a.last_reset_timestamp, a.daily_reset_amount
  FROM _llm_usage_allowance a JOIN _llm_usage_provider p ON p.id = a.provider_id ORDER BY p.name`;

test('_llm_usage_allowance: what is left of each provider now, also before its first call', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-allowance-view-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  // The view asks the machine for the time, so the ledger does too; the day must not turn meanwhile.
  const now = Date.now();
  const clock = { now: () => now };
  const store = await openSqlite({ file: join(folder, 'books.sqlite'), clock });
  const ledger = openLedger(store);
  t.after(() => ledger.close());
  const ask = requestsFor(seededIds(), clock);
  const allow = (input: Parameters<typeof checkAllowance>[0], at = now) =>
    ledger.write({ kind: 'setLimit', limit: checkAllowance(input, { zone: 'UTC', now: at }), fromNow: true });

  await allow({ provider: 'gemini', credits: 1000, every: '24h' }, now - 30 * hourMs);
  await allow({ provider: 'openai', credits: 500, every: 'never' });
  await allow({ provider: 'mistral', credits: 70, every: 'never' });
  await allow({ provider: 'xai', username: 'ann', credits: 9 });
  await ledger.write(ask.record(150_001n, { model: 'm', provider: 'gemini' }));
  await ledger.write(ask.reserve(50_000n, { model: 'm', provider: 'gemini' }));
  await ledger.write(ask.record(2_000_000n, { model: 'm', provider: 'openai' }));

  const { rows } = await store.select(sql, { rowsMax: 10, timeMs: 5000 });
  assert.deepEqual(
    rows.map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value))),
    [
      ['gemini', 799, Math.floor((now - 6 * hourMs) / 1000), 1000],
      ['mistral', 70, Math.floor(now / 1000), null],
      ['openai', 0, Math.floor(now / 1000), null],
    ],
  );
  await ledger.write({ kind: 'endLimit', id: 1 });
  assert.equal((await store.select(sql, { rowsMax: 10, timeMs: 5000 })).rows.length, 2);
});
