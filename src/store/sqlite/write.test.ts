import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { NanocentError } from '../../errors/error.ts';
import { accountKey } from '../../ledger/account.ts';
import { genesisHash } from '../../ledger/journal.ts';
import type { Reservation } from '../../ledger/reservation.ts';
import type { Limit } from '../../limits/limit.ts';
import { entryDraft } from '../../testing/drafts.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import { writeByHand } from '../../testing/plan-machine.ts';
import { seededIds } from '../../testing/seeded.ts';
import type { Entry } from '../entry.ts';
import type { EntryPage } from '../query.ts';
import { decodeLimit } from '../row-codecs.ts';
import { openSqlite } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'nanocent-write-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const clock = fakeClock('2026-03-01T10:00:00Z');
let files = 0;
const open = () => openSqlite({ file: join(folder, `${files++}.sqlite`), clock });
const ids = seededIds();

const highest = 2n ** 63n - 1n;
const lowest = -(2n ** 63n);
const beyondDouble = 2n ** 53n + 1n;

const plain = (more: Partial<Entry> = {}): Entry => ({
  ...entryDraft({}, { id: ids.uuid(), at: clock.now(), salt: ids.salt() }),
  recordedAt: clock.now(),
  ...more,
});

const account = (limitId: number, subject = {}, windowStart = 0) => ({
  key: accountKey(limitId, subject, windowStart),
  limitId,
  subject,
  measure: 'cost',
  windowStart,
  windowEnd: windowStart === 0 ? null : windowStart + 60_000,
});

const reservation = (more: Partial<Reservation> = {}): Reservation => ({
  id: ids.uuid(),
  state: 'open',
  attributes: { model: 'gpt-4o' },
  admitted: { cost: 10n },
  held: { cost: 10n },
  posted: {},
  atEnd: {},
  settledWith: null,
  holds: [],
  onExpire: 'charge',
  createdAt: clock.now(),
  expiresAt: clock.now() + 1000,
  endedAt: null,
  fence: 1,
  lastLine: null,
  draft: null,
  ...more,
});

const limit = (more: Partial<Limit> = {}): Limit => ({
  id: 1,
  kind: 'limit',
  scope: 'USER',
  type: 'cost',
  max: 5n,
  window: { kind: 'calendar', unit: 'day', count: 1, zone: 'Europe/Berlin' },
  selector: { username: '*', tag: 'team=a' },
  enforcement: 'soft',
  thresholds: [50, 80],
  source: 'file',
  file: null,
  raises: [],
  grants: [],
  createdAt: 1,
  endedAt: null,
  ...more,
});

test('accounts: inserted, changed, left out while zero', async () => {
  const store = await open();
  const [a, b, c] = [account(1), account(2, { username: 'zoë 🦊' }, 60_000), account(3)];
  const first = await writeByHand(store, {
    accounts: [a, b, c],
    plan: () => ({
      accounts: [
        { ...a, settled: highest, reserved: lowest },
        { ...b, settled: beyondDouble, reserved: 0n },
        { ...c, settled: 0n, reserved: 0n },
      ],
    }),
  });
  assert.deepEqual(
    [...first.held.accounts.values()],
    [a, b, c].map((name) => ({ ...name, settled: 0n, reserved: 0n })),
  );
  const rows = [
    { ...a, settled: highest, reserved: lowest },
    { ...b, settled: beyondDouble, reserved: 0n },
  ];
  assert.deepEqual(await store.accounts([a.key, b.key, c.key]), rows);
  const second = await writeByHand(store, {
    accounts: [b, c],
    plan: () => ({ accounts: [{ ...b, settled: 0n, reserved: 1n }] }),
  });
  assert.deepEqual(second.held.accounts.get(b.key), rows[1]);
  assert.deepEqual(await store.accounts([b.key]), [{ ...b, settled: 0n, reserved: 1n }]);
  const byKey = [a.key, b.key].sort();
  assert.deepEqual(
    (await store.scanAccounts(null, 10)).map(({ key }) => key),
    byKey,
  );
  assert.deepEqual(
    (await store.scanAccounts(byKey[0]!, 10)).map(({ key }) => key),
    byKey.slice(1),
  );
  await store.close();
});

