import type { Books, Tracked } from '../books/books.ts';
import { moneyDocument } from '../books/documents.ts';
import { NanocentError } from '../errors/error.ts';
import { formatUsdRounded } from '../money/index.ts';
import { exitCodes } from './exit-code.ts';
import { failureDocument } from './failure.ts';
import { readLines } from './lines.ts';
import { openProgress } from './progress.ts';
import type { Shell } from './shell.ts';
import { counted, grouped, visible } from './text.ts';
import { trackLine } from './track-line.ts';

/** Calls under way at once: two full batches, so that one is read while the other is written. */
const underWayMax = 2_048;
/** Errors listed in the JSON document; all of them are named on the standard error. */
const errorsListedMax = 100;

interface Tally {
  lines: number;
  booked: number;
  replayed: number;
  failed: number;
  unpriced: number;
  nanocents: bigint;
  readonly errors: object[];
}

/** Books each line of the standard input; good ones stay booked whatever the others are. */
export async function trackLines(shell: Shell): Promise<number> {
  refuseOptions(shell);
  const books = await shell.books();
  const tally: Tally = {
    lines: 0,
    booked: 0,
    replayed: 0,
    failed: 0,
    unpriced: 0,
    nanocents: 0n,
    errors: [],
  };
  const progress = openProgress(shell);
  const stopped = await bookAll(shell, books, tally, () =>
    progress.at(() => `${grouped(tally.booked)} of ${counted(tally.lines, 'line')} booked`),
  );
  progress.end();
  await shell.report({
    json: () => tallyDocument(tally),
    csv: () => ({
      columns: ['lines', 'booked', 'replayed', 'failed', 'unpricedCalls', 'nanocents', 'usd'],
      rows: [
        [
          tally.lines,
          tally.booked,
          tally.replayed,
          tally.failed,
          tally.unpriced,
          ...Object.values(moneyDocument(tally.nanocents)),
        ],
      ],
    }),
    text: () => summary(tally),
  });
  if (stopped !== null) throw stopped;
  return tally.failed > 0 ? exitCodes.badInput : exitCodes.done;
}

/** Returns what stopped it early: a store that takes no more would fail every further line the same way. */
async function bookAll(shell: Shell, books: Books, tally: Tally, said: () => void): Promise<unknown> {
  const underWay = new Set<Promise<void>>();
  let stopped: unknown = null;
  for await (const { number, text, tooLong } of readLines(shell.terminal.input)) {
    if (stopped !== null) break;
    if (text.trim() === '') continue;
    tally.lines += 1;
    const work = bookLine(books, text, tooLong, tally).catch((error: unknown) => {
      if (isTheLinesFault(error)) return fail(shell, tally, number, error);
      stopped ??= error;
    });
    const tracked: Promise<void> = work.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
    if (underWay.size >= underWayMax) await Promise.race(underWay);
    said();
  }
  await Promise.all(underWay);
  return stopped;
}

async function bookLine(books: Books, text: string, tooLong: boolean, tally: Tally): Promise<void> {
  count(tally, await books.track(trackLine(text, tooLong)));
}

function count(tally: Tally, { entry, replayed }: Tracked): void {
  tally.booked += replayed ? 0 : 1;
  tally.replayed += replayed ? 1 : 0;
  if (replayed) return;
  if (entry.nanocents === null) tally.unpriced += 1;
  else tally.nanocents += entry.nanocents;
}

function isTheLinesFault(error: unknown): boolean {
  return NanocentError.is(error) && ['invalid', 'conflict', 'not_found'].includes(error.kind);
}

function fail(shell: Shell, tally: Tally, line: number, error: unknown): void {
  tally.failed += 1;
  const { error: details } = failureDocument(error) as { error: { message: string; fix: string | null } };
  if (tally.errors.length < errorsListedMax) tally.errors.push({ line, ...details });
  const fix = details.fix ? ` (${visible(details.fix).replace(/\.$/, '')})` : '';
  shell.terminal.err(
    `${shell.noteStyle.red('nanocent:')} line ${line}: ${visible(details.message).replace(/\.$/, '')}${fix}\n`,
  );
}

function summary(tally: Tally): string {
  if (tally.lines === 0) return 'no lines came in: nothing booked\n';
  const parts = [`${counted(tally.booked, 'call')} booked, ${formatUsdRounded(tally.nanocents)}`];
  if (tally.unpriced > 0) parts.push(`${grouped(tally.unpriced)} without a known price`);
  if (tally.replayed > 0) parts.push(`${grouped(tally.replayed)} booked before`);
  if (tally.failed > 0) parts.push(`${counted(tally.failed, 'line')} failed`);
  return `${parts.join('; ')}\n`;
}

function tallyDocument({ errors, nanocents, unpriced, ...counts }: Tally): object {
  return {
    schema: 'nanocent.tracked/1',
    ...counts,
    unpricedCalls: unpriced,
    ...moneyDocument(nanocents),
    errors,
  };
}

/** A flag beside `-` would have to hold for every line, which the lines say themselves. */
function refuseOptions(shell: Shell): void {
  for (const option of [
    'model',
    'cost',
    'prompt-tokens',
    'completion-tokens',
    'total-tokens',
    'idempotency-key',
  ]) {
    if (!shell.arguments.has(option)) continue;
    throw new NanocentError('field_invalid', `--${option} does not go together with -`, {
      field: `--${option}`,
      fix: 'give it in each line',
    });
  }
}
