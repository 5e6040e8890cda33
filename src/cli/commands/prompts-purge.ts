import { NanocentError } from '../../errors/error.ts';
import { formatInZone, parseInstant } from '../../time/index.ts';
import { agreed, assertAskable } from '../agreed.ts';
import type { Shell } from '../shell.ts';
import { counted, visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  assertAskable(shell, 'nothing was deleted');
  const { arguments: given } = shell;
  const username = given.text('username');
  const text = given.text('before');
  if (username === undefined && text === undefined) {
    throw new NanocentError('field_missing', 'say which prompts are to be deleted', {
      field: '--before',
      fix: 'give --before TIME, --user NAME, or both',
    });
  }
  const books = await shell.books({ existing: given.has('db-file') });
  const { zone } = books.context;
  const before = text === undefined ? undefined : parseInstant(text, { zone, field: '--before' });
  const which =
    (username === undefined ? '' : ` of ${visible(username)}`) +
    (before === undefined ? '' : ` of calls before ${formatInZone(before, zone)} (${zone})`);
  if (!(await agreed(shell, `Delete the prompts${which}? Usage, money and the audit log stay.`))) {
    shell.note('nothing was deleted');
    return;
  }
  const deleted = await books.prompts.purge({
    ...(before === undefined ? {} : { before }),
    ...(username === undefined ? {} : { username }),
  });
  await shell.report({
    json: () => ({ schema: 'nanocent.promptsPurge/1', deleted }),
    text: () => `${counted(deleted, 'prompt')}${which} deleted\n`,
  });
}
