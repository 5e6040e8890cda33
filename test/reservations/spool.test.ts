import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import type { EndingRequest } from '../../src/core/ending.ts';
import { asideFilesMax } from '../../src/core/spool.ts';
import { NanocentError } from '../../src/errors/error.ts';
import { createMeter } from '../../src/meter/meter.ts';
import { newFolder, openSwitched } from './away.ts';
import { answer, begin, complete, mini, miniWorst, prompt, proveBalanced } from './calls.ts';

const reopen = (file: string) => openBooks({ store: file, environment: {} });
const code = (expected: string) => (error: unknown) => NanocentError.is(error) && error.code === expected;
const posix = process.platform !== 'win32';

test('the store goes away during a call: its end is on disk before finish resolves, and booked when it is back', async (t) => {
  const on = await openSwitched(join(newFolder(t), 'a.sqlite'));
  const call = await begin(on.books, mini);
  call.chunk(answer(100, 50));
  on.away = true;
  assert.deepEqual(await call.finish(complete), {
    outcome: 'spooled',
    callId: call.id,
    nanocents: 4_500_000n,
  });
  const [name] = readdirSync(on.spool);
  if (posix) {
    assert.equal(statSync(on.spool).mode & 0o777, 0o700);
    assert.equal(statSync(join(on.spool, name!)).mode & 0o777, 0o600);
  }
  assert.equal((await on.books.tail()).length, 0);
  on.away = false;
  await on.books.close();

  const books = await reopen(on.file);
  const [entry] = await books.tail();
  assert.deepEqual(
    [entry?.nanocents, entry?.basis, entry?.reservationId, entry?.usage.input],
    [4_500_000n, 'provider', call.id, 100],
  );
  assert.equal((await books.reads.reservation(call.id))?.state, 'settled');
  assert.deepEqual(readdirSync(on.spool), []);
  await proveBalanced(books);
  await books.close();
});

test('at reserve with the store away nothing is held, and nothing may be called', async (t) => {
  const on = await openSwitched(join(newFolder(t), 'a.sqlite'));
  on.away = true;
  await assert.rejects(createMeter(on.books.context).begin(mini), code('store_unreachable'));
  await assert.rejects(on.books.reserve({ model: 'm', nanocents: 1n }), code('store_unreachable'));
  await assert.rejects(on.books.scope({ usd: 1 }), code('store_unreachable'));
  await on.books.close();
});

test('replaying the same file twice, or by two processes at once, books once', async (t) => {
  const on = await openSwitched(join(newFolder(t), 'a.sqlite'));
  const { books } = on;
  await books.limits.set({ scope: 'GLOBAL', limitType: 'cost', max: '5', intervalUnit: 'day' });
  const scope = await books.scope({ usd: 1 });
  const calls = await Promise.all([
    begin(books, mini),
    begin(books, mini, { scope }),
    begin(books, mini, { scope }),
  ]);
  on.away = true;
  for (const call of calls) call.chunk(answer(100, 50));
  await Promise.all(calls.map((call) => call.finish(complete)));
  assert.equal((await scope.end()).outcome, 'spooled');
  const [name] = readdirSync(on.spool);
  const bytes = readFileSync(join(on.spool, name!));
  on.away = false;
  const { spool, ledger } = books.context;
  assert.equal(await spool!.replay(ledger), 4);
  for (const copy of ['1', '2']) writeFileSync(join(on.spool, `copy${copy}.spool`), bytes);
  assert.equal(await spool!.replay(ledger), 8);
  assert.deepEqual(
    (await books.tail(10)).map(({ nanocents }) => nanocents),
    [4_500_000n, 4_500_000n, 4_500_000n],
  );
  const [state] = await books.limitStates();
  assert.deepEqual([state?.used, state?.held], [13_500_000n, 0n]);
  await proveBalanced(books);
  await books.close();
});

