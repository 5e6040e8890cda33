import { explanationDocument } from '../../books/documents.ts';
import { NanocentError } from '../../errors/error.ts';
import { priceSource, renderExplanation } from '../explain-report.ts';
import type { Shell } from '../shell.ts';

export async function run(shell: Shell): Promise<undefined> {
  const [operand = ''] = shell.arguments.operands;
  const books = await shell.books({ existing: true });
  const id = operand === 'last' ? (await books.tail(1))[0]?.id : operand;
  if (id === undefined) {
    throw new NanocentError('entry_not_found', 'there are no calls yet', {
      field: 'id',
      fix: 'book one with nanocent track',
    });
  }
  const explanation = await books.explain(id);
  const source = await priceSource(books.context.catalog, explanation.entry);
  await shell.report({
    json: () => explanationDocument(explanation, source),
    text: () => renderExplanation(shell, explanation, source, books.context.zone),
  });
  return undefined;
}
