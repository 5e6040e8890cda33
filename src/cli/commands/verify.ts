import { verificationDocument } from '../../books/documents.ts';
import { exitCodes } from '../exit-code.ts';
import { openProgress } from '../progress.ts';
import type { Shell } from '../shell.ts';
import { counted, grouped, visible } from '../text.ts';

export async function run(shell: Shell): Promise<number> {
  const anchorFile = shell.arguments.text('anchor');
  const saveFile = shell.arguments.text('save-anchor');
  const { compareAnchor, readAnchor, writeAnchor } = await import('../anchor.ts');
  const anchor = anchorFile === undefined ? null : await readAnchor(anchorFile);
  const books = await shell.books({ existing: true });
  const progress = openProgress(shell);
  const found = await books.verify((lines) => progress.at(() => `${grouped(lines)} journal lines read`));
  progress.end();
  const facts = await books.reads.facts();
  const moved = anchor === null ? [] : await compareAnchor(books.reads, facts.ledgerId, anchor);
  const differences = [...found.differences, ...moved];
  const balanced = differences.length === 0;
  if (saveFile !== undefined && balanced) await writeAnchor(saveFile, facts.ledgerId, found.heads);
  await shell.report({
    json: () => verificationDocument({ ...found, balanced, differences }),
    text: () => {
      const checked = [
        counted(found.entries, 'usage row'),
        counted(found.reservations, 'reservation'),
        counted(found.accounts, 'balance'),
        counted(found.lines, 'journal line'),
      ].join(', ');
      if (balanced)
        return `${shell.style.green('balanced:')} ${checked}${anchor ? ', and the saved heads' : ''}\n`;
      const list = differences.map((difference) => `  ${visible(difference)}\n`).join('');
      return `${shell.style.red('not balanced')} after ${checked}:\n${list}`;
    },
  });
  if (balanced) return exitCodes.done;
  if (saveFile !== undefined) shell.note(`${visible(saveFile)} was not written`);
  shell.note('keep the database as it is, and compare it with a backup');
  return exitCodes.broken;
}
