import type { Account, AccountName, Measure, Subject } from '../ledger/account.ts';
import type { ChainHead, LineRef, Link } from '../ledger/journal.ts';
import type { Reservation } from '../ledger/reservation.ts';
import type { Limit, Selector, SelectorField } from '../limits/limit.ts';
import type { DirectoryStore } from './directory.ts';
import type { Entry } from './entry.ts';
import type { EntryColumns } from './entry-columns.ts';
import type { LogStore } from './log.ts';
import type { EntryPage, EntryQuery, Totals, TotalsQuery } from './query.ts';
import type { Task, TaskFilter } from './task.ts';

/**
 * What an engine must do. All rules live in the machine that `transact` is given; an engine is SQL, locks and
 * codecs. Its own duties: one database transaction per `transact`, in the steps and lock order below; every digit of
 * every bigint; nothing acknowledged before it is durable; any error rolls the whole batch back.
 */
export interface Store extends LogStore, DirectoryStore {
  /** `memory`, `sqlite`, `postgres`, `mysql`. */
  readonly engine: string;
  /** Where it is, fit for showing (never a password). */
  readonly location: string;

  /**
   * One transaction: (1) clock, config version, limits, idempotency rows and reservations that
   * `names` asks for; (2) `touches` → the account rows, inserted where missing and locked specific limits before global ones,
   * then key bytes; then the tasks; then the chain head; (3) `decide`; (4) write the plan, rollups included, and commit.
   * The machine's functions are pure and MAY be called more than once.
   * Throws store_busy, store_full, store_read_only … with nothing written; after store_unreachable a commit may turn out to have been
   * made: ids and keys make asking again safe.
   */
  transact<C, R>(commands: readonly C[], machine: Machine<C, R>): Promise<readonly R[]>;

  /** Another handle whose reads all see the ledger as it is now, whatever is written meanwhile. It is closed by itself. */
  view(): Promise<Store>;
  limits(): Promise<{ readonly version: number; readonly limits: readonly Limit[] }>;
  facts(): Promise<LedgerFacts>;
  /** An entry with the journal position of the line that booked it. */
  entry(id: string): Promise<{ readonly entry: Entry; readonly line: LineRef } | null>;
  /** Newest first by `at`, then id. */
  entries(query: EntryQuery): Promise<EntryPage>;
  /** Exact sums; from rollups where the query allows, else from usage rows. */
  totals(query: TotalsQuery): Promise<readonly Totals[]>;
  reservation(id: string): Promise<Reservation | null>;
  /** Open reservations with `expiresAt` at or before the store's clock, oldest first. */
  dueReservations(limit: number): Promise<{ readonly now: number; readonly ids: readonly string[] }>;
  /** Those whose deadline is nearest first. */
  openReservations(limit: number): Promise<readonly Reservation[]>;
  task(key: string): Promise<Task | null>;
  /** Tasks of one kind with `dueAt` at or before the store's clock, oldest first. */
  dueTasks(kind: string, limit: number): Promise<{ readonly now: number; readonly tasks: readonly Task[] }>;
  /** Latest change first, then by key. */
  tasks(filter: TaskFilter): Promise<readonly Task[]>;
  /** Account rows by name; missing rows are zero and left out. */
  accounts(keys: readonly string[]): Promise<readonly Account[]>;
  /** Rows without holds of windows that ended at or before the instant of their limit, in any order, at most `limit`. */
  endedAccounts(bounds: readonly EndedBound[], limit: number): Promise<readonly Account[]>;
  /** Lines of one chain after a position, in order, at most `limit`. */
  lines(
    after: { readonly chain: number; readonly position: number },
    limit: number,
  ): Promise<readonly string[]>;
  line(at: { readonly chain: number; readonly position: number }): Promise<string | null>;
  links(after: { readonly chain: number; readonly number: number }, limit: number): Promise<readonly Link[]>;
  chainHeads(): Promise<readonly ChainHead[]>;
  /** Everything that `verify` compares with the journal, in key or id order after a cursor. */
  scanAccounts(afterKey: string | null, limit: number): Promise<readonly Account[]>;
  scanReservations(afterId: string | null, limit: number): Promise<readonly Reservation[]>;
  entriesById(ids: readonly string[]): Promise<readonly Entry[]>;
  /** Rows that a bundle's line booked, by their place in it; purged ones are left out. */
  entriesOfLine(
    line: LineRef,
    rows: number,
  ): Promise<readonly { readonly row: number; readonly entry: Entry }[]>;
  /** Idempotency rows by hex name; unknown names are left out. */
  idempotency(names: readonly string[]): Promise<readonly IdempotencyRow[]>;
  /** Every row with `from ≤ at < to`, in any order, whose provider response has one of these ids. */
  entriesByResponse(
    responseIds: readonly string[],
    between: { readonly from: number; readonly to: number },
  ): Promise<readonly Entry[]>;
  countEntries(): Promise<number>;
  /** Where the journal's purge lines stand, in order. */
  purges(): Promise<readonly LineRef[]>;
  /** Compares both rollups with the usage rows; human-readable differences, at most `limit`. */
  compareRollups(limit: number): Promise<readonly string[]>;
  /** The engine's own integrity check and settings, for `doctor`. */
  inspect(): Promise<readonly Inspection[]>;
  /** A read-only query over the public views. Throws query_forbidden or query_invalid. */
  select(sql: string, bounds: { readonly rowsMax: number; readonly timeMs: number }): Promise<Rows>;
  close(): Promise<void>;
}

