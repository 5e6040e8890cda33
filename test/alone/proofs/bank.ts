import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expireDue } from '../../../src/core/expire-due.ts';
import { type LedgerService, openLedger } from '../../../src/core/ledger.ts';
import { verify } from '../../../src/core/verify.ts';
import type { Account } from '../../../src/ledger/account.ts';
import { checkLimit, type LimitInput } from '../../../src/limits/parse-limit.ts';
import { openSqlite } from '../../../src/store/sqlite/index.ts';
import { bundleProcess, startChild } from '../processes/child.ts';
import type { TellerOptions } from '../processes/teller.ts';
import { inFolder, type ProofOptions } from './proof.ts';

const tellers = 8;
const callers = 8;
const orphanMs = 300;

/** Too small for what is asked of them; the last one has room for everything, and so counts everything. */
const limits: readonly LimitInput[] = [
  { scope: 'GLOBAL', limitType: 'cost', max: '0.0000002', intervalUnit: 'second', intervalValue: 2 },
  {
    scope: 'USER',
    username: '*',
    limitType: 'cost',
    max: '0.00000006',
    intervalUnit: 'second',
    intervalValue: 2,
  },
  { scope: 'GLOBAL', limitType: 'concurrent_requests', max: '40' },
  { scope: 'MODEL', model: '*', limitType: 'cost', max: '1', intervalUnit: 'lifetime' },
  { scope: 'GLOBAL', limitType: 'cost', max: '1', intervalUnit: 'lifetime' },
];
const [inWindow, ofUser, atOnce, ofModel, ever] = [1, 2, 3, 4, 5];

/**
 * Eight processes on one file, and one that reads all along. Whatever it reads was one moment, and at every one: no limit is
 * exceeded, nothing is negative, and the same money is found however it is added up. Size: seconds.
 */
export async function proveBank({ seed, size }: ProofOptions): Promise<string> {
  return inFolder('bank', async (folder) => {
    const file = join(folder, 'bank.sqlite');
    const script = await bundleProcess('teller', folder);
    const ledger = openLedger(await openSqlite({ file, clock: Date }));
    for (const limit of limits) {
      const draft = checkLimit(limit, { zone: 'UTC' });
      const { outcome } = await ledger.write({ kind: 'setLimit', limit: draft, fromNow: true });
      assert.equal(outcome, 'ruled');
    }
    const told = { settled: 0n, calls: 0, refused: 0 };
    const children = Array.from({ length: tellers }, (_, index) => {
      const common = { file, callers, records: false, pauseMs: 1, orphanMs, milliseconds: size * 1000 };
      const options: TellerOptions = { ...common, run: String(index), seed: seed + index };
      return startChild(script, [JSON.stringify(options)], { hear: (line) => take(line, told) });
    });
    const audit = await auditUntil(Promise.all(children.map((child) => child.ended())), ledger);
    await sleep(orphanMs);
    await expireDue(ledger);
    const end = await auditNow(ledger);
    assert.equal(end.reserved, 0n, 'everything is over');
    assert.ok(end.settled >= told.settled, `${end.settled} booked, ${told.settled} acknowledged`);
    const { differences, lines } = await verify(ledger.reads);
    assert.deepEqual(differences, []);
    await ledger.close();
    assert.ok(
      told.refused > 0 && told.calls > 0 && audit.reads > size,
      'limits were met, and read meanwhile',
    );
    return (
      `${tellers} processes, ${told.calls} calls and ${told.refused} refusals in ${size} s, ${lines} journal lines; read ` +
      `${audit.reads} times meanwhile, at most ${audit.fullest} of ${audit.room} in a window; balanced`
    );
  });
}

function take(line: string, told: { settled: bigint; calls: number; refused: number }): void {
  const [what, , amount = '0'] = line.split(' ');
  if (what === 'settled') {
    told.settled += BigInt(amount);
    told.calls += 1;
  }
  if (what === 'refused') told.refused += Number(amount);
}

async function auditUntil(done: Promise<unknown>, ledger: LedgerService) {
  let isDone = false;
  let reads = 0;
  let fullest = 0n;
  let last = 0n;
  const ended = done.finally(() => (isDone = true));
  // Thrown again below; until then it is not unheard.
  ended.catch(() => {});
  while (!isDone) {
    const found = await auditNow(ledger);
    assert.ok(found.settled >= last, 'what is booked stays booked');
    last = found.settled;
    if (found.fullest > fullest) fullest = found.fullest;
    reads += 1;
    await sleep(20);
  }
  await ended;
  const { limits: rules } = await ledger.reads.limits();
  return { reads, fullest, room: rules.find(({ id }) => id === inWindow)!.max };
}

/** One moment of the books, added up in every way there is. */
async function auditNow(ledger: LedgerService) {
  const view = await ledger.view!();
  try {
    const { reads } = view;
    const accounts = await reads.scanAccounts(null, 100_000);
    const maximums = new Map((await reads.limits()).limits.map((limit) => [limit.id, limit.max]));
    for (const { limitId, settled, reserved, subject } of accounts) {
      const name = `limit ${limitId} ${JSON.stringify(subject)}: ${settled} + ${reserved}`;
      assert.ok(settled >= 0n && reserved >= 0n, name);
      assert.ok(settled + reserved <= maximums.get(limitId)!, `${name} of ${maximums.get(limitId)}`);
    }
    const of = (limitId: number) => accounts.filter((account) => account.limitId === limitId);
    const whole = sum(of(ever!));
    assert.deepEqual(sum(of(inWindow!)), whole, 'windows and lifetime');
    assert.deepEqual(sum(of(ofUser!)), whole, 'users and all');
    assert.deepEqual(sum(of(ofModel!)), whole, 'models and all');
    const [totals] = await reads.totals({ from: 0, to: 1e14, filter: {}, by: [] });
    assert.equal(totals?.nanocents ?? 0n, whole.settled, 'usage rows and balances');
    const open = await reads.openReservations(100_000);
    assert.equal(
      open.reduce((total, one) => total + (one.held.cost ?? 0n), 0n),
      whole.reserved,
      'open holds and balances',
    );
    assert.equal(BigInt(open.length), sum(of(atOnce!)).reserved, 'slots');
    const fullest = of(inWindow!).reduce((most, one) => {
      const used = one.settled + one.reserved;
      return used > most ? used : most;
    }, 0n);
    return { ...whole, fullest };
  } finally {
    await view.close();
  }
}

function sum(accounts: readonly Account[]): { readonly settled: bigint; readonly reserved: bigint } {
  const add = (field: 'settled' | 'reserved') => accounts.reduce((total, one) => total + one[field], 0n);
  return { settled: add('settled'), reserved: add('reserved') };
}
