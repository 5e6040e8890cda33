import type { AccountName } from '../ledger/account.ts';
import { encodeLine, type JournalLine, sealLines } from '../ledger/journal.ts';
import type { Entry } from '../store/entry.ts';
import {
  type BackfillQuery,
  type Head,
  type Held,
  type Machine,
  type Names,
  noTaskChanges,
  type Plan,
  type Store,
} from '../store/port.ts';

/** One batch written by hand, to try an engine without the rules: what it loads, and what it is told to write. */
export interface HandWritten {
  readonly names?: Partial<Names>;
  readonly accounts?: readonly AccountName[];
  readonly reads?: readonly AccountName[];
  readonly backfills?: readonly BackfillQuery[];
  readonly accountsOfLimits?: readonly number[];
  readonly tasks?: readonly string[];
  /** Lines beyond the one that every entry gets; positions are filled in. */
  readonly lines?: readonly Partial<JournalLine>[];
  readonly plan?: (head: Head, held: Held) => Partial<Plan<unknown>>;
  readonly entries?: readonly Entry[];
}

/** Runs it and hands back what the engine had loaded. */
export async function writeByHand(store: Store, batch: HandWritten): Promise<{ head: Head; held: Held }> {
  const results = await store.transact([null], machineOf(batch));
  return results[0] as { head: Head; held: Held };
}

function machineOf(batch: HandWritten): Machine<unknown, unknown> {
  return {
    names: () => ({ idempotency: [], reservations: [], changesLimits: false, ...batch.names }),
    touches: () => ({
      accounts: batch.accounts ?? [],
      reads: batch.reads ?? [],
      backfills: batch.backfills ?? [],
      accountsOfLimits: batch.accountsOfLimits ?? [],
      tasks: batch.tasks ?? [],
    }),
    decide: (_, head, held) => planOf(batch, head, held),
  };
}

function planOf(batch: HandWritten, head: Head, held: Held): Plan<unknown> {
  const entries = batch.entries ?? [];
  const drafts = [
    ...entries.map((entry) => ({ kind: 'record' as const, entryId: entry.id, entryAt: entry.at })),
    ...(batch.lines ?? []),
  ];
  const lines = drafts.map((draft, index) => {
    const position = held.chain.position + 1 + index;
    const line: JournalLine = { ...blankLine, ...draft, chain: held.chain.chain, position, at: head.now };
    return { position, entryId: line.entryId, body: encodeLine(line) };
  });
  return {
    results: [{ head, held }],
    accounts: [],
    reservations: [],
    entries,
    lines,
    link: sealLines(
      held.chain,
      lines.map((line) => line.body),
      head.now,
    ),
    idempotency: [],
    forgets: [],
    limits: [],
    purgeBefore: null,
    tasks: noTaskChanges,
    ...batch.plan?.(head, held),
  };
}

const blankLine = {
  kind: 'record',
  reservationId: null,
  previous: null,
  entryId: null,
  entryAt: null,
  digest: null,
  amount: 0n,
  held: 0n,
  unadmitted: 0n,
  legs: [],
  note: {},
} as const;
