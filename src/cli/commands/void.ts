import { reservationDocument } from '../../books/documents.ts';
import { formatUsdRounded } from '../../money/index.ts';
import type { Shell } from '../shell.ts';

export async function run(shell: Shell): Promise<undefined> {
  const [id = ''] = shell.arguments.operands;
  const books = await shell.books({ existing: true });
  const { reservation, replayed } = await books.void(id);
  const held = formatUsdRounded(reservation.admitted.cost ?? 0n);
  await shell.report({
    json: () => reservationDocument(reservation, replayed),
    text: () => `${replayed ? 'voided before' : 'voided'}: ${held} is free again\n`,
  });
  return undefined;
}
