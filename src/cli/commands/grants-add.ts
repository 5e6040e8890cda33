import { grantDocument } from '../../books/grant-documents.ts';
import { describeGrant, poolFrom } from '../grant-words.ts';
import type { Shell } from '../shell.ts';
import { visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const input = {
    ...poolFrom(given),
    usd: given.required('usd', 'say how much, for example --usd 20'),
    expires: given.text('expires'),
    priority: given.whole('priority', { min: -1000, max: 1000 }),
    reference: given.text('reference'),
  };
  const books = await shell.books();
  const { grant, replayed } = await books.grants.add(input);
  await shell.report({
    json: () => ({ schema: 'nanocent.grant/1', ...grantDocument(grant), replayed }),
    text: () => `${visible(describeGrant(grant, books.context.zone))}${replayed ? ' (added before)' : ''}\n`,
  });
  return undefined;
}
