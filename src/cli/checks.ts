import type { Books } from '../books/books.ts';
import { prunableAccounts } from '../core/prune.ts';
import { NanocentError } from '../errors/error.ts';
import type { Inspection } from '../store/port.ts';
import { formatInstant } from '../time/index.ts';
import { exitCodeOf, exitCodes } from './exit-code.ts';
import { commandPrices } from './prices.ts';
import type { Shell } from './shell.ts';
import { taskChecks } from './task-checks.ts';
import { counted } from './text.ts';

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do, where it is not ok. */
  readonly fix?: string;
}

const dayMs = 24 * 3_600_000;
/** Providers change prices every few weeks. */
const catalogDaysMax = 90;

/** Everything that doctor looks at; what cannot be opened is a failed check, not an end of it. */
export async function runChecks(shell: Shell): Promise<{ checks: readonly Check[]; exitCode: number }> {
  const checks: Check[] = [node()];
  let exitCode: number = exitCodes.done;
  try {
    const books = await shell.books({ existing: true });
    checks.push({ name: 'ledger', status: 'ok', detail: `${books.reads.engine}, ${books.reads.location}` });
    for (const found of await books.reads.inspect()) {
      checks.push(inspected(found));
      if (!found.ok && found.name === 'integrity') exitCode = exitCodes.broken;
    }
    checks.push(
      await facts(books),
      await clock(books),
      await holds(books),
      ...(await spool(books)),
      ...(await taskChecks(books)),
      await counters(books),
    );
  } catch (error) {
    if (!NanocentError.is(error)) throw error;
    const missing = error.code === 'file_not_found';
    checks.push({
      name: 'ledger',
      status: missing ? 'warn' : 'fail',
      detail: error.message,
      ...fixOf(error, missing),
    });
    if (!missing) exitCode = exitCodeOf(error);
  }
  checks.push(await catalog(shell));
  return { checks, exitCode };
}

function fixOf(error: NanocentError, missing: boolean): { fix?: string } {
  if (missing) return { fix: 'nanocent track makes one' };
  return error.fix === undefined ? {} : { fix: error.fix };
}

function node(): Check {
  return { name: 'node', status: 'ok', detail: process.versions.node };
}

function inspected({ name, ok, detail }: Inspection): Check {
  if (ok) return { name, status: 'ok', detail };
  if (name !== 'integrity') return { name, status: 'warn', detail };
  return { name, status: 'fail', detail, fix: 'keep a copy of the file, and restore the latest backup' };
}

async function facts(books: Books): Promise<Check> {
  const { ledgerId, zone, createdAt } = await books.reads.facts();
  const detail = `${ledgerId}, days in ${zone}, made ${formatInstant(createdAt).slice(0, 10)}`;
  return { name: 'identity', status: 'ok', detail };
}

/** A head in the future by more than this means a clock that was set wrong. */
const aheadMsMax = 60_000;

/** The ledger's time never goes back: after a batch from a machine whose clock is ahead, windows and deadlines wait. */
async function clock(books: Books): Promise<Check> {
  const heads = await books.reads.chainHeads();
  const latest = heads.reduce((at, head) => Math.max(at, head.at), 0);
  const aheadMs = latest - books.context.clock.now();
  if (aheadMs <= aheadMsMax) return { name: 'clock', status: 'ok', detail: 'not behind the ledger' };
  return {
    name: 'clock',
    status: 'warn',
    detail: `the ledger's latest batch is dated ${formatInstant(latest)}, which is ahead of this machine's clock`,
    fix: 'set the clocks of all machines that write here; windows and deadlines stand still until that time',
  };
}

/** Listed at most; a larger number of stuck holds is as bad. */
const dueMax = 1_000;

async function holds(books: Books): Promise<Check> {
  const { ids } = await books.reads.dueReservations(dueMax);
  const open = await books.reads.openReservations(dueMax);
  const name = 'holds';
  if (ids.length === 0) return { name, status: 'ok', detail: `${open.length} open, none past its deadline` };
  return {
    name,
    status: 'warn',
    detail: `${counted(ids.length, 'hold')} past the deadline`,
    fix: 'the gateway, or the next reserve that needs the room, closes them',
  };
}

/** What ended while the store was away; where the books end with the process there is none. */
async function spool({ context }: Books): Promise<Check[]> {
  const name = 'spool';
  const state = await context.spool?.look();
  if (!state) return [];
  const { folder, endings, bytes, oldestAt, aside } = state;
  if (endings > 0) {
    const since = formatInstant(oldestAt!);
    const detail = `${counted(endings, 'ended call')} in ${folder} to be booked (${bytes} bytes), the oldest since ${since}`;
    const fix = 'they are booked by themselves when the store takes them; serve or any command tries';
    return [{ name, status: 'warn', detail, fix }];
  }
  if (aside === 0) return [{ name, status: 'ok', detail: 'nothing waits to be booked' }];
  const detail = `${counted(aside, 'file')} in ${folder}/aside that could not be read or booked`;
  const fix = 'look at them, settle by hand what is missing (nanocent settle ID), then delete them';
  return [{ name, status: 'warn', detail, fix }];
}

/** Counted at most. */
const endedMax = 10_000;

/** Counters of windows that are long over: books that stay open delete them, a single command does not. */
async function counters(books: Books): Promise<Check> {
  const ended = (await prunableAccounts(books.reads, books.context.clock.now(), endedMax)).length;
  const most = ended === endedMax ? ' or more' : '';
  const detail = ended === 0 ? 'none is long over' : `${counted(ended, 'row')}${most} long over`;
  return { name: 'counters', status: 'ok', detail };
}

async function catalog(shell: Shell): Promise<Check> {
  const prices = await commandPrices(shell);
  await prices.ready({ provider: 'openai' });
  const checked = prices
    .models('openai')
    .flatMap((model) => model.prices.map((price) => price.source.checked));
  const latest = checked.reduce((last, day) => (day > last ? day : last), '');
  const days = Math.floor((Date.now() - Date.parse(latest)) / dayMs);
  const detail = `${counted(prices.providers.length, 'provider')}, last checked ${latest}`;
  if (days <= catalogDaysMax) return { name: 'prices', status: 'ok', detail };
  return { name: 'prices', status: 'warn', detail: `${detail}, ${days} days ago`, fix: 'update nanocent' };
}
