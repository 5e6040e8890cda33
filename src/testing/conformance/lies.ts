import assert from 'node:assert/strict';
import type { StoreReads } from '../../core/ledger.ts';
import { verify } from '../../core/verify.ts';
import { encodeLine, type JournalLine, linkHash } from '../../ledger/journal.ts';
import { readBooks } from '../laws.ts';
import { costLimit, requestsFor } from '../requests.ts';
import type { Bench, Trial } from './trial.ts';

/**
 * Tampering as `verify` would meet it: every read of the store is passed on but for one lie. What can be changed
 * behind a store's back shows itself in its reads, so that one list of lies serves every store.
 */
export const lies: readonly Trial[] = [
  { name: 'verify sees any flipped byte of the journal', play: seesFlippedBytes },
  { name: 'verify sees dropped, swapped, repeated and inserted lines', play: seesMovedLines },
  { name: 'verify sees links and heads that do not follow', play: seesForgedLinks },
  { name: 'verify sees balances that the journal does not explain', play: seesForgedBalances },
  { name: 'verify sees holds that the journal does not explain', play: seesForgedHolds },
  { name: 'verify sees usage rows changed, missing or added', play: seesForgedRows },
  { name: 'verify sees limits changed beside the journal', play: seesForgedLimits },
];

/** Books with every kind of line. */
async function fill({ ledger, ids, clock }: Bench): Promise<StoreReads> {
  const { reserve, settle, record } = requestsFor(ids, clock);
  await ledger.write(costLimit(1000n));
  await ledger.write(costLimit(400n, 'username'));
  const [open, settled, expired, voided] = [1n, 2n, 3n, 4n].map((n) =>
    reserve(n * 10n, { username: `user-${n}` }, { ttlMs: n === 3n ? 1000 : 600_000 }),
  );
  for (const hold of [open, settled, expired, voided]) await ledger.write(hold!);
  await Promise.all([
    ledger.write(settle(settled!.id, 25n)),
    ledger.write({ kind: 'void', id: voided!.id, keep: {} }),
    ledger.write(record(9n, { username: 'user-1' })),
  ]);
  clock.advance(1000);
  await ledger.write({ kind: 'expire', id: expired!.id });
  await ledger.write(settle(expired!.id, 5n));
  assert.deepEqual((await verify(ledger.reads)).differences, []);
  return ledger.reads;
}

