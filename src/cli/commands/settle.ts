import { limitStateDocument, reservationDocument } from '../../books/documents.ts';
import { formatUsdRounded } from '../../money/index.ts';
import type { Shell } from '../shell.ts';
import { amountFrom } from './reserve.ts';

export async function run(shell: Shell): Promise<undefined> {
  const [id = ''] = shell.arguments.operands;
  const nanocents = amountFrom(shell.arguments);
  const books = await shell.books({ existing: true });
  const settled = await books.settle(id, { nanocents });
  const { reservation, outcome, overrunNanocents, replayed } = settled;
  const remaining = shell.format === 'json' ? await settled.remaining() : [];
  const held = reservation.admitted.cost ?? 0n;
  const late = outcome === 'settled_late' ? ' late' : '';
  const again = replayed ? ' before' : '';
  const over = overrunNanocents > 0n ? `, ${formatUsdRounded(overrunNanocents)} more than was reserved` : '';
  await shell.report({
    json: () => ({
      ...reservationDocument(reservation, replayed),
      remaining: remaining.map(limitStateDocument),
    }),
    text: () =>
      `settled${late}${again}: ${formatUsdRounded(nanocents)} of ${formatUsdRounded(held)} reserved${over}\n`,
  });
  return undefined;
}
