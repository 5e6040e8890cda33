import { NanocentError } from '../errors/error.ts';
import { bookEnding, capturedBefore } from './ending.ts';
import type { LedgerService } from './ledger.ts';
import type { SpooledEnding } from './spool-frames.ts';

/** Asked of the ledger at once: they ride in one transaction, in their order. */
const atOnceMax = 256;

export interface Replayed {
  readonly booked: number;
  /** One JSON text for each ending that the ledger will not book, with its answer. */
  readonly refused: readonly string[];
}

/** Books endings in their order. Throws what the store throws when it is away. */
export async function replayEndings(
  ledger: LedgerService,
  endings: readonly SpooledEnding[],
  ledgerId: string,
): Promise<Replayed> {
  let booked = 0;
  const refused: string[] = [];
  for (let from = 0; from < endings.length; from += atOnceMax) {
    const some = endings.slice(from, from + atOnceMax);
    const known = await Promise.all(some.map(({ request }) => capturedBefore(ledger, request)));
    // All in one turn, so that they are written in the order in which they ended: a scope's captures before its settle.
    const answers = await Promise.all(
      some.map((ending, index) => (known[index] ? null : replayOne(ledger, ending, ledgerId))),
    );
    answers.forEach((answer, index) => {
      if (answer === null) booked += 1;
      else refused.push(textOf(some[index]!, answer));
    });
  }
  return { booked, refused };
}

/** Null when it is booked, by this or by an earlier asking; else why it cannot be. */
async function replayOne(
  ledger: LedgerService,
  { request, ledgerId: own }: SpooledEnding,
  ledgerId: string,
): Promise<string | null> {
  if (own !== ledgerId) return `belongs to ledger ${own}`;
  try {
    const result = await bookEnding(ledger, request);
    return result.outcome === 'failed' ? `${result.code}: ${result.message}` : null;
  } catch (error) {
    if (!NanocentError.is(error) || error.kind === 'unavailable') throw error;
    return `${error.code}: ${error.message}`;
  }
}

function textOf(ending: SpooledEnding, answer: string): string {
  return JSON.stringify({ answer, ...ending }, (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}