test('an account outside the named ones, as a new limit opens it, is written over what is there', async () => {
  const store = await open();
  const row = { ...account(1), settled: 4n, reserved: 0n };
  await writeByHand(store, { plan: () => ({ accounts: [row] }) });
  await writeByHand(store, { plan: () => ({ accounts: [{ ...row, settled: 9n }] }) });
  assert.deepEqual(await store.accounts([row.key]), [{ ...row, settled: 9n }]);
  await store.close();
});

test('reservations: every field, in every state, and the open ones by deadline', async () => {
  const store = await open();
  const full = reservation({
    state: 'settled_late',
    attributes: { username: 'ü', 'tag:team': 'a' },
    admitted: { cost: highest, requests: 1n },
    held: { cost: lowest },
    posted: { cost: beyondDouble },
    atEnd: { cost: -1n },
    settledWith: { cost: 0n },
    holds: [
      {
        account: account(1, { username: 'ü' }, 60_000),
        held: highest,
        posted: lowest,
        atEnd: beyondDouble,
        role: 'hold',
      },
    ],
    onExpire: 'release',
    endedAt: 77,
    fence: 12,
    lastLine: { chain: 1, position: 9 },
    draft: '{"entry":"é\\u0000"}',
  });
  const [late, soon] = [
    reservation({ expiresAt: clock.now() + 2 }),
    reservation({ expiresAt: clock.now() + 1 }),
  ];
  const rows = [full, late, soon];
  await writeByHand(store, { plan: () => ({ reservations: rows.map((row) => ({ row, isNew: true })) }) });
  for (const row of rows) assert.deepEqual(await store.reservation(row.id), row);
  assert.deepEqual(await store.scanReservations(null, 2), [full, late]);
  assert.deepEqual(await store.scanReservations(late.id, 2), [soon]);
  assert.deepEqual(await store.openReservations(10), [soon, late]);
  assert.deepEqual(await store.dueReservations(10), { now: clock.now(), ids: [] });
  clock.advance(1);
  assert.deepEqual(await store.dueReservations(10), { now: clock.now(), ids: [soon.id] });
  clock.advance(1);
  assert.deepEqual((await store.dueReservations(1)).ids, [soon.id]);
  const ended: Reservation = { ...soon, state: 'settled', endedAt: clock.now(), held: { cost: 0n } };
  await writeByHand(store, { plan: () => ({ reservations: [{ row: ended, isNew: false }] }) });
  assert.deepEqual(await store.reservation(soon.id), ended);
  assert.deepEqual((await store.dueReservations(10)).ids, [late.id]);
  await store.close();
});

test('ids that are no ids of ours find nothing', async () => {
  const store = await open();
  const { id } = reservation();
  for (const strange of ['', 'r1', id.toUpperCase(), `${id}0`, 'zz', "' OR 1=1 --"]) {
    assert.equal(await store.reservation(strange), null);
    assert.equal(await store.entry(strange), null);
    const page = await store.entries({ filter: {}, from: null, to: null, limit: 5, reservationId: strange });
    assert.deepEqual(page, { entries: [], next: null });
    const { head } = await writeByHand(store, { names: { reservations: [strange] } });
    assert.equal(head.reservations.size, 0);
  }
  await store.close();
});

