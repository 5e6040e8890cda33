import { formatInZone, parseInstant } from '../../time/index.ts';
import { agreed, assertAskable } from '../agreed.ts';
import { exitCodes } from '../exit-code.ts';
import type { Shell } from '../shell.ts';
import { counted } from '../text.ts';

/** Calls may be dated up to a day ahead of the clock. */
const aheadMs = 24 * 3_600_000 + 1;

export async function run(shell: Shell): Promise<number> {
  const { arguments: given } = shell;
  assertAskable(shell, 'nothing was deleted');
  const books = await shell.books({ existing: given.has('yes') && given.has('db-file') });
  const { clock, zone } = books.context;
  const text = given.text('before');
  const before = text === undefined ? clock.now() + aheadMs : parseInstant(text, { zone, field: '--before' });
  const found = await countBefore(shell, before);
  const which = text === undefined ? '' : ` of calls before ${formatInZone(before, zone)} (${zone})`;
  const what = `${counted(found, 'usage row')}${which}`;
  if (found > 0 && !(await agreed(shell, `Delete ${what}? Limits, balances and the journal stay.`))) {
    shell.note('nothing was deleted');
    return exitCodes.done;
  }
  if (found > 0) await books.purge(before);
  await shell.report({
    json: () => ({ schema: 'nanocent.purge/1', deleted: found, before: new Date(before).toISOString() }),
    text: () => (found === 0 ? `there are no usage rows${which}\n` : `${what} deleted\n`),
  });
  return exitCodes.done;
}

async function countBefore(shell: Shell, before: number): Promise<number> {
  const books = await shell.books();
  const [totals] = await books.reads.totals({ from: 0, to: before, filter: {}, by: [] });
  return Number(totals?.entries ?? 0n);
}