test('a torn tail is cut and a damaged frame left out: both are kept aside, the others are booked', async (t) => {
  const on = await openSwitched(join(newFolder(t), 'a.sqlite'));
  const calls = [await begin(on.books, mini), await begin(on.books, mini), await begin(on.books, mini)];
  on.away = true;
  for (const call of calls) {
    call.chunk(answer(100, 50));
    await call.finish(complete);
  }
  const path = join(on.spool, readdirSync(on.spool)[0]!);
  const bytes = readFileSync(path);
  bytes[bytes.indexOf(calls[1]!.id)]! ^= 1;
  writeFileSync(path, bytes);
  appendFileSync(path, 'NCs1 torn');
  on.away = false;
  await on.books.close();

  const books = await reopen(on.file);
  const states = await Promise.all(calls.map(({ id }) => books.reads.reservation(id)));
  assert.deepEqual(
    states.map((row) => row?.state),
    ['settled', 'open', 'settled'],
  );
  assert.deepEqual(books.context.spool?.state, {
    folder: on.spool,
    endings: 0,
    bytes: 0,
    oldestAt: null,
    aside: 2,
  });
  await proveBalanced(books);
  await books.close();
});

test('what the ledger will not book, and what is another ledger’s, is kept aside with its answer', async (t) => {
  const folder = newFolder(t);
  const on = await openSwitched(join(folder, 'a.sqlite'));
  const held = await on.books.reserve({ model: 'm', nanocents: 10n });
  assert.ok(held.outcome === 'reserved');
  on.away = true;
  await assert.rejects(on.books.settle(held.reservation.id, { nanocents: 7n }), code('store_spooled'));
  on.away = false;
  await on.books.settle(held.reservation.id, { nanocents: 8n });
  assert.equal(await on.books.context.spool!.replay(on.books.context.ledger), 0);
  const aside = join(on.spool, 'aside');
  const [refused] = readdirSync(aside);
  assert.match(readFileSync(join(aside, refused!), 'utf8'), /reservation_already_settled.*"cost":"7"/);
  await on.books.close();
});

test('a call outside the ledger’s reach for too long, or too many: nothing new is admitted until it is booked', async (t) => {
  const bounds = { admitEndingsMax: 1, admitAgeMs: 60_000 };
  const on = await openSwitched(join(newFolder(t), 'a.sqlite'), { spool: bounds });
  const { books } = on;
  const calls = [await begin(books, mini), await begin(books, mini)];
  on.away = true;
  for (const [index, call] of calls.entries()) {
    call.chunk(answer(100, 50));
    await call.finish(complete);
    if (index === 0) books.context.spool!.admit();
  }
  on.away = false;
  await assert.rejects(createMeter(books.context).begin(mini), code('spool_behind'));
  await assert.rejects(books.reserve({ model: 'm', nanocents: 1n }), code('spool_behind'));
  await assert.rejects(books.scope({ usd: 1 }), code('spool_behind'));
  await books.context.spool!.replay(books.context.ledger);
  await begin(books, mini);
  await books.close();
});

test('neither the store nor the spool takes it: said loudly, with the amount and what to do', async (t) => {
  const folder = newFolder(t);
  const on = await openSwitched(join(folder, 'a.sqlite'));
  // A file stands where the folder would be: as where the disk is read-only.
  writeFileSync(on.spool, '');
  const told: (readonly [EndingRequest, unknown])[] = [];
  const meter = createMeter(on.books.context, {
    settlePausesMs: [],
    onUnsettled: (request, error) => told.push([request, error]),
  });
  const begun = await meter.begin(mini);
  assert.ok(begun.outcome === 'held');
  begun.call.chunk(answer(100, 50));
  on.away = true;
  const booked = await begun.call.finish(complete);
  assert.equal(booked.outcome, 'unsettled');
  const [[request, error]] = told as [(typeof told)[0]];
  assert.ok(NanocentError.is(error) && error.code === 'spool_failed');
  assert.match(error.message, /4500000 nanocents \(\$0\.000045\).*is not booked/);
  assert.match(error.fix!, new RegExp(`nanocent settle ${begun.call.id} --nanocents 4500000`));
  assert.equal(error.data.nanocents, '4500000');
  // What was handed over can still be booked.
  on.away = false;
  assert.equal((await on.books.context.ledger.write(request)).outcome, 'settled');
  await on.books.close();
});

