import { grantDocument } from '../../books/grant-documents.ts';
import { NanocentError } from '../../errors/error.ts';
import { formatUsd } from '../../money/index.ts';
import { describeGrant } from '../grant-words.ts';
import type { Shell } from '../shell.ts';
import { visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const [operand = ''] = shell.arguments.operands;
  if (!/^[1-9]\d{0,14}$/.test(operand)) {
    throw new NanocentError(
      'field_invalid',
      `${visible(operand) || 'an empty text'} is not the number of a grant`,
      {
        field: 'ID',
        fix: 'take the number from nanocent grants list',
      },
    );
  }
  const books = await shell.books();
  const { grant, replayed } = await books.grants.refund(Number(operand));
  const before = replayed ? 'refunded before' : 'refunded';
  await shell.report({
    json: () => ({ schema: 'nanocent.grant/1', ...grantDocument(grant), replayed }),
    text: () =>
      `${before}: $${formatUsd(grant.refunded)} of ${visible(describeGrant(grant, books.context.zone))}\n`,
  });
  return undefined;
}
