import type { Account } from './account.ts';
import { extend, reserve } from './admit.ts';
import { adjust, prune, purge, record, rule } from './book.ts';
import type { Command, Outcome } from './command.ts';
import type { JournalLine } from './journal.ts';
import { capture, expire, release, settle } from './post.ts';
import type { Reservation } from './reservation.ts';
import { type LedgerState, Workbench } from './workbench.ts';

export interface Decision {
  /** One per command, in order. */
  readonly outcomes: readonly Outcome[];
  /** The line that each command wrote, or null. */
  readonly lineOf: readonly (JournalLine | null)[];
  /** The reservation that each command names, as the commands before it left it; null where there is none. */
  readonly before: readonly (Reservation | null)[];
  readonly lines: readonly JournalLine[];
  readonly accounts: readonly Account[];
  /** Keys of accounts whose rows are deleted. */
  readonly prunes: readonly string[];
  readonly reservations: readonly { readonly row: Reservation; readonly isNew: boolean }[];
}

/**
 * Decides a batch, command by command, each seeing what those before it did. Pure: the state is not touched.
 * A command that is refused or failed leaves no trace; the others are as if it had never been there.
 */
export function decide(state: LedgerState, commands: readonly Command[]): Decision {
  const bench = new Workbench(state);
  const outcomes: Outcome[] = [];
  const lineOf: (JournalLine | null)[] = [];
  const before: (Reservation | null)[] = [];
  for (const command of commands) {
    const next = bench.lines.length;
    before.push('id' in command ? bench.reservation(command.id) : null);
    outcomes.push(decideOne(bench, command));
    lineOf.push(bench.lines[next] ?? null);
  }
  return {
    outcomes,
    lineOf,
    before,
    lines: bench.lines,
    accounts: bench.changedAccounts(),
    prunes: bench.droppedAccounts(),
    reservations: bench.changedReservations(),
  };
}

function decideOne(bench: Workbench, command: Command): Outcome {
  switch (command.kind) {
    case 'reserve':
      return reserve(bench, command);
    case 'extend':
      return extend(bench, command);
    case 'capture':
      return capture(bench, command);
    case 'settle':
      return settle(bench, command);
    case 'void':
      return release(bench, command);
    case 'expire':
      return expire(bench, command);
    case 'record':
      return record(bench, command);
    case 'adjust':
      return adjust(bench, command);
    case 'limit':
      return rule(bench, command);
    case 'purge':
      return purge(bench, command);
    case 'prune':
      return prune(bench, command);
  }
}