function lying(reads: StoreReads, lie: Partial<StoreReads>): StoreReads {
  return new Proxy(reads, {
    get(target, name) {
      const own = lie[name as keyof StoreReads] ?? target[name as keyof StoreReads];
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}

async function assertSeen(reads: StoreReads, lie: Partial<StoreReads>, what: string): Promise<void> {
  const { balanced, differences } = await verify(lying(reads, lie));
  assert.ok(!balanced && differences.length > 0, `verify sees ${what}`);
}

async function allLines(reads: StoreReads): Promise<string[]> {
  return [...(await reads.lines({ chain: 1, position: 0 }, 1000))];
}

/** Serves other bodies in place of the stored ones. */
function servingLines(bodies: readonly string[]): Partial<StoreReads> {
  return {
    lines: async ({ position }, limit) => bodies.slice(position, position + limit),
    line: async ({ position }) => bodies[position - 1] ?? null,
  };
}

async function seesFlippedBytes(bench: Bench): Promise<void> {
  const reads = await fill(bench);
  const bodies = await allLines(reads);
  for (const [index, body] of bodies.entries()) {
    for (let at = 0; at < body.length; at += 7) {
      const flipped = String.fromCharCode(body.charCodeAt(at) ^ 1);
      const forged = bodies.with(index, body.slice(0, at) + flipped + body.slice(at + 1));
      await assertSeen(reads, servingLines(forged), `byte ${at} of line ${index + 1}`);
    }
  }
}

async function seesMovedLines(bench: Bench): Promise<void> {
  const reads = await fill(bench);
  const bodies = await allLines(reads);
  for (let index = 0; index < bodies.length; index++) {
    const next = (index + 1) % bodies.length;
    const swapped = bodies.with(index, bodies[next]!).with(next, bodies[index]!);
    await assertSeen(reads, servingLines(swapped), `lines ${index + 1} and ${next + 1} swapped`);
    await assertSeen(reads, servingLines(bodies.toSpliced(index, 1)), `line ${index + 1} dropped`);
    await assertSeen(
      reads,
      servingLines(bodies.toSpliced(index, 0, bodies[index]!)),
      `line ${index + 1} twice`,
    );
  }
  await assertSeen(reads, servingLines([...bodies, bodies[0]!]), 'a line added at the end');
}

async function seesForgedLinks(bench: Bench): Promise<void> {
  const reads = await fill(bench);
  const links = await reads.links({ chain: 1, number: 0 }, 1000);
  const [head] = await reads.chainHeads();
  const serving = (forged: typeof links) => ({
    links: async (after: { number: number }, limit: number) =>
      forged.slice(after.number, after.number + limit),
  });
  for (const [index, link] of links.entries()) {
    const hash = link.hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    await assertSeen(reads, serving(links.with(index, { ...link, hash })), `link ${link.number}'s hash`);
    await assertSeen(
      reads,
      serving(links.with(index, { ...link, at: link.at + 1 })),
      `link ${link.number}'s time`,
    );
  }
  await assertSeen(reads, serving(links.slice(0, -1)), 'the last link dropped');
  await assertSeen(reads, serving(links.slice(1)), 'the first link dropped');
  const cut = {
    ...head!,
    number: head!.number - 1,
    position: links.at(-1)!.firstPosition - 1,
    hash: links.at(-2)!.hash,
  };
  await assertSeen(
    reads,
    { chainHeads: async () => [cut], ...serving(links.slice(0, -1)) },
    'the last batch cut off',
  );
  await assertSeen(reads, { chainHeads: async () => [{ ...head!, hash: '0'.repeat(64) }] }, 'a forged head');
  // A whole chain written anew, consistent in itself, still has to explain the balances.
  const bodies = (await allLines(reads)).slice(0, 1);
  const at = links[0]!.at;
  const previous = '0'.repeat(64);
  const hash = linkHash(1, 1, previous, at, bodies);
  const link = { chain: 1, number: 1, firstPosition: 1, lastPosition: 1, at, previous, hash };
  const rewritten = {
    chainHeads: async () => [{ chain: 1, number: 1, position: 1, hash, at }],
    ...serving([link]),
  };
  await assertSeen(reads, { ...rewritten, ...servingLines(bodies) }, 'a chain written anew');
}

async function seesForgedBalances(bench: Bench): Promise<void> {
  const reads = await fill(bench);
  const accounts = await reads.scanAccounts(null, 1000);
  const serving = (forged: typeof accounts) => ({ scanAccounts: async () => forged });
  for (const [index, account] of accounts.entries()) {
    const { settled, reserved, limitId } = account;
    const changed = (more: object) => serving(accounts.with(index, { ...account, ...more }));
    await assertSeen(reads, changed({ settled: settled + 1n }), `limit ${limitId} settled one more`);
    await assertSeen(reads, changed({ settled: settled - 1n }), `limit ${limitId} settled one less`);
    await assertSeen(reads, changed({ reserved: reserved + 1n }), `limit ${limitId} reserved one more`);
    if (settled === 0n && reserved === 0n) continue;
    await assertSeen(reads, serving(accounts.toSpliced(index, 1)), `limit ${limitId}'s account missing`);
  }
  const stranger = { ...accounts[0]!, key: 'f'.repeat(32), settled: 1n };
  await assertSeen(reads, serving([...accounts, stranger]), 'an account that nobody made');
}

async function seesForgedHolds(bench: Bench): Promise<void> {
  const reads = await fill(bench);
  const rows = await reads.scanReservations(null, 1000);
  const serving = (forged: typeof rows) => ({ scanReservations: async () => forged });
  for (const [index, row] of rows.entries()) {
    const changed = (more: Partial<typeof row>) => serving(rows.with(index, { ...row, ...more }));
    const { state } = row;
    const other = state === 'open' ? 'settled' : 'open';
    await assertSeen(reads, changed({ state: other }), `a ${state} hold called ${other}`);
    await assertSeen(
      reads,
      changed({ held: { cost: (row.held.cost ?? 0n) + 1n } }),
      `a ${state} hold of one more`,
    );
    await assertSeen(
      reads,
      changed({ posted: { cost: (row.posted.cost ?? 0n) + 1n } }),
      `a ${state} hold posting one more`,
    );
    await assertSeen(reads, changed({ lastLine: null }), `a ${state} hold without its line`);
    if (state === 'open') await assertSeen(reads, serving(rows.toSpliced(index, 1)), 'an open hold missing');
  }
}

async function seesForgedRows(bench: Bench): Promise<void> {
  const reads = await fill(bench);
  const { entries } = await readBooks(reads);
  for (const row of entries) {
    const serving = (change: (entry: typeof row) => typeof row | []) => ({
      entriesById: async (ids: readonly string[]) =>
        (await reads.entriesById(ids)).flatMap((entry) => (entry.id === row.id ? change(entry) : entry)),
    });
    const changed = (more: Partial<typeof row>) => serving((entry) => ({ ...entry, ...more }));
    await assertSeen(reads, changed({ nanocents: (row.nanocents ?? 0n) - 1n }), 'a row one cheaper');
    await assertSeen(reads, changed({ nanocents: null }), 'a row without its price');
    await assertSeen(reads, changed({ username: 'someone-else' }), 'a row of someone else');
    await assertSeen(reads, changed({ at: row.at - 86_400_000 }), 'a row of the day before');
    await assertSeen(reads, changed({ usage: { ...row.usage, input: 1 } }), 'a row with another count');
    await assertSeen(reads, changed({ tags: { team: 'other' } }), 'a row with another tag');
    await assertSeen(reads, changed({ calls: row.calls === 1 ? 0 : 1 }), 'a row counted otherwise');
    await assertSeen(
      reads,
      serving(() => []),
      'a row missing',
    );
  }
  const count = await reads.countEntries();
  await assertSeen(reads, { countEntries: async () => count + 1 }, 'a row that nobody booked');
}

async function seesForgedLimits(bench: Bench): Promise<void> {
  const reads = await fill(bench);
  const { version, limits } = await reads.limits();
  const serving = (forged: typeof limits) => ({ limits: async () => ({ version, limits: forged }) });
  for (const [index, limit] of limits.entries()) {
    await assertSeen(
      reads,
      serving(limits.with(index, { ...limit, max: limit.max + 1n })),
      'a higher maximum',
    );
    await assertSeen(reads, serving(limits.with(index, { ...limit, endedAt: 1 })), 'a limit ended silently');
    await assertSeen(reads, serving(limits.toSpliced(index, 1)), 'a limit missing');
  }
  const stranger = { ...limits[0]!, id: 77 };
  await assertSeen(reads, serving([...limits, stranger]), 'a limit that nobody set');
  const lines = await allLines(reads);
  const extra: JournalLine = {
    chain: 1,
    position: lines.length + 1,
    at: 0,
    kind: 'limit',
    reservationId: null,
    previous: null,
    entryId: null,
    entryAt: null,
    digest: null,
    amount: 0n,
    held: 0n,
    unadmitted: 0n,
    legs: [],
    note: { limitId: 1, maximum: '9', ended: 0 },
  };
  await assertSeen(reads, servingLines([...lines, encodeLine(extra)]), 'a line of a limit slipped in');
}