/** Until when windows of these limits must have ended. */
export interface EndedBound {
  readonly limitIds: readonly number[];
  readonly before: number;
}

export interface Inspection {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | bigint | null)[])[];
  readonly truncated: boolean;
}

/** What never changes about a ledger. */
export interface LedgerFacts {
  readonly ledgerId: string;
  /** IANA zone that the wide rollup's days and zoneless timestamps are in. */
  readonly zone: string;
  readonly createdAt: number;
  readonly schemaVersion: number;
}

/** The pure rules, as the engine sees them. */
export interface Machine<C, R> {
  names(commands: readonly C[]): Names;
  touches(commands: readonly C[], head: Head): Touches;
  decide(commands: readonly C[], head: Head, held: Held): Plan<R>;
}

/** What a batch must be shown first. */
export interface Names {
  /** Hex names of idempotency rows. */
  readonly idempotency: readonly string[];
  readonly reservations: readonly string[];
  /** Takes the config lock exclusively, and loads every open reservation: a limit is being changed. */
  readonly changesLimits: boolean;
}

/** What is given to `touches` and `decide` before any account is looked at. */
export interface Head {
  /** The store's clock, never behind an earlier batch. */
  readonly now: number;
  readonly facts: LedgerFacts;
  readonly configVersion: number;
  /** All limits, ended ones included. */
  readonly limits: readonly Limit[];
  readonly idempotency: ReadonlyMap<string, IdempotencyRow>;
  readonly reservations: ReadonlyMap<string, Reservation>;
}

/** The accounts and tasks that a batch reads and changes. */
export interface Touches {
  readonly accounts: readonly AccountName[];
  /**
   * Rows that are only looked at: not inserted, not locked. Whoever changes one has locked one of `accounts`. Many at once, most
   * of which are not there.
   */
  readonly reads?: readonly AccountName[];
  /** Sums of usage rows that a new limit counts from the start. */
  readonly backfills: readonly BackfillQuery[];
  /** Limits all of whose account rows are loaded too: one that has changed, and may be past a threshold by that. */
  readonly accountsOfLimits: readonly number[];
  /** Keys of tasks to load. */
  readonly tasks: readonly string[];
}

/** Usage rows with `from ≤ at < to` that the selector covers, summed by the values of its fields. */
export interface BackfillQuery {
  readonly measure: Measure;
  readonly selector: Selector;
  readonly by: readonly SelectorField[];
  readonly from: number;
  readonly to: number | null;
  /** One sum for each stretch of this width, counted from the Unix epoch; null: one for all. */
  readonly stepMs: number | null;
}

export interface BackfillRow {
  readonly subject: Subject;
  /** Where its stretch begins; null where there is one for all. */
  readonly start: number | null;
  readonly sum: bigint;
}

/** The rows that `touches` asked for, as they are. */
export interface Held {
  /** By key; every account that `touches` named is here, zero where it is new; of its reads, those that are there. */
  readonly accounts: ReadonlyMap<string, Account>;
  readonly chain: ChainHead;
  /** In the order of `touches.backfills`. */
  readonly backfills: readonly (readonly BackfillRow[])[];
  /** By key; those that `touches` named and that are there. */
  readonly tasks: ReadonlyMap<string, Task>;
}

/** The first answer to a key. */
export interface IdempotencyRow {
  /** Hash of credential, operation and key, hex. */
  readonly name: string;
  /** Hash of the caller's own fields, normalised, with a version. */
  readonly fingerprint: string;
  /** The first answer, JSON text. */
  readonly answer: string;
  readonly at: number;
}

/** What the engine writes. Nothing in it may refuse any more. */
export interface Plan<R> {
  /** One per command, in order. */
  readonly results: readonly R[];
  /** New or changed, whole rows. */
  readonly accounts: readonly Account[];
  /** Keys of accounts whose rows are deleted, after `accounts` are written; left out where there are none. */
  readonly prunes?: readonly string[];
  readonly reservations: readonly { readonly row: Reservation; readonly isNew: boolean }[];
  readonly entries: readonly Entry[];
  /** Rows of a bundle; left out where there is none. */
  readonly bundle?: PlannedBundle;
  /** Encoded lines in order, from `held.chain.position + 1`. */
  readonly lines: readonly {
    readonly position: number;
    readonly entryId: string | null;
    readonly body: string;
  }[];
  readonly link: Link | null;
  readonly idempotency: readonly IdempotencyRow[];
  /** Idempotency rows to forget again: only movements are remembered. */
  readonly forgets: readonly string[];
  /** New or changed limits; a non-empty list moves the config version by one. */
  readonly limits: readonly Limit[];
  /**
   * Deletes usage rows, prompt log and rollups of calls before this instant, and attributes and draft of reservations
   * made before it that have ended.
   */
  readonly purgeBefore: number | null;
  readonly tasks: TaskChanges;
}

/** Rows booked by one line, which takes a position for each of them: the first stands at the line's own. */
export interface PlannedBundle {
  readonly rows: EntryColumns;
  /** Which of the rows are booked, in order. */
  readonly chosen: readonly number[];
  readonly firstLine: number;
  readonly recordedAt: number;
}

export interface TaskChanges {
  /** New or changed, whole rows. */
  readonly rows: readonly Task[];
  /** Written where nothing has their key; else left as they are, whatever state they are in. */
  readonly onlyNew: readonly Task[];
  /** Keys of rows to delete. */
  readonly ended: readonly string[];
}

export const noTaskChanges: TaskChanges = { rows: [], onlyNew: [], ended: [] };
