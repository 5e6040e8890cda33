import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { entryDraft } from '../../testing/drafts.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import { writeByHand } from '../../testing/plan-machine.ts';
import { type Random, seededIds, seededRandom } from '../../testing/seeded.ts';
import type { Entry } from '../entry.ts';
import { backfillRows, totalsOf } from '../memory/memory-reads.ts';
import type { BackfillQuery, BackfillRow } from '../port.ts';
import type { GroupField, Totals, TotalsQuery } from '../query.ts';
import { partsOf } from '../total-parts.ts';
import { openSqlite } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'nanocent-totals-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const start = Date.parse('2026-03-27T00:00:00Z');
const clock = fakeClock(start);
const ids = seededIds();
let files = 0;
const open = (zone: string) => openSqlite({ file: join(folder, `${files++}.sqlite`), clock, zone });

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Rows over five days around a change of clocks, many of them exactly on the edges of buckets. */
function someEntries(random: Random, size: number): Entry[] {
  const values = [null, '', 'a', 'ü', 'a\u0001'];
  const count = () => (random.onceIn(4) ? null : random.below(4_000_000_000) * 5000); // count: tokens
  return Array.from({ length: size }, () => {
    const step = random.pick([1, 1000, 900_000, hourMs, dayMs]);
    const at =
      start + Math.floor(random.below(4_000_000_000) / 10 / step) * step + random.below(2) * random.below(2); // count: instants
    const nanocents = random.onceIn(4) ? null : BigInt(random.below(4_000_000_000)) * 2_000_000_000n;
    return {
      ...entryDraft({}, { id: ids.uuid(), at, salt: ids.salt() }),
      kind: random.pick(['call', 'late'] as const),
      recordedAt: at,
      model: random.pick(['gpt-4o', 'claude', 'a']),
      requestedModel: random.pick([null, 'claude']),
      provider: random.pick(values),
      username: random.pick(values),
      caller: random.pick([null, '', 'app']),
      project: random.pick([null, 'p']),
      session: random.pick(values),
      purpose: random.pick([null, 'x']),
      key: random.pick([null, 'k']),
      tags: random.pick<Record<string, string>>([{}, { team: 'a' }, { team: 'b', env: 'a' }]),
      usage: {
        input: count(),
        cacheRead: count(),
        cacheWrite5m: count(),
        cacheWrite1h: count(),
        cacheWrite: count(),
        output: count(),
        reasoning: count(),
        units: {},
      },
      totalTokens: count(),
      localPromptTokens: count(),
      localCompletionTokens: count(),
      localTotalTokens: count(),
      executionMicroseconds: count(),
      nanocents: random.onceIn(9) && nanocents !== null ? -nanocents : nanocents,
      calls: random.pick([0, 1] as const),
    };
  });
}

const sorted = (totals: readonly Totals[]) =>
  [...totals].sort((left, right) => (JSON.stringify(left.group) < JSON.stringify(right.group) ? -1 : 1));

const groupings: readonly (readonly GroupField[])[] = [
  [],
  ['day'],
  ['quarterHour'],
  ['model'],
  ['provider', 'model'],
  ['day', 'provider'],
  ['username'],
  ['day', 'username', 'key'],
  ['project', 'caller', 'model'],
  ['session', 'purpose'],
  ['provider', 'username'],
  ['quarterHour', 'username'],
];

function someQuery(random: Random): TotalsQuery {
  const edge = () => {
    const step = random.pick([1, 900_000, hourMs, dayMs, dayMs]);
    return start - 2 * hourMs + Math.floor(random.below(500_000_000) / step) * step; // count: instants
  };
  const [from, to] = [edge(), edge()].sort((left, right) => left - right) as [number, number];
  const filter = random.pick<TotalsQuery['filter']>([
    {},
    {},
    { model: 'claude' },
    { provider: null },
    { username: 'ü' },
    { username: null, model: 'a' },
    { provider: 'a', key: 'k' },
    { username: '' },
    { session: null },
    { username: 'nobody' },
  ]);
  return { from, to, filter, by: random.pick(groupings) };
}

