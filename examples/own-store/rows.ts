import { type Entry, type Limit, NanocentError, type Reservation } from 'nanocent';
import {
  type Account,
  type ChainHead,
  decodeLine,
  entryIn,
  genesisHash,
  type IdempotencyRow,
  type LineRef,
  type Link,
  type Plan,
  type Task,
} from 'nanocent/store/memory';

/** A usage row, and where in the journal it was booked. */
export interface Booked {
  readonly entry: Entry;
  readonly position: number;
  /** Among the rows of its line. */
  readonly row: number;
}

/** What one batch writes: a plan with its usage rows laid out, as JSON can keep it. */
export type Batch = Omit<Plan<never>, 'results' | 'entries' | 'bundle'> & {
  readonly booked: readonly Booked[];
};

/** Throws plan_impossible for a row that no line of the journal books: no store may keep one. */
export function batchOf({ results: _, entries, bundle, ...plan }: Plan<unknown>): Batch {
  const positions = new Map(plan.lines.map((line) => [line.entryId, line.position]));
  const single = entries.map((entry) => {
    const position = positions.get(entry.id);
    if (position === undefined)
      throw new NanocentError('plan_impossible', `entry ${entry.id} has no line in the journal`);
    return { entry, position, row: 0 };
  });
  const bundled = (bundle?.chosen ?? []).map((index, row) => ({
    entry: entryIn(bundle!.rows, index, bundle!.recordedAt),
    position: bundle!.firstLine,
    row,
  }));
  return { ...plan, booked: [...single, ...bundled] };
}

/** Every row of the ledger in Maps: the batches of the file, one after the other. */
export class Rows {
  readonly accounts = new Map<string, Account>();
  readonly reservations = new Map<string, Reservation>();
  readonly booked = new Map<string, Booked>();
  readonly idempotency = new Map<string, IdempotencyRow>();
  readonly limits = new Map<number, Limit>();
  readonly tasks = new Map<string, Task>();
  readonly lines: { readonly position: number; readonly body: string }[] = [];
  readonly links: Link[] = [];
  readonly purges: LineRef[] = [];
  configVersion = 0;

  get head(): ChainHead {
    const last = this.links.at(-1);
    if (!last) return { chain: 1, position: 0, number: 0, hash: genesisHash, at: 0 };
    return { chain: 1, position: last.lastPosition, number: last.number, hash: last.hash, at: last.at };
  }

  get entries(): Entry[] {
    return [...this.booked.values()].map(({ entry }) => entry);
  }

  /** Nothing in a batch may refuse: the ledger has decided. */
  write(batch: Batch): void {
    for (const account of batch.accounts) this.accounts.set(account.key, account);
    for (const key of batch.prunes ?? []) this.accounts.delete(key);
    for (const { row } of batch.reservations) this.reservations.set(row.id, row);
    for (const one of batch.booked) this.booked.set(one.entry.id, one);
    this.lines.push(...batch.lines);
    if (batch.link) this.links.push(batch.link);
    for (const row of batch.idempotency) this.idempotency.set(row.name, row);
    for (const name of batch.forgets) this.idempotency.delete(name);
    for (const limit of batch.limits) this.limits.set(limit.id, limit);
    if (batch.limits.length > 0) this.configVersion += 1;
    for (const task of batch.tasks.rows) this.tasks.set(task.key, task);
    for (const task of batch.tasks.onlyNew) if (!this.tasks.has(task.key)) this.tasks.set(task.key, task);
    for (const key of batch.tasks.ended) this.tasks.delete(key);
    if (batch.purgeBefore !== null) this.#purge(batch, batch.purgeBefore);
  }

  #purge({ lines }: Batch, before: number): void {
    for (const { position, body } of lines)
      if (decodeLine(1, body).kind === 'purge') this.purges.push({ chain: 1, position });
    for (const [id, { entry }] of this.booked) if (entry.at < before) this.booked.delete(id);
    for (const [id, row] of this.reservations) {
      if (row.state !== 'open' && row.createdAt < before)
        this.reservations.set(id, { ...row, draft: null, attributes: {} });
    }
  }

  copy(): Rows {
    const copy = new Rows();
    for (const name of ['accounts', 'reservations', 'booked', 'idempotency', 'limits', 'tasks'] as const)
      for (const [key, row] of this[name]) (copy[name] as Map<unknown, unknown>).set(key, row);
    for (const name of ['lines', 'links', 'purges'] as const)
      (copy[name] as unknown[]).push(...(this[name] as unknown[]));
    copy.configVersion = this.configVersion;
    return copy;
  }
}
