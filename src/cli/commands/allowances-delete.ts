import { allowanceDocument } from '../../books/allowance-documents.ts';
import { NanocentError } from '../../errors/error.ts';
import { describeAllowance } from '../allowance-words.ts';
import type { Shell } from '../shell.ts';
import { visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const id = shell.arguments.whole('id', { min: 1, max: Number.MAX_SAFE_INTEGER });
  if (id === undefined) {
    throw new NanocentError('field_missing', '--id is missing', {
      field: '--id',
      fix: 'take the number from nanocent allowances list',
    });
  }
  const books = await shell.books();
  const limit = await books.allowances.delete(id);
  await shell.report({
    json: () => ({ schema: 'nanocent.allowance/1', ...allowanceDocument(limit) }),
    text: () => `ended allowance ${limit.id}: ${visible(describeAllowance(limit))}\n`,
  });
  return undefined;
}