test('a batch loads what it names: keys, reservations, and all open ones where limits change', async () => {
  const store = await open();
  const [open1, open2, done] = [reservation(), reservation(), reservation({ state: 'voided' })];
  const row = { name: 'ab'.repeat(32), fingerprint: '1:ü', answer: '{"id":"x"}', at: 5 };
  await writeByHand(store, {
    plan: () => ({
      reservations: [open1, open2, done].map((one) => ({ row: one, isNew: true })),
      idempotency: [row],
    }),
  });
  const named = await writeByHand(store, {
    names: { idempotency: [row.name, 'cd'.repeat(32)], reservations: [done.id, open1.id] },
  });
  assert.deepEqual([...named.head.idempotency], [[row.name, row]]);
  assert.deepEqual([...named.head.reservations.keys()], [done.id, open1.id]);
  const all = await writeByHand(store, { names: { changesLimits: true, reservations: [done.id] } });
  assert.deepEqual(new Set(all.head.reservations.keys()), new Set([open1.id, open2.id, done.id]));
  await writeByHand(store, { plan: () => ({ forgets: [row.name] }) });
  const forgotten = await writeByHand(store, { names: { idempotency: [row.name] } });
  assert.equal(forgotten.head.idempotency.size, 0);
  await store.close();
});

test('limits move the version, in every process that shares the file', async () => {
  const store = await open();
  const other = await openSqlite({ file: store.location, clock });
  assert.deepEqual(await other.limits(), { version: 0, limits: [] });
  const [one, two] = [
    limit({ max: beyondDouble }),
    limit({ id: 2, window: { kind: 'none' }, max: -1n, selector: {} }),
  ];
  await writeByHand(store, { plan: () => ({ limits: [one, two] }) });
  const seen = await writeByHand(other, {});
  assert.deepEqual([seen.head.configVersion, seen.head.limits], [1, [one, two]]);
  const ended = { ...one, endedAt: 3, max: highest };
  await writeByHand(other, { plan: () => ({ limits: [ended] }) });
  assert.deepEqual(await store.limits(), { version: 2, limits: [ended, two] });
  await other.close();
  await store.close();
});

test('a limit keeps its raises and grants; one written before there were any is read with none', async () => {
  const store = await open();
  const raises = [{ max: 2n ** 60n, from: 1, until: 2, reason: 'a fair' }];
  const over = { expiresAt: null, createdAt: 1, endedAt: 2, refunded: 2n ** 60n };
  const grant = { id: 1, amount: 2n ** 61n, priority: 3, ...over };
  const full = limit({ kind: 'grants', raises, grants: [{ ...grant, reference: 'order 7' }] });
  await writeByHand(store, { plan: () => ({ limits: [full, limit({ id: 2 })] }) });
  assert.deepEqual((await store.limits()).limits, [full, limit({ id: 2 })]);
  const { kind, file, raises: none, grants, ...old } = limit({ id: 3 });
  assert.deepEqual(decodeLimit(JSON.stringify({ ...old, max: '5' })), limit({ id: 3 }));
});

test('lines and links are kept byte for byte, and the head follows them', async () => {
  const store = await open();
  assert.deepEqual(await store.chainHeads(), [
    { chain: 1, position: 0, number: 0, hash: genesisHash, at: 0 },
  ]);
  await writeByHand(store, { lines: [{ note: { reason: 'ünïcödé  "x"' } }, {}] });
  await writeByHand(store, { lines: [{ kind: 'purge' }] });
  const lines = await store.lines({ chain: 1, position: 0 }, 10);
  assert.match(lines[0]!, /ünïcödé {2}\\"x\\"/);
  assert.equal(await store.line({ chain: 1, position: 1 }), lines[0]);
  assert.equal(await store.line({ chain: 1, position: 4 }), null);
  assert.deepEqual(await store.lines({ chain: 1, position: 1 }, 1), [lines[1]]);
  assert.deepEqual(await store.lines({ chain: 2, position: 0 }, 10), []);
  const [first, second] = await store.links({ chain: 1, number: 0 }, 10);
  assert.deepEqual([first!.firstPosition, first!.lastPosition, first!.previous], [1, 2, genesisHash]);
  assert.deepEqual([second!.number, second!.firstPosition, second!.previous], [2, 3, first!.hash]);
  const head = { chain: 1, position: 3, number: 2, hash: second!.hash, at: clock.now() };
  assert.deepEqual(await store.chainHeads(), [head]);
  assert.deepEqual(await store.links({ chain: 1, number: 2 }, 10), []);
  await store.close();
});