for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns']) {
  test(`totals by rollup, by row and by both are the plain sums: ${zone}`, async () => {
    const random = seededRandom(11);
    const store = await open(zone);
    const entries = someEntries(random, 1200);
    for (let index = 0; index < entries.length; index += 100) {
      await writeByHand(store, { entries: entries.slice(index, index + 100) });
    }
    const paths = new Map<string, number>();
    for (let run = 0; run < 250; run++) {
      const query = someQuery(random);
      const path = partsOf(query, zone)
        .map(({ source }) => source)
        .sort()
        .join('+');
      paths.set(path, (paths.get(path) ?? 0) + 1);
      assert.deepEqual(
        sorted(await store.totals(query)),
        sorted(totalsOf(entries, query, zone)),
        JSON.stringify(query),
      );
    }
    for (const path of ['rows', 'narrow', 'narrow+rows', 'narrow+rows+rows', 'rows+rows+wide']) {
      assert.ok(paths.has(path), `no query went by ${path}, only by ${[...paths.keys()]}`);
    }
    assert.deepEqual(await store.compareRollups(10), []);
    await store.close();
  });
}

test('a total may be larger than any amount that a column holds', async () => {
  const store = await open('UTC');
  const highest = 2n ** 63n - 1n;
  const amounts = [highest, highest, highest, -(2n ** 63n), 1n];
  const rows = amounts.map((nanocents) => ({
    ...entryDraft({ username: 'u' }, { id: ids.uuid(), at: start, salt: '' }),
    recordedAt: start,
    nanocents,
  }));
  await writeByHand(store, { entries: rows.slice(0, 2) });
  await writeByHand(store, { entries: rows.slice(2) });
  const whole = { from: start, to: start + dayMs };
  for (const by of [['model'], ['username'], ['session']] as const) {
    const [totals] = await store.totals({ ...whole, filter: {}, by });
    assert.equal(
      totals!.nanocents,
      amounts.reduce((sum, one) => sum + one, 0n),
      by[0],
    );
  }
  assert.deepEqual(await store.compareRollups(10), []);
  await store.close();
});

test('which source answers', () => {
  const berlinDay = Date.parse('2026-03-28T23:00:00Z');
  const query = { from: berlinDay, to: berlinDay + 23 * hourMs, filter: {}, by: [] };
  const sources = (more: Partial<TotalsQuery>) =>
    partsOf({ ...query, ...more }, 'Europe/Berlin').map(
      ({ source, from, to }) => `${source} ${(to - from) / 60_000}`,
    );
  assert.deepEqual(sources({}), ['narrow 1380']);
  assert.deepEqual(sources({ by: ['username'] }), ['wide 1380']);
  assert.deepEqual(sources({ by: ['username', 'provider'] }), ['rows 1380']);
  assert.deepEqual(sources({ filter: { session: 's' } }), ['rows 1380']);
  assert.deepEqual(sources({ by: ['quarterHour', 'username'] }), ['rows 1380']);
  assert.deepEqual(sources({ from: berlinDay - 60_000 }), ['narrow 1380', 'rows 1']);
  assert.deepEqual(sources({ by: ['key'], to: berlinDay + 23 * hourMs - 1 }), [`rows ${1380 - 1 / 60_000}`]);
  assert.deepEqual(sources({ to: berlinDay + 60_000 }), ['rows 1']);
  assert.deepEqual(sources({ to: berlinDay }), []);
  assert.deepEqual(sources({ from: 0, to: Number.MAX_SAFE_INTEGER, by: ['username'] }).length, 2);
});

test('days that began off the quarter hour are read from rows', async () => {
  // Until 1972-01-07 Monrovia's day began at 00:44:30 UTC, until 1979-10-01 Kiritimati's at 10:40.
  const table = {
    'Africa/Monrovia': '1970-06-02T00:44:30Z',
    'Pacific/Kiritimati': '1979-09-30T10:40:00Z',
  };
  for (const [zone, midnightText] of Object.entries(table)) {
    const store = await open(zone);
    const midnight = Date.parse(midnightText);
    const rows = [midnight - 1, midnight, Date.parse('1985-06-02T12:00:00Z')].map((at) => ({
      ...entryDraft({}, { id: ids.uuid(), at, salt: '' }),
      recordedAt: at,
    }));
    await writeByHand(store, { entries: rows });
    const query: TotalsQuery = { from: 0, to: start, filter: {}, by: ['day', 'model'] };
    assert.deepEqual(sorted(await store.totals(query)), sorted(totalsOf(rows, query, zone)), zone);
    assert.deepEqual(
      partsOf(query, zone).map(({ source }) => source),
      ['narrow', 'rows'],
    );
    await store.close();
  }
});

