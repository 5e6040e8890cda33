import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { nanocentsMax } from '../money/nanocents.ts';
import { bundleDeltas } from '../store/bundle-rollup.ts';
import type { Entry } from '../store/entry.ts';
import { columnsOf, entryIn } from '../store/entry-columns.ts';
import { entryDigest } from '../store/entry-digest.ts';
import { openMemory } from '../store/memory/index.ts';
import { rollupDeltas } from '../store/rollup.ts';
import { openSqlite } from '../store/sqlite/index.ts';
import { entryDraft } from '../testing/drafts.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { costLimit } from '../testing/requests.ts';
import { seededRandom } from '../testing/seeded.ts';
import { attributesOf } from './attribution.ts';
import { type BundledCall, bundleRequest, rowStates } from './bundle-request.ts';
import { type LedgerService, openLedger } from './ledger.ts';
import { quantitiesOf } from './quantities.ts';
import type { EntryDraft, WriteRequest } from './request.ts';
import { verify } from './verify.ts';

// Many calls with one line: the same rows, balances and totals as a record of each, and each row under proof.

const now = Date.UTC(2026, 10, 22, 12);
const clock = fakeClock(now);
let made = 0;
const ids = {
  uuid: () => `0199d5f6-0000-7000-8000-${String(++made).padStart(12, '0')}`,
  salt: () => String(made).padStart(32, '0'),
};
const hourMs = 3_600_000;

/** Calls over four days, for a few people, with everything a row can say or leave out. */
function randomCalls(count: number, seed = 1): BundledCall[] {
  const random = seededRandom(seed);
  const maybe = <Value>(value: Value): Value | null => (random.below(3) === 0 ? null : value);
  return Array.from({ length: count }, (_, index) => {
    const id = ids.uuid();
    const nanocents = maybe(BigInt(random.below(1e9)));
    const entry: EntryDraft = {
      ...entryDraft(
        { model: `model-${random.below(3)}`, username: `user-${random.below(3)}`, 'tag:team': 'Größe' },
        { id, at: clock.now() - random.below(96) * hourMs, salt: ids.salt(), nanocents },
      ),
      provider: maybe('anthropic'),
      project: maybe('/repo'),
      usage: {
        input: maybe(random.below(1000)),
        cacheRead: maybe(random.below(1000)),
        cacheWrite5m: maybe(0),
        cacheWrite1h: maybe(random.below(10)),
        cacheWrite: maybe(0),
        output: maybe(random.below(1000)),
        reasoning: maybe(random.below(10)),
        units: random.below(2) === 0 ? {} : { webSearch: random.below(5) },
      },
      totalTokens: maybe(random.below(5000)),
      localPromptTokens: maybe(random.below(5000)),
      executionMicroseconds: maybe(random.below(1e9) * 30_000),
      charge: maybe('[{"unit":"input"}]'),
      responseId: maybe(`msg_${index}`),
      calls: random.below(5) === 0 ? 0 : 1,
    };
    return { entry, idempotency: { name: keyOf(seed * 100_000 + index), fingerprint: 'counts' } };
  });
}

function keyOf(number: number): string {
  return number.toString(16).padStart(32, '0');
}

function recordOf({ entry, idempotency }: BundledCall): WriteRequest {
  const attributes = attributesOf(entry);
  return { kind: 'record', quantities: quantitiesOf(entry), attributes, entry, idempotency };
}

const dailyCost: WriteRequest = {
  ...costLimit(50n, 'username'),
  limit: {
    ...costLimit(50n, 'username').limit,
    window: { kind: 'calendar', unit: 'day', count: 1, zone: 'Europe/Berlin' },
  },
} as WriteRequest;
const requests: WriteRequest = {
  ...costLimit(5n),
  limit: { ...costLimit(5n).limit, type: 'requests' },
} as WriteRequest;

const rollingCost: WriteRequest = {
  ...costLimit(500n),
  limit: { ...costLimit(500n).limit, thresholds: [50], window: { kind: 'rolling', unit: 'day', count: 2 } },
} as WriteRequest;

function grantOf(amount: bigint, expiresAt: number | null): WriteRequest {
  const pool = { scope: 'USER', selector: { username: 'user-1' } } as const;
  return {
    kind: 'addGrant',
    pool,
    grant: { amount, priority: 0, expiresAt, reference: null },
    idempotency: null,
  };
}

