import assert from 'node:assert/strict';
import type { Entry } from '../../store/entry.ts';
import type { EntryFilter, GroupField, Totals } from '../../store/query.ts';
import { entryDraft } from '../drafts.ts';
import { requestsFor } from '../requests.ts';
import { seededRandom } from '../seeded.ts';
import type { Bench, Trial } from './trial.ts';

/** What is read back, against plain loops over what was written. */
export const readTrials: readonly Trial[] = [
  { name: 'rows read back are the rows written, every field of them', play: rowsComeBack },
  { name: 'pages walk all rows, newest first, without gap or repeat', play: pagesWalk },
  { name: 'totals are the sums of the rows, by any grouping and range', play: totalsAgree },
  { name: 'reservations that are due, open or unknown', play: reservationsRead },
];

const quarterHourMs = 900_000;
const rowCount = 240;

/** Rows over three days, with every field of an entry set on some and unset on others. */
async function writeRows({ ledger, ids, clock }: Bench): Promise<Entry[]> {
  const random = seededRandom(20_260_301);
  const maybe = <T>(value: T): T | null => (random.onceIn(3) ? null : value);
  const count = () => maybe(random.below(50_000));
  const written = Array.from({ length: rowCount }, (_, index) => {
    const cost = random.pick([null, 0n, 1n, 2n ** 53n + 1n, BigInt(random.below(1_000_000))]);
    const draft = entryDraft(
      {},
      {
        id: ids.uuid(),
        salt: ids.salt(),
        at: clock.now() - random.below(3 * 96) * quarterHourMs + random.pick([0, 1, -1]),
        model: `model-${random.below(3)}`,
        requestedModel: maybe('asked-for'),
        provider: maybe('openai'),
        endpoint: maybe('/v1/chat/completions'),
        caller: maybe('app'),
        username: maybe(random.pick(['ann', 'bób', "o'neil", '%_'])),
        project: maybe('books'),
        session: maybe('s-1'),
        purpose: maybe('test'),
        key: maybe('key-1'),
        tags: random.pick([{}, { team: 'red' }, { team: 'blue', 'a:b': 'ü "quoted"' }]),
        nanocents: cost,
        costSource: cost === null ? 'unpriced' : 'priced',
        usage: {
          input: count(),
          cacheRead: count(),
          cacheWrite5m: count(),
          cacheWrite1h: count(),
          cacheWrite: count(),
          output: count(),
          reasoning: count(),
          units: random.pick([{}, { webSearch: 2 }]),
          ...random.pick([
            {},
            { inputAudio: 3, cacheReadAudio: 4, inputImage: 5, cacheReadImage: 9, inputVideo: 2 },
          ]),
          ...random.pick([{}, { outputAudio: 6, outputImage: 7, toolUseInput: 8 }]),
        },
        totalTokens: count(),
        localPromptTokens: count(),
        localCompletionTokens: count(),
        localTotalTokens: count(),
        toolCalls: count(),
        basis: random.pick(['provider', 'partial', 'estimated', 'imported']),
        priceId: maybe('price-1'),
        charge: maybe('[{"unit":"input"}]'),
        remark: maybe('no price'),
        executionMicroseconds: count(),
        callId: `call-${index >> 1}`,
        responseId: maybe(`resp-${index >> 1}`),
        rawUsage: maybe('{"prompt_tokens": 1}'),
        calls: random.pick([0, 1]),
        kind: random.pick(['call', 'attempt']),
      },
    );
    return draft;
  });
  const { record } = requestsFor(ids, clock);
  const results = await Promise.all(
    written.map((entry) => {
      const quantities: Record<string, bigint> = {};
      if (entry.nanocents !== null) quantities.cost = entry.nanocents;
      return ledger.write(record(0n, {}, { entry, quantities }));
    }),
  );
  assert.ok(results.every(({ outcome }) => outcome === 'recorded'));
  return written.map((entry) => ({ ...entry, recordedAt: clock.now() }));
}