for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Kathmandu']) {
  test(`a purge leaves rollups of exactly what is left: ${zone}`, async () => {
    const store = await open(zone);
    const entries = someEntries(seededRandom(3), 600);
    await writeByHand(store, { entries });
    const bounds = [
      start + 5 * hourMs,
      start + dayMs,
      start + dayMs + 1,
      start + 2 * dayMs + 1_234_567,
      start + 400 * dayMs,
    ];
    for (const before of bounds) {
      await writeByHand(store, { lines: [{ kind: 'purge' }], plan: () => ({ purgeBefore: before }) });
      const left = entries.filter(({ at }) => at >= before);
      assert.equal(await store.countEntries(), left.length);
      assert.deepEqual(await store.compareRollups(10), []);
      for (const by of [['model'], ['username'], ['day', 'key'], ['session']] as const) {
        const query = { from: start, to: start + 30 * dayMs, filter: {}, by };
        assert.deepEqual(sorted(await store.totals(query)), sorted(totalsOf(left, query, zone)));
      }
    }
    const positions = (await store.purges()).map(({ position }) => position - entries.length);
    assert.deepEqual(positions, [1, 2, 3, 4, 5]);
    await store.close();
  });
}

test('a rollup that was tampered with is named, with both sums', async () => {
  const store = await open('UTC');
  const draft = entryDraft({ username: 'u' }, { id: ids.uuid(), at: start, salt: '', nanocents: 7n });
  await writeByHand(store, { entries: [{ ...draft, recordedAt: start }] });
  const database = new DatabaseSync(store.location);
  database.exec(`UPDATE nanocent_rollup_narrow SET nanocents_low = 8;
    UPDATE nanocent_rollup_wide SET username = 'v'`);
  assert.deepEqual(await store.compareRollups(10), [
    'narrow rollup 2026-03-27T00:00:00.000Z - some-model: nanocents is 8, the usage rows sum to 7',
    'wide rollup 2026-03-27T00:00:00.000Z u - - - some-model: missing, the usage rows have 1 entries',
    'wide rollup 2026-03-27T00:00:00.000Z v - - - some-model: 1 entries of which there are no usage rows',
  ]);
  assert.equal((await store.compareRollups(1)).length, 1);
  assert.equal((await store.compareRollups(2)).length, 2);
  database.close();
  await store.close();
});

test('what a new limit counts from the start is the plain sum over the rows it covers', async () => {
  const store = await open('UTC');
  const entries = someEntries(seededRandom(5), 400);
  await writeByHand(store, { entries });
  const selectors: BackfillQuery['selector'][] = [
    {},
    { model: 'claude' },
    { model: '*' },
    { username: '*', provider: 'a' },
    { username: 'ü', key: '*', project: 'p' },
    { tag: 'team=a' },
    { tag: 'team=*' },
    { tag: 'team' },
    { tag: '*', username: '*' },
    { session: '*', purpose: 'x', caller: 'app' },
  ];
  const measures = [
    'cost',
    'requests',
    'input_tokens',
    'output_tokens',
    'total_tokens',
    'concurrent_requests',
  ];
  const backfills = selectors.flatMap((selector) =>
    measures.flatMap((measure) =>
      [null, start + 2 * dayMs].flatMap((to) =>
        [null, 20 * 60_000].map((stepMs) => {
          const from = start + hourMs;
          return { measure, selector, by: [], from, to, stepMs };
        }),
      ),
    ),
  );
  const { held } = await writeByHand(store, { backfills });
  const text = (rows: readonly BackfillRow[]) =>
    rows
      .map(({ subject, start, sum }) => `${JSON.stringify(Object.entries(subject).sort())} ${start} ${sum}`)
      .sort();
  assert.ok(held.backfills[1]!.length > 100, 'many stretches of 20 minutes');
  backfills.forEach((query, index) => {
    assert.deepEqual(
      text(held.backfills[index]!),
      text(backfillRows(entries, query)),
      JSON.stringify(query.selector),
    );
  });
  await store.close();
});
