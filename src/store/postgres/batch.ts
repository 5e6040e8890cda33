import type { Link } from '../../ledger/journal.ts';
import { hexText } from '../ids.ts';
import type { Head, Held, LedgerFacts, Machine, Names, Plan, Touches } from '../port.ts';
import { retryWhole } from '../server/retry.ts';
import { backfill } from './backfill.ts';
import { CommitUnknown, type Connections, type Session } from './connection.ts';
import { isWorthRetrying, Restart } from './failure.ts';
import {
  type LockedAccounts,
  loadAccounts,
  loadClock,
  loadConfigVersion,
  loadIdempotency,
  loadLimits,
  loadOpenReservations,
  lockChainHead,
  lockReservations,
} from './load.ts';
import { lockTasks } from './tasks.ts';
import { sendPlan } from './write-plan.ts';

export interface BatchesOptions {
  readonly connections: Connections;
  readonly facts: LedgerFacts;
  /** Epoch ms, given what the server's clock says. */
  readonly now: (serverNow: number) => number;
  readonly random: () => number;
}

interface Rules {
  readonly version: number;
  readonly limits: Head['limits'];
}

/** Runs batches: one transaction each, in three round trips. */
export class Batches {
  readonly #connections: Connections;
  readonly #facts: LedgerFacts;
  readonly #now: BatchesOptions['now'];
  readonly #random: () => number;
  #rules: Rules | null = null;

  constructor({ connections, facts, now, random }: BatchesOptions) {
    this.#connections = connections;
    this.#facts = facts;
    this.#now = now;
    this.#random = random;
  }

  transact<C, R>(commands: readonly C[], machine: Machine<C, R>): Promise<readonly R[]> {
    const names = machine.names(commands);
    let alone = names.changesLimits;
    return retryWhole(
      async () => {
        try {
          return await this.#attempt(commands, machine, { ...names, alone });
        } catch (error) {
          if (error instanceof NeedsToBeAlone) alone = true;
          throw error;
        }
      },
      isWorthRetrying,
      this.#random,
    );
  }

  async #attempt<C, R>(
    commands: readonly C[],
    machine: Machine<C, R>,
    names: Names & { readonly alone: boolean },
  ): Promise<readonly R[]> {
    let plan: Plan<R> | null = null;
    try {
      return await this.#connections.transaction(names.alone ? 'rules' : 'batch', async (session) => {
        const early = await this.#head(session, names);
        const { head, held, locked } = await this.#held(session, early, (now) =>
          machine.touches(commands, now),
        );
        plan = machine.decide(commands, head, held);
        if (plan.purgeBefore !== null && !names.alone) throw new NeedsToBeAlone();
        sendPlan(session, plan, { head, locked, chain: held.chain.chain });
        return plan.results;
      });
    } catch (error) {
      const decided = plan as Plan<R> | null;
      if (error instanceof CommitUnknown && decided !== null && (await this.#hasCommitted(decided, error))) {
        return decided.results;
      }
      throw error;
    }
  }

  /** Step 1: clock, rules, keys and reservations. */
  async #head(session: Session, names: Names): Promise<Head> {
    const [clock, version, idempotency, open, named] = await Promise.all([
      loadClock(session),
      loadConfigVersion(session),
      loadIdempotency(session, names.idempotency),
      names.changesLimits ? loadOpenReservations(session, Number.MAX_SAFE_INTEGER) : [],
      lockReservations(session, names.reservations),
    ]);
    if (this.#rules?.version !== version) this.#rules = { version, limits: await loadLimits(session) };
    return {
      now: Math.max(this.#now(clock.server), clock.latest),
      facts: this.#facts,
      configVersion: version,
      limits: this.#rules.limits,
      idempotency: new Map(idempotency.map((row) => [row.name, row])),
      reservations: new Map([...open, ...named].map((row) => [row.id, row])),
    };
  }

  /** Step 2: accounts, tasks, a chain's head. */
  async #held(
    session: Session,
    head: Head,
    touchesOf: (head: Head) => Touches,
  ): Promise<{ readonly head: Head; readonly held: Held; readonly locked: LockedAccounts }> {
    const touches = touchesOf(head);
    const [locked, tasks, chain, backfills] = await Promise.all([
      loadAccounts(session, touches),
      lockTasks(session, touches.tasks),
      lockChainHead(session, this.#random),
      Promise.all(touches.backfills.map((query) => backfill(session, query))),
    ]);
    const accounts = new Map(locked.accounts);
    for (const name of touches.accounts) {
      if (!accounts.has(name.key)) accounts.set(name.key, { ...name, settled: 0n, reserved: 0n });
    }
    const timely = atOrAfter(chain.at, head, touches, touchesOf);
    return { head: timely, held: { accounts, chain, backfills, tasks }, locked };
  }

  /**
   * Whether a batch whose COMMIT was not answered is in the books: its link says so. Whoever has the head's row after it knows that
   * its transaction has ended. A batch that moved nothing has nothing to lose; of one that changed tasks alone nobody can tell.
   */
  async #hasCommitted(plan: Plan<unknown>, unknown: CommitUnknown): Promise<boolean> {
    const { link } = plan;
    if (link === null) {
      const { rows, onlyNew, ended } = plan.tasks;
      return rows.length + onlyNew.length + ended.length === 0;
    }
    const found = await retryWhole(() => this.#readLink(link), isWorthRetrying, this.#random).catch(() => {
      throw unknown;
    });
    if (!found) throw new LostCommit();
    return true;
  }

  #readLink({ chain, number, hash }: Link): Promise<boolean> {
    return this.#connections.transaction('write', async (session) => {
      await session.row('SELECT 1 FROM nanocent_chain_heads WHERE chain = $1 FOR UPDATE', chain);
      const row = await session.row(
        'SELECT hash FROM nanocent_links WHERE chain = $1 AND number = $2',
        chain,
        number,
      );
      return row !== undefined && hexText(row[0] as Uint8Array) === hash;
    });
  }
}

/**
 * While a batch waited for its rows another one may have put a later instant into the chain: then it is decided at that instant.
 * Throws where that needs rows that were not loaded, which is so when a window has turned in between.
 */
function atOrAfter(at: number, head: Head, touches: Touches, touchesOf: (head: Head) => Touches): Head {
  if (at <= head.now) return head;
  const later = { ...head, now: at };
  const again = touchesOf(later);
  const known = new Set(rowsOf(touches));
  if (!rowsOf(again).every((row) => known.has(row))) throw new ClockMoved();
  return later;
}

/** Names of everything that a batch loads in its second step. */
function rowsOf({ accounts, reads = [], backfills, accountsOfLimits, tasks }: Touches): string[] {
  return [
    ...accounts.map(({ key }) => `account ${key}`),
    ...[...accounts, ...reads].map(({ key }) => `read ${key}`),
    ...backfills.map((query, index) => `backfill ${index} ${JSON.stringify(query)}`),
    ...accountsOfLimits.map((id) => `limit ${id}`),
    ...tasks.map((key) => `task ${key}`),
  ];
}

/** A purge sums rows again: nobody may book one meanwhile. */
class NeedsToBeAlone extends Restart {}

/** The chain's head has a later instant than the batch, and in between a window has turned. */
class ClockMoved extends Restart {}

/** A commit without an answer was read back, and is not there. */
class LostCommit extends Restart {}