/** Prepaid credit that begins, and ends, while the calls are made. */
async function withGrants(ledger: LedgerService): Promise<void> {
  clock.set(now - 60 * hourMs);
  await ledger.write(grantOf(2_000_000_000n, now - 30 * hourMs));
  clock.set(now - 40 * hourMs);
  await ledger.write(grantOf(4_000_000_000n, null));
  clock.set(now);
}

async function openOn(t: TestContext, engine: 'memory' | 'sqlite', begin = async (_: LedgerService) => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-bundle-'));
  const file = join(folder, 'books.sqlite');
  const zone = 'Europe/Berlin';
  const store =
    engine === 'memory'
      ? openMemory({ clock, ledgerId: 'bundle', zone })
      : await openSqlite({ file, clock, zone });
  const ledger = openLedger(store);
  t.after(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await begin(ledger);
  await ledger.write(dailyCost);
  await ledger.write(requests);
  await ledger.write(rollingCost);
  return { ledger, file };
}

for (const engine of ['memory', 'sqlite'] as const) {
  test(`${engine}: a bundle leaves the books as a record of each call does`, async (t) => {
    const calls = randomCalls(300);
    const { ledger: bundled } = await openOn(t, engine, withGrants);
    const { ledger: recorded } = await openOn(t, engine, withGrants);
    const result = await bundled.writeBundle(bundleRequest(calls));
    assert.equal(result.outcome, 'bundled');
    for (const call of calls) await recorded.write(recordOf(call));
    const shown = async ({ reads }: typeof bundled) => ({
      accounts: await reads.scanAccounts(null, 1000),
      entries: (await reads.entries({ filter: {}, from: null, to: null, limit: 1000 })).entries,
      totals: await reads.totals({ from: 0, to: clock.now() + 1, filter: {}, by: ['day', 'username'] }),
      keys: await reads.idempotency(calls.map(({ idempotency }) => idempotency.name)),
      alerts: (await reads.tasks({ limit: 1000 })).map(({ key, body }) => [
        key,
        body.replace(/"used":"\d+"/, ''),
      ]),
    });
    const own = await shown(bundled);
    assert.equal(own.entries.length, 300);
    assert.ok(own.alerts.length > 0);
    assert.ok(own.accounts.length > 6, 'three people on four days, and one counter of requests');
    assert.deepEqual(own, await shown(recorded));
    assert.deepEqual((await verify(bundled.reads)).differences, []);
    assert.equal((await verify(bundled.reads)).lines, 6, 'three limits, two grants and one bundle');
  });

  test(`${engine}: what was booked before moves nothing; its neighbours are booked`, async (t) => {
    const { ledger } = await openOn(t, engine);
    const [one, two, three] = randomCalls(3) as [BundledCall, BundledCall, BundledCall];
    await ledger.write(recordOf(two));
    const other = { ...three, entry: { ...three.entry, id: ids.uuid() } };
    const said = { ...two.idempotency, fingerprint: 'other counts' };
    const states = async (...calls: BundledCall[]) => {
      const result = await ledger.writeBundle(bundleRequest(calls));
      return result.outcome === 'bundled' ? [...result.states] : result;
    };
    const { booked, known, differing } = rowStates;
    assert.deepEqual(await states(one, two, three, other), [booked, known, booked, known]);
    assert.deepEqual(await states(one, { ...two, idempotency: said }), [known, differing]);
    assert.deepEqual(await states(), []);
    const again = await ledger.write(recordOf(one));
    assert.deepEqual(again, { outcome: 'replayed', id: one.entry.id, entry: null });
    const verified = await verify(ledger.reads);
    assert.deepEqual([verified.differences, verified.entries], [[], 3]);
  });

  test(`${engine}: lines around a bundle keep their places, and a row leads to its line`, async (t) => {
    const { ledger } = await openOn(t, engine);
    const calls = randomCalls(5);
    const [before, after] = randomCalls(2, 9).map(recordOf) as [WriteRequest, WriteRequest];
    await ledger.write(before);
    await ledger.writeBundle(bundleRequest(calls));
    await ledger.write(after);
    const positionOf = async (id: string) => (await ledger.reads.entry(id))!.line.position;
    const idOf = (write: WriteRequest) => (write.kind === 'record' ? write.entry.id : '');
    assert.equal(await positionOf(idOf(before)), 4);
    assert.deepEqual(await Promise.all(calls.map(({ entry }) => positionOf(entry.id))), [5, 5, 5, 5, 5]);
    assert.equal(await positionOf(idOf(after)), 10);
    assert.match((await ledger.reads.line({ chain: 1, position: 5 }))!, /"bundle"/);
    assert.equal(await ledger.reads.line({ chain: 1, position: 6 }), null);
    assert.deepEqual((await verify(ledger.reads)).differences, []);
  });

  test(`${engine}: a purge through the middle of a bundle is accepted`, async (t) => {
    const { ledger } = await openOn(t, engine);
    const calls = randomCalls(200);
    await ledger.writeBundle(bundleRequest(calls));
    const before = clock.now() - 48 * hourMs;
    const kept = calls.filter(({ entry }) => entry.at >= before).length;
    assert.ok(kept > 0 && kept < 200);
    await ledger.write({ kind: 'purge', before });
    const verified = await verify(ledger.reads);
    assert.deepEqual([verified.differences, verified.entries], [[], kept]);
  });

  test(`${engine}: at the brink of 2^63 − 1 the whole bundle fails without a trace`, async (t) => {
    const { ledger } = await openOn(t, engine);
    const priced = (nanocents: bigint, seed: number): BundledCall => {
      const call = randomCalls(1, seed)[0]!;
      const at = clock.now();
      return { ...call, entry: { ...call.entry, username: 'rich', at, nanocents, costSource: 'given' } };
    };
    await ledger.writeBundle(bundleRequest([priced(nanocentsMax - 10n, 2)]));
    const over = await ledger.writeBundle(bundleRequest([priced(1n, 3), priced(10n, 4)]));
    assert.equal(over.outcome === 'failed' && over.code, 'amount_overflow');
    assert.equal((await verify(ledger.reads)).entries, 1);
    const full = await ledger.writeBundle(bundleRequest([priced(1n, 3), priced(9n, 4)]));
    assert.equal(full.outcome, 'bundled');
    assert.deepEqual((await verify(ledger.reads)).differences, []);
  });
}

test('a row of a bundle that was changed, taken away or put there is found', async (t) => {
  const lies: readonly [sql: string, found: RegExp][] = [
    ['UPDATE nanocent_entries SET model = model WHERE line = 5', /^$/],
    ["UPDATE nanocent_entries SET model = 'dearer' WHERE line = 5", /was changed after it was booked/],
    [
      'UPDATE nanocent_entries SET nanocents = nanocents + 1 WHERE line = 5',
      /was changed after it was booked/,
    ],
    ['DELETE FROM nanocent_entries WHERE line = 7', /usage row 4 of line 4 is missing/],
    [
      `UPDATE nanocent_entries SET line = CASE line WHEN 5 THEN 6 ELSE 5 END + 1000 WHERE line IN (5, 6);
       UPDATE nanocent_entries SET line = line - 1000 WHERE line > 1000`,
      /was changed after it was booked/,
    ],
    ['UPDATE nanocent_journal SET body = replace(body, \'"rows":20\', \'"rows":19\')', /were changed/],
    ['DELETE FROM nanocent_journal WHERE position = 4', /were changed/],
  ];
  for (const [sql, found] of lies) {
    const { ledger, file } = await openOn(t, 'sqlite');
    const calls = randomCalls(20).map((call) => ({ ...call, entry: { ...call.entry, nanocents: 5n } }));
    await ledger.writeBundle(bundleRequest(calls));
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
    assert.match((await verify(ledger.reads)).differences.join('\n'), found, sql);
  }
});

test('columns give every row back, and sum up as rows do', () => {
  const drafts = randomCalls(500, 7).map(({ entry }) => entry);
  const rows = columnsOf(drafts);
  const entries: Entry[] = drafts.map((draft) => ({ ...draft, recordedAt: 77 }));
  for (const [row, entry] of entries.entries()) {
    const back = entryIn(rows, row, 77);
    assert.deepEqual({ ...back }, entry);
    assert.equal(entryDigest(back), entryDigest(entry));
  }
  const chosen = [...drafts.keys()];
  const zone = 'Asia/Kolkata';
  assert.deepEqual(
    bundleDeltas({ rows, chosen, firstLine: 1, recordedAt: 77 }, zone),
    rollupDeltas(entries, zone),
  );
});
