import { NanocentError } from '../../errors/error.ts';
import { formatInZone, parseInstant } from '../../time/index.ts';
import { exitCodes } from '../exit-code.ts';
import type { Shell } from '../shell.ts';
import { counted } from '../text.ts';

/** Calls may be dated up to a day ahead of the clock. */
const aheadMs = 24 * 3_600_000 + 1;

export async function run(shell: Shell): Promise<number> {
  const { terminal, arguments: given } = shell;
  const asked = given.has('yes');
  if (!asked && !(terminal.inputIsTerminal && terminal.errorIsTerminal)) {
    throw new NanocentError(
      'field_missing',
      'nobody can be asked here, and --yes is missing: nothing was deleted',
      {
        field: '--yes',
        fix: 'say --yes',
      },
    );
  }
  const books = await shell.books({ existing: asked && given.has('db-file') });
  const { clock, zone } = books.context;
  const text = given.text('before');
  const before = text === undefined ? clock.now() + aheadMs : parseInstant(text, { zone, field: '--before' });
  const found = await countBefore(shell, before);
  const which = text === undefined ? '' : ` of calls before ${formatInZone(before, zone)} (${zone})`;
  const what = `${counted(found, 'usage row')}${which}`;
  if (!asked && found > 0) {
    const answer = await terminal.ask(`Delete ${what}? Limits, balances and the journal stay. [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) {
      shell.note('nothing was deleted');
      return exitCodes.done;
    }
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