async function rowsComeBack(bench: Bench): Promise<void> {
  const rows = await writeRows(bench);
  const { reads } = bench.ledger;
  assert.equal(await reads.countEntries(), rowCount);
  for (const [index, row] of rows.entries()) {
    const found = await reads.entry(row.id);
    assert.deepEqual(found, { entry: row, line: { chain: 1, position: index + 1 } });
  }
  const some = rows.slice(7, 50);
  const unknown = '00000000-0000-7000-8000-000000000000';
  const byId = await reads.entriesById([...some.map(({ id }) => id), unknown]);
  assert.deepEqual(new Set(byId.map(({ id }) => id)), new Set(some.map(({ id }) => id)));
  assert.equal(await reads.entry(unknown), null);
  await responsesComeBack(bench, rows);
  const { record } = requestsFor(bench.ids, bench.clock);
  const name = 'ab'.repeat(16);
  const keyed = await bench.ledger.write(record(1n, {}, { idempotency: { name, fingerprint: 'said' } }));
  const answer = JSON.stringify({ id: keyed.entry?.id });
  assert.deepEqual(await reads.idempotency([name, 'cd'.repeat(16)]), [
    { name, fingerprint: 'said', answer, at: bench.clock.now() },
  ]);
}

async function responsesComeBack({ ledger: { reads } }: Bench, rows: readonly Entry[]): Promise<void> {
  const asked = ['resp-3', 'resp-4', 'resp-4', 'resp-5', 'resp-unknown'];
  const known = rows.filter(({ responseId }) => responseId !== null && asked.includes(responseId));
  const instants = known.map(({ at }) => at).sort((left, right) => left - right);
  const [first = 0] = instants;
  const last = instants.at(-1)!;
  assert.ok(first < last);
  for (const [from, to] of [
    [0, last + 1],
    [first, last],
    [first + 1, last + 1],
    [first, first],
  ] as const) {
    const found = await reads.entriesByResponse(asked, { from, to });
    assert.deepEqual(new Set(found), new Set(known.filter(({ at }) => at >= from && at < to)));
  }
  assert.deepEqual(await reads.entriesByResponse([], { from: 0, to: last }), []);
}

const filters: readonly EntryFilter[] = [
  {},
  { username: 'ann' },
  { username: '%_' },
  { username: null },
  { model: 'model-1', provider: null },
  { caller: 'app', project: 'books', session: 's-1', purpose: 'test', key: 'key-1' },
  { username: 'nobody' },
];

async function pagesWalk(bench: Bench): Promise<void> {
  const rows = await writeRows(bench);
  const noon = bench.clock.now() - 36 * 4 * quarterHourMs;
  for (const filter of filters) {
    for (const [from, to] of [
      [null, null],
      [noon, null],
      [null, noon],
      [noon - 7_777_777, noon + 1],
    ] as const) {
      const walked: string[] = [];
      let before: { at: number; id: string } | null = null;
      do {
        const query = { filter, from, to, limit: 17, ...(before && { before }) };
        const page = await bench.ledger.reads.entries(query);
        walked.push(...page.entries.map(({ id }) => id));
        before = page.next;
      } while (before !== null);
      const expected = rows.filter((row) => isWithin(row, from, to) && fits(row, filter)).sort(newestFirst);
      assert.deepEqual(
        walked,
        expected.map(({ id }) => id),
        `${JSON.stringify(filter)} ${from}–${to}`,
      );
    }
  }
  const { callId } = rows[20]!;
  const ofCall = await bench.ledger.reads.entries({ filter: {}, from: null, to: null, callId, limit: 10 });
  assert.equal(ofCall.entries.length, 2);
}

function isWithin(row: Entry, from: number | null, to: number | null): boolean {
  return !(from !== null && row.at < from) && !(to !== null && row.at >= to);
}

function fits(row: Entry, filter: EntryFilter): boolean {
  for (const [field, value] of Object.entries(filter)) if (row[field as 'model'] !== value) return false;
  return true;
}

function newestFirst(left: Entry, right: Entry): number {
  return right.at - left.at || (left.id < right.id ? 1 : -1);
}

async function totalsAgree(bench: Bench): Promise<void> {
  const rows = await writeRows(bench);
  const now = bench.clock.now();
  const midnight = Date.parse('2026-02-28T00:00:00Z');
  const ranges = [
    [0, now + quarterHourMs],
    [midnight, midnight + 96 * quarterHourMs],
    [midnight + 5 * quarterHourMs, midnight + 101 * quarterHourMs],
    [midnight + 1, now - 12_345_678],
    [midnight, midnight],
  ] as const;
  const groupings: readonly GroupField[][] = [
    [],
    ['model'],
    ['username', 'model'],
    ['day'],
    ['quarterHour', 'provider'],
    ['session', 'purpose', 'key', 'caller', 'project'],
  ];
  for (const [from, to] of ranges) {
    for (const filter of filters) {
      for (const by of groupings) {
        const totals = await bench.ledger.reads.totals({ from, to, filter, by });
        const expected = sums(
          rows.filter((row) => isWithin(row, from, to) && fits(row, filter)),
          by,
        );
        const message = `${from}–${to} ${JSON.stringify(filter)} by ${by}`;
        assert.deepEqual(byGroup(totals), byGroup(expected), message);
      }
    }
  }
}