test('the clock never goes behind an earlier batch', async () => {
  const store = await open();
  const before = clock.now();
  await writeByHand(store, { lines: [{}] });
  clock.advance(-3_600_000);
  const { head } = await writeByHand(store, { lines: [{}] });
  assert.equal(head.now, before);
  assert.equal((await store.dueReservations(1)).now, before);
  assert.equal((await store.chainHeads())[0]!.at, before);
  clock.set(before);
  await store.close();
});

test('whatever goes wrong, nothing of the batch is written', async () => {
  const store = await open();
  const broken = new Error('the rules broke');
  const kept = plain();
  await writeByHand(store, { entries: [kept] });
  const before = await store.chainHeads();
  const faults: [string, () => object, RegExp | Error][] = [
    [
      'the machine throws',
      () => {
        throw broken;
      },
      broken,
    ],
    ['a key that is there already', () => ({ entries: [kept] }), /plan_impossible/],
    ['an entry without a line', () => ({ entries: [plain()] }), /plan_impossible/],
    [
      'a reservation that is not there',
      () => ({ reservations: [{ row: reservation(), isNew: false }] }),
      /plan_impossible/,
    ],
    [
      'an amount beyond 64 bits',
      () => ({ accounts: [{ ...account(9), settled: highest + 1n, reserved: 0n }] }),
      /amount_overflow/,
    ],
  ];
  for (const [name, plan, wanted] of faults) {
    const attempt = writeByHand(store, {
      lines: [{ entryId: kept.id }],
      plan: () => ({ limits: [limit()], ...plan() }),
    });
    await assert.rejects(attempt, (error) => {
      if (wanted instanceof Error) assert.equal(error, wanted);
      else assert.match(NanocentError.is(error) ? error.code : String(error), wanted, name);
      return true;
    });
    assert.deepEqual(await store.chainHeads(), before, name);
    assert.deepEqual(await store.limits(), { version: 0, limits: [] }, name);
    assert.equal(await store.countEntries(), 1, name);
    assert.deepEqual(await store.compareRollups(10), [], name);
  }
  await writeByHand(store, { entries: [plain()] });
  assert.equal(await store.countEntries(), 2);
  await store.close();
});

test('pages of entries: newest first, ties by id, no row twice or never', async () => {
  const store = await open();
  const at = clock.now();
  const held = ids.uuid();
  const rows = [5, 3, 3, 3, 1].map((offset, index) =>
    plain({
      at: at + offset,
      model: index % 2 ? 'b' : 'a',
      username: index === 4 ? null : 'u',
      reservationId: index === 1 ? held : null,
      callId: `call-${index}`,
    }),
  );
  await writeByHand(store, { entries: rows });
  const wanted = [rows[0], rows[3], rows[2], rows[1], rows[4]].map((row) => row!.id);
  const seen: string[] = [];
  let cursor: { before?: { at: number; id: string } } | null = {};
  while (cursor !== null) {
    const page: EntryPage = await store.entries({ filter: {}, from: null, to: null, limit: 2, ...cursor });
    seen.push(...page.entries.map(({ id }) => id));
    cursor = page.next && { before: page.next };
  }
  assert.deepEqual(seen, wanted);
  const idsOf = async (query: object) =>
    (await store.entries({ filter: {}, from: null, to: null, limit: 10, ...query })).entries.map(
      ({ id }) => id,
    );
  assert.deepEqual(await idsOf({ filter: { model: 'b' } }), [rows[3]!.id, rows[1]!.id]);
  assert.deepEqual(await idsOf({ filter: { username: null } }), [rows[4]!.id]);
  assert.deepEqual(await idsOf({ from: at + 3, to: at + 5 }), [rows[3]!.id, rows[2]!.id, rows[1]!.id]);
  assert.deepEqual(await idsOf({ callId: 'call-2' }), [rows[2]!.id]);
  assert.deepEqual(await idsOf({ reservationId: held }), [rows[1]!.id]);
  await store.close();
});