test('a full spool keeps no more, and says so', async (t) => {
  const on = await openSwitched(join(newFolder(t), 'a.sqlite'), { spool: { endingsMax: 1 } });
  const calls = [await begin(on.books, mini), await begin(on.books, mini)];
  on.away = true;
  const outcomes: string[] = [];
  for (const call of calls) {
    call.chunk(answer(100, 50));
    outcomes.push((await call.finish(complete)).outcome);
  }
  assert.deepEqual(outcomes, ['spooled', 'unsettled']);
  on.away = false;
  await on.books.close();
});

test('a hold that ran out meanwhile: the spooled end corrects the charge, and a void gives it back', async (t) => {
  const on = await openSwitched(join(newFolder(t), 'a.sqlite'));
  const { books } = on;
  const [spent, never] = [await begin(books, mini), await begin(books, mini)];
  on.away = true;
  spent.chunk(answer(100, 50));
  await spent.finish(complete);
  await never.finish({ ended: 'error', sent: false, httpStatus: null, streamed: false });
  on.away = false;
  (books.context.clock as unknown as { advance(ms: number): void }).advance(700_000);
  assert.equal(await books.expireDue(), 2);
  assert.equal(
    (await books.tail(10)).reduce((sum, row) => sum + row.nanocents!, 0n),
    2n * miniWorst,
  );
  await books.context.spool!.replay(books.context.ledger);
  assert.equal(
    (await books.tail(10)).reduce((sum, row) => sum + row.nanocents!, 0n),
    4_500_000n,
  );
  await proveBalanced(books);
  await books.close();
});

test('a charge whose store goes away after its hold is kept; the message says so', async (t) => {
  const prices = { models: [{ model: 'searcher', rates: { search: '5000' } }] };
  const on = await openSwitched(join(newFolder(t), 'a.sqlite'), { prices });
  const { ledger } = on.books.context;
  const write = ledger.write.bind(ledger);
  (ledger as { write: typeof write }).write = async (request) => {
    if (request.kind === 'settle') on.away = true;
    return write(request);
  };
  await assert.rejects(
    on.books.charge({ model: 'searcher', unit: 'search', quantity: 1 }),
    code('store_spooled'),
  );
  on.away = false;
  (ledger as { write: typeof write }).write = write;
  assert.equal(await on.books.context.spool!.replay(ledger), 1);
  assert.equal((await on.books.tail())[0]?.nanocents, 500_000_000n);
  await on.books.close();
});

test('the folder for inspection is bounded: what finds no room there stays where it is', async (t) => {
  const on = await openSwitched(join(newFolder(t), 'a.sqlite'));
  const aside = join(on.spool, 'aside');
  mkdirSync(aside, { recursive: true });
  for (let index = 0; index < asideFilesMax; index++) writeFileSync(join(aside, `${index}.damaged`), '');
  writeFileSync(join(on.spool, 'x.spool'), 'nothing that can be read');
  await on.books.context.spool!.replay(on.books.context.ledger);
  assert.deepEqual(
    readdirSync(on.spool).filter((name) => name !== 'aside'),
    ['x.replaying'],
  );
  await prompt(on.books, [1, 1]);
  await on.books.close();
});

test('a prompt in a scope that nothing takes is handed over as what it is, and can be booked later', async (t) => {
  const on = await openSwitched(join(newFolder(t), 'a.sqlite'), { spool: { endingsMax: 0 } });
  const told: EndingRequest[] = [];
  const meter = createMeter(on.books.context, {
    settlePausesMs: [],
    onUnsettled: (request, error) => {
      told.push(request);
      assert.match((error as NanocentError).fix!, /nanocent track --model gpt-4o-mini --cost 0\.000045$/);
    },
  });
  const scope = await on.books.scope({ usd: 1 });
  const begun = await meter.begin(mini, { scope });
  assert.ok(begun.outcome === 'held');
  begun.call.chunk(answer(100, 50));
  on.away = true;
  assert.equal((await begun.call.finish(complete)).outcome, 'unsettled');
  on.away = false;
  assert.equal((await on.books.context.ledger.write(told[0]!)).outcome, 'captured');
  await prompt(on.books, [100, 50], { scope });
  await scope.end();
  assert.equal((await on.books.reads.reservation(scope.id))?.posted.cost, 9_000_000n);
  await proveBalanced(on.books);
  await on.books.close();
});