function byGroup(totals: readonly Totals[]): Totals[] {
  const keyOf = ({ group }: Totals) => JSON.stringify(group);
  return [...totals].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

/** Plain sums, group by group, in a ledger whose days are those of UTC. */
function sums(rows: readonly Entry[], by: readonly GroupField[]): Totals[] {
  const groupOf = (row: Entry) =>
    by.map((field) => {
      if (field === 'day') return new Date(row.at).toISOString().slice(0, 10);
      return field === 'quarterHour' ? String(row.at - (row.at % quarterHourMs)) : row[field];
    });
  const keys = new Set(rows.map((row) => JSON.stringify(groupOf(row))));
  return [...keys].map((key) => {
    const own = rows.filter((row) => JSON.stringify(groupOf(row)) === key);
    const sum = (of: (row: Entry) => number | null) =>
      own.reduce((total, row) => total + BigInt(of(row) ?? 0), 0n);
    const { group, prompt } = { group: JSON.parse(key), prompt: (row: Entry) => promptOf(row) };
    return {
      group,
      calls: sum((row) => row.calls),
      entries: BigInt(own.length),
      input: sum((row) => row.usage.input),
      cacheRead: sum((row) => row.usage.cacheRead),
      cacheWrite: sum(
        (row) => (row.usage.cacheWrite5m ?? 0) + (row.usage.cacheWrite1h ?? 0) + (row.usage.cacheWrite ?? 0),
      ),
      output: sum((row) => row.usage.output),
      reasoning: sum((row) => row.usage.reasoning),
      promptTokens: sum(prompt),
      totalTokens: sum((row) => row.totalTokens ?? wholeOf(row)),
      localPromptTokens: sum((row) => row.localPromptTokens),
      localCompletionTokens: sum((row) => row.localCompletionTokens),
      localTotalTokens: sum((row) => row.localTotalTokens),
      nanocents: own.reduce((total, row) => total + (row.nanocents ?? 0n), 0n),
      executionMicroseconds: sum((row) => row.executionMicroseconds),
      unpricedCalls: sum((row) => (row.nanocents === null ? 1 : 0)),
    };
  });
}

function promptOf({ usage }: Entry): number {
  const parts = [usage.input, usage.cacheRead, usage.cacheWrite5m, usage.cacheWrite1h, usage.cacheWrite];
  return parts.reduce<number>((total, part) => total + (part ?? 0), 0);
}

/** Input and output where both are known; input is known when any kind of it is. */
function wholeOf(row: Entry): number | null {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite, output } = row.usage;
  const known = [input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite].some((part) => part !== null);
  return known && output !== null ? promptOf(row) + output : null;
}

async function reservationsRead(bench: Bench): Promise<void> {
  const { ledger, ids, clock } = bench;
  const { reserve, settle } = requestsFor(ids, clock);
  const holds = [5000, 1000, 3000, 2000].map((ttlMs) => reserve(10n, { username: 'ann' }, { ttlMs }));
  await Promise.all(holds.map((hold) => ledger.write(hold)));
  await ledger.write(settle(holds[3]!.id, 1n));
  assert.equal(await ledger.reads.reservation('00000000-0000-7000-8000-000000000000'), null);
  const first = (await ledger.reads.reservation(holds[0]!.id))!;
  assert.deepEqual(first.held, { cost: 10n });
  assert.deepEqual(first.attributes, { username: 'ann' });
  assert.equal(first.expiresAt, clock.now() + 5000);
  const open = await ledger.reads.openReservations(10);
  assert.deepEqual(new Set(open.map(({ id }) => id)), new Set([0, 1, 2].map((index) => holds[index]!.id)));
  assert.deepEqual((await ledger.reads.dueReservations(10)).ids, []);
  clock.advance(3000);
  const due = await ledger.reads.dueReservations(10);
  assert.deepEqual(due, { now: clock.now(), ids: [holds[1]!.id, holds[2]!.id] });
  assert.deepEqual((await ledger.reads.dueReservations(1)).ids, [holds[1]!.id]);
}
