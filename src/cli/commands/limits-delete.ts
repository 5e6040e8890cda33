import { limitDocument } from '../../books/documents.ts';
import { NanocentError } from '../../errors/error.ts';
import { describeLimit } from '../limit-words.ts';
import type { Shell } from '../shell.ts';
import { visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const id = shell.arguments.whole('id', { min: 1, max: Number.MAX_SAFE_INTEGER });
  if (id === undefined) {
    throw new NanocentError('field_missing', '--id is missing', {
      field: '--id',
      fix: 'take the number from nanocent limits list',
    });
  }
  const books = await shell.books();
  const limit = await books.limits.delete(id);
  await shell.report({
    json: () => ({ schema: 'nanocent.limit/1', ...limitDocument(limit) }),
    text: () => `ended limit ${limit.id}: ${visible(describeLimit(limit))}\n`,
  });
  return undefined;
}
