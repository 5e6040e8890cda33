import { limitAmount, refusalDocument } from '../books/documents.ts';
import type { LimitRefusal } from '../core/request.ts';
import { describeRefusal } from '../limits/describe.ts';
import { printComplaint } from './failure.ts';
import type { Shell } from './shell.ts';

/** Why there is no room, and for whoever may change it, how: both on the standard error. */
export function printRefusals(shell: Shell, refusals: readonly LimitRefusal[]): void {
  for (const refusal of refusals) {
    printComplaint(shell.terminal, shell.noteStyle, `refused: ${describeRefusal(refusal.limit, refusal)}`);
    const way = wayOut(refusal);
    if (way !== null) shell.note(shell.noteStyle.dim(`  ${way}`));
  }
}

export function refusalDocuments(refusals: readonly LimitRefusal[], now: number) {
  return refusals.map((refusal) => {
    const message = describeRefusal(refusal.limit, refusal);
    return refusalDocument(refusal.limit, refusal, { message, now });
  });
}

/** Null where no maximum is in the way that could be raised. */
function wayOut({ limit, maximum, used, held, requested }: LimitRefusal): string | null {
  const least = used + held + requested;
  if (limit.scope === 'RUN' || limit.kind === 'grants' || least <= maximum) return null;
  const to = limitAmount(limit, least);
  return `raise with: nanocent limits raise --id ${limit.id} --to ${to} --for 2h --reason "…"`;
}
