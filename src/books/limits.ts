import type { LedgerService } from '../core/ledger.ts';
import { identityOf } from '../core/limit-change.ts';
import type { LimitDraft } from '../core/request.ts';
import type { Limit } from '../limits/limit.ts';
import { checkLimit, type LimitInput } from '../limits/parse-limit.ts';
import { throwFailure } from './failure.ts';
import { refuseOfFile, type SyncedLimits } from './sync-limits.ts';

/** The limits of a ledger. Changes hold from the next batch on, in every process. */
export class Limits {
  readonly #ledger: LedgerService;
  readonly #zone: string;
  /** What opening did about the limits that are written down; null where none are. */
  synced: SyncedLimits | null = null;

  constructor(ledger: LedgerService, zone: string) {
    this.#ledger = ledger;
    this.#zone = zone;
  }

  /**
   * Sets a limit; the same scope, type, fields and window again gives it a new maximum and keeps its counters. A new one counts
   * what already happened in its current window, unless `fromNow`. Throws limit_invalid naming the field, and
   * permission_denied for one that a file set.
   */
  async set(input: LimitInput & { readonly fromNow?: boolean }): Promise<Limit> {
    const limit: LimitDraft = checkLimit(input, { zone: this.#zone });
    refuseOfFile((await this.list()).find((one) => identityOf(one) === identityOf(limit)));
    const result = await this.#ledger.write({ kind: 'setLimit', limit, fromNow: input.fromNow ?? false });
    if (result.outcome === 'ruled') return result.limit;
    return throwFailure(result);
  }

  /** Limits in force, by id. */
  async list(): Promise<readonly Limit[]> {
    const { limits } = await this.#ledger.reads.limits();
    return limits.filter((limit) => limit.endedAt === null).sort((left, right) => left.id - right.id);
  }

  /** Ends a limit; its history stays. Throws limit_not_found, and permission_denied for one that a file set. */
  async delete(id: number): Promise<Limit> {
    refuseOfFile((await this.list()).find((limit) => limit.id === id));
    const result = await this.#ledger.write({ kind: 'endLimit', id });
    if (result.outcome === 'ruled') return result.limit;
    return throwFailure(result);
  }
}
