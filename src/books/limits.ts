import type { Context } from '../core/context.ts';
import type { LedgerService } from '../core/ledger.ts';
import { identityOf } from '../core/limit-change.ts';
import { NanocentError } from '../errors/error.ts';
import { type Limit, maximumAt } from '../limits/limit.ts';
import { checkLimit, type LimitInput, parseMaximum } from '../limits/parse-limit.ts';
import type { Clock } from '../time/clock.ts';
import { parseInstant } from '../time/index.ts';
import { throwFailure } from './failure.ts';
import { findCounters, type ResetCounter, type ResetQuery, resetCounters } from './reset-limits.ts';
import { refuseOfFile, type SyncedLimits } from './sync-limits.ts';

/** The limits of a ledger. Changes hold from the next batch on, in every process. */
export class Limits {
  readonly #ledger: LedgerService;
  readonly #zone: string;
  readonly #clock: Clock;
  /** What opening did about the limits that are written down; null where none are. */
  synced: SyncedLimits | null = null;

  constructor({ ledger, zone, clock }: Context) {
    this.#ledger = ledger;
    this.#zone = zone;
    this.#clock = clock;
  }

  /**
   * Sets a limit; the same scope, type, fields and window again gives it a new maximum and keeps its counters. A new one counts
   * what already happened in its current window, unless `fromNow`. Throws limit_invalid naming the field, and
   * permission_denied for one that a file set.
   */
  async set(input: LimitInput & { readonly fromNow?: boolean }): Promise<Limit> {
    const { fromNow = false, ...limit } = input;
    return (await this.setAll([limit], { fromNow }))[0]!;
  }

  /** Sets several, in order; the first is set when all of them are found right. Throws as `set` does. */
  async setAll(
    inputs: readonly LimitInput[],
    options: { readonly fromNow?: boolean } = {},
  ): Promise<readonly Limit[]> {
    const drafts = inputs.map((input) => checkLimit(input, { zone: this.#zone }));
    const before = await this.list();
    const identities = drafts.map(identityOf);
    const twice = identities.findIndex((identity, index) => identities.indexOf(identity) !== index);
    if (twice >= 0) {
      throw new NanocentError('limit_invalid', `limit ${twice + 1} is the same as one before it`, {
        field: 'limits',
        fix: 'leave one of them out',
      });
    }
    for (const limit of before) if (identities.includes(identityOf(limit))) refuseOfFile(limit);
    const limits: Limit[] = [];
    for (const limit of drafts) {
      const result = await this.#ledger.write({ kind: 'setLimit', limit, fromNow: options.fromNow ?? false });
      if (result.outcome !== 'ruled') return throwFailure(result);
      limits.push(result.limit);
    }
    return limits;
  }

  /** Limits in force, by id. */
  async list(): Promise<readonly Limit[]> {
    const { limits } = await this.#ledger.reads.limits();
    return limits.filter((limit) => limit.endedAt === null).sort((left, right) => left.id - right.id);
  }

  /** Ends a limit; its history stays. Throws limit_not_found, and permission_denied for one that a file set. */
  async delete(id: number): Promise<Limit> {
    const known = (await this.list()).find((limit) => limit.id === id);
    refuseOfFile(known);
    if (known?.kind === 'grants') {
      throw new NanocentError('limit_invalid', `${id} is no limit but prepaid credit`, {
        field: 'id',
        fix: 'take it back with nanocent grants refund',
      });
    }
    const result = await this.#ledger.write({ kind: 'endLimit', id });
    if (result.outcome === 'ruled') return result.limit;
    return throwFailure(result);
  }

  /**
   * Raises a limit's maximum until an instant (epoch milliseconds, or ISO 8601, in the ledger's zone where it names none), with a reason of 1 to 256 characters; the journal keeps both.
   * Throws limit_not_found, limit_invalid, amount_invalid, time_invalid.
   */
  async raise(input: {
    readonly id: number;
    /** USD for `cost`, a whole count otherwise. */
    readonly to: string;
    readonly until: number | string;
    readonly reason: string;
  }): Promise<Limit> {
    const { id, reason } = input;
    const until = this.#instantFrom(input.until, 'until');
    const known = (await this.list()).find((limit) => limit.id === id);
    if (!known) {
      throw new NanocentError('limit_not_found', `there is no limit ${id} in force`, {
        field: 'id',
        fix: 'take the number from nanocent limits list',
      });
    }
    if (reason.trim() === '' || reason.length > 256) {
      throw new NanocentError('limit_invalid', 'reason must have 1 to 256 characters', { field: 'reason' });
    }
    const max = parseMaximum(input.to, known.type, 'to');
    if (max <= maximumAt(known, this.#clock.now())) {
      throw new NanocentError('limit_invalid', `limit ${id} allows ${input.to} already, or more`, {
        field: 'to',
        fix: 'raise it to more, or set it with nanocent limits set',
      });
    }
    const result = await this.#ledger.write({ kind: 'raiseLimit', id, max, until, reason });
    if (result.outcome === 'ruled') return result.limit;
    return throwFailure(result);
  }

  /** What `reset` would set back: counters with something used in their current window. Throws as it does. */
  counters(query: ResetQuery): Promise<readonly ResetCounter[]> {
    return findCounters(this.#ledger, query, this.#clock.now());
  }

  /**
   * Sets the counters of a limit, a user, a model … back to zero by an adjustment in the journal, and says by how much; usage
   * and its cost stay as they are. Throws field_missing where nothing is named, limit_not_found.
   */
  async reset(query: ResetQuery): Promise<readonly ResetCounter[]> {
    const counters = await this.counters(query);
    await resetCounters(this.#ledger, counters);
    return counters;
  }

  #instantFrom(given: number | string, field: string): number {
    const instant = typeof given === 'string' ? parseInstant(given, { zone: this.#zone, field }) : given;
    if (Number.isSafeInteger(instant)) return instant;
    throw new NanocentError('time_invalid', `${field} is no instant`, {
      field,
      fix: 'give epoch milliseconds, or a text such as 2027-01-01T12:00:00Z',
    });
  }
}
