import { endWithAccountants, type Insufficient } from '../core/accountants.ts';
import { attributesOf } from '../core/attribution.ts';
import type { Context } from '../core/context.ts';
import { expireDue } from '../core/expire-due.ts';
import { type HoldInput, holdRequest } from '../core/hold.ts';
import type { StoreReads } from '../core/ledger.ts';
import type { LimitRefusal } from '../core/request.ts';
import { holdRuleFor, noReservationRules } from '../core/reservation-rules.ts';
import type { Delivered } from '../core/task-worker.ts';
import { type TrackInput, trackRequest } from '../core/track.ts';
import type { UnitChargeInput } from '../core/unit-charge.ts';
import { type Verification, verify } from '../core/verify.ts';
import { NanocentError } from '../errors/error.ts';
import type { Reservation } from '../ledger/reservation.ts';
import { AuditLog, PromptLog } from '../logs/index.ts';
import type { ReachForecast, Unknown } from '../reports/forecast.ts';
import { limitForecasts, type MonthForecast, monthForecast } from '../reports/forecasts.ts';
import { allLimitStates, type LimitState, limitStates, stateOf } from '../reports/limit-states.ts';
import { type PeriodStats, periodStats, type StatsQuery } from '../reports/period-stats.ts';
import type { Entry } from '../store/entry.ts';
import type { EntryFilter } from '../store/query.ts';
import { type FiredAlert, firedAlerts } from './alert-document.ts';
import { Allowances } from './allowances.ts';
import { type Checked, type CheckInput, checkQuota } from './check-quota.ts';
import { Deliveries } from './deliveries.ts';
import { Projects, Users } from './directory.ts';
import { type Explanation, explain } from './explain.ts';
import { throwFailure } from './failure.ts';
import { Grants } from './grants.ts';
import { Limits } from './limits.ts';
import { type FetchInput, meteredFetch } from './metered-fetch.ts';
import type { Logs } from './open-logs.ts';
import { hold, settle } from './reserve.ts';
import { createRunStorage, type Run, type RunInput, runInside } from './run.ts';
import { openScope, type Scope, type ScopeInput, withScope } from './scope.ts';
import { Settings } from './settings.ts';
import { chargeUnit } from './unit-charge.ts';

/** An entry as it was booked. */
export interface Tracked {
  readonly entry: Entry;
  /** Every limit that the call comes under, after it was booked. */
  readonly remaining: readonly LimitState[];
  readonly replayed: boolean;
  /** What the directory has against its user or project: a reserve would have been refused for it (docs/directory.md). */
  readonly objections: readonly NanocentError[];
}

/** What is left of every limit that the call comes under, when it is asked for. */
interface Remaining {
  remaining(): Promise<readonly LimitState[]>;
}

/** A hold, or who refused it. */
export type Reserved =
  | (Remaining & {
      readonly outcome: 'reserved';
      readonly reservation: Reservation;
      readonly replayed: boolean;
    })
  | Refused;

/** Which limits had no room; or, with none of them, which accountant said no. */
export interface Refused {
  readonly outcome: 'refused';
  readonly refusals: readonly LimitRefusal[];
  readonly insufficient: Pick<Insufficient, 'accountant' | 'error'> | null;
}

/** A hold that has ended, with the entry that it became. */
export interface Settled extends Remaining {
  readonly outcome: 'settled' | 'settled_late';
  readonly reservation: Reservation;
  readonly entry: Entry | null;
  /** Above everything that was held: booked in full. */
  readonly overrunNanocents: bigint;
  readonly replayed: boolean;
}

/** The entry of what was charged, or who refused it. */
export type Charged =
  | (Remaining & { readonly outcome: 'charged'; readonly entry: Entry; readonly replayed: boolean })
  | Refused;

/** What `openBooks` puts together around a ledger. */
export interface BooksParts {
  readonly onClose: () => Promise<void>;
  readonly deliveries: Deliveries;
  readonly logs: Pick<Logs, 'audit' | 'prompts'>;
  readonly settings: Settings;
}

/** One ledger, open: `openBooks()` makes it, `close()` or `await using` ends it. */
export class Books implements AsyncDisposable {
  /** What the metered transports stand on. */
  readonly context: Context;
  readonly limits: Limits;
  readonly allowances: Allowances;
  readonly grants: Grants;
  /** Projects that calls may be made for, where books are opened with `enforceProjects`. */
  readonly projects: Projects;
  /** Users, and who of them may no longer make calls. */
  readonly users: Users;
  readonly #runs = createRunStorage();
  /** Events that people must be able to show; purging usage leaves them. */
  readonly audit: AuditLog;
  /** What was said in calls; keeps new prompts only where `openBooks({ promptLog })` asked for it. */
  readonly prompts: PromptLog;
  /** What the configuration says of providers, models, purposes and the gateway; empty without one. */
  readonly settings: Settings;
  readonly #onClose: () => Promise<void>;
  readonly #deliveries: Deliveries;

  constructor(opened: Context, parts: Partial<BooksParts> = {}) {
    const context = { ...opened, currentRun: () => this.#runs.getStore() ?? null };
    this.context = context;
    this.limits = new Limits(context);
    this.allowances = new Allowances(context);
    this.grants = new Grants(context);
    this.projects = new Projects(context);
    this.users = new Users(context);
    const { clock, ids, ledger } = opened;
    const now = () => clock.now();
    this.audit = parts.logs?.audit ?? new AuditLog(ledger.reads, { now, uuid: () => ids.uuid() });
    this.prompts = parts.logs?.prompts ?? new PromptLog(ledger.reads, {}, now);
    this.settings = parts.settings ?? new Settings(null, {});
    this.#onClose = parts.onClose ?? (async () => {});
    this.#deliveries = parts.deliveries ?? new Deliveries(opened, null);
  }

  /** Looks without writing. */
  get reads(): StoreReads {
    return this.context.ledger.reads;
  }

  /**
   * Books a call that happened. No limit stops it. Throws field_missing, usage_invalid, usage_inconsistent, time_invalid …
   * naming the field, and idempotency_conflict for a key used before with other fields.
   */
  async track(input: TrackInput): Promise<Tracked> {
    const request = await trackRequest(this.context, input);
    const objections = (await this.context.directory?.objections(request.attributes)) ?? [];
    const result = await this.context.ledger.write(request);
    if (result.outcome === 'replayed') {
      const entry = await this.#entry(result.id);
      const { limits } = await this.reads.limits();
      const remaining = await limitStates(this.reads, limits, attributesOf(entry), entry.at);
      return { entry, remaining, replayed: true, objections };
    }
    if (result.outcome !== 'recorded' || !result.entry) return throwFailure(result);
    const { entry, standings = [] } = result;
    const remaining = standings.map(({ limit, account }) => stateOf(limit, account, entry.recordedAt));
    return { entry, remaining, replayed: false, objections };
  }

  /**
   * Sets money aside, or says which limits have no room for it, or which accountant. Throws accountant_failed where one broke,
   * with nothing reserved anywhere.
   */
  async reserve(input: HoldInput): Promise<Reserved> {
    return hold(this.context, holdRequest(this.context, input));
  }

  /** Books what was really spent and frees the rest. The same amount again answers the same; another is a conflict. */
  async settle(id: string, spent: { readonly nanocents: bigint }): Promise<Settled> {
    return settle(this.context, id, spent.nanocents);
  }

  /** Frees a hold of something that was never billed. */
  async void(id: string): Promise<{ readonly reservation: Reservation; readonly replayed: boolean }> {
    const result = await endWithAccountants(this.context, { kind: 'void', id, keep: {} });
    if (result.outcome !== 'voided') return throwFailure(result);
    return { reservation: result.reservation, replayed: result.replayed };
  }

  /**
   * Books something that costs and is no call of a model, by a price of its unit, under the same limits; or says which of
   * them have no room for it. Throws price_not_found where no price names the unit.
   */
  async charge(input: UnitChargeInput & Pick<HoldInput, 'run'>): Promise<Charged> {
    return chargeUnit(this.context, input);
  }

  /**
   * Sets money aside for several prompts: `await using scope = await books.scope({ usd: 1, model: 'gpt-4o' })`, or with the work as
   * the second argument. Each prompt is booked as it ends; the scope's end settles once and frees the rest. Throws
   * limit_refused, TokensExhausted or InsufficientBalanceError where a limit has no room, and ReservationExceededError, after
   * the commit, where more was spent than set aside.
   */
  scope(input: ScopeInput): Promise<Scope>;
  scope<Result>(input: ScopeInput, work: (scope: Scope) => Promise<Result>): Promise<Result>;
  async scope<Result>(input: ScopeInput, work?: (scope: Scope) => Promise<Result>): Promise<Scope | Result> {
    const scope = await openScope(this.context, input);
    return work ? withScope(scope, work) : scope;
  }

  /**
   * A cap on everything done inside, over models and tools: metered calls, scopes, reserves and charges count against it
   * wherever they are made, through every await. Runs inside runs all hold.
   */
  run<Result>(input: RunInput, work: (run: Run) => Promise<Result>): Promise<Result> {
    return runInside(this.context, this.#runs, input, work);
  }

  /** What is set aside for a prompt whose size is not looked at: by its purpose, else its model, else in general; 50 cents unless set. */
  fixedReservation(call: { readonly model: string; readonly purpose?: string }): bigint {
    return holdRuleFor(this.context.reservations ?? noReservationRules, call).fixedNanocents;
  }

  /**
   * A fetch for any client that takes one; every call that it carries is held first and settled before its answer ends. A
   * refusal is an answer of 429 or 402 in the provider's own shape.
   */
  fetch(input: FetchInput = {}): typeof fetch {
    return meteredFetch(this.context, input, {});
  }

  /** Sums, groups and rankings of a period. */
  periodStats(query: StatsQuery): Promise<PeriodStats> {
    return periodStats(this.reads, query);
  }

  /** The period's groups by model, dearest first. */
  async modelStats(query: Omit<StatsQuery, 'by'>): Promise<PeriodStats['groups']> {
    return (await this.periodStats({ ...query, by: 'model' })).groups;
  }

  async modelRankings(query: Omit<StatsQuery, 'by'>): Promise<PeriodStats['rankings']> {
    return (await this.periodStats({ ...query, by: 'model' })).rankings;
  }

  /** The latest calls, newest first; 10 unless told, at most 1,000. */
  async tail(count = 10, filter: EntryFilter = {}): Promise<readonly Entry[]> {
    if (!Number.isInteger(count) || count < 1 || count > 1000) {
      throw new NanocentError('field_invalid', `the number of entries is ${count}, not 1 to 1000`, {
        field: 'number',
      });
    }
    return (await this.reads.entries({ filter, from: null, to: null, limit: count })).entries;
  }

  /** Every limit's state for such a call, and what would refuse it now. Writes nothing. */
  checkQuota(input: CheckInput): Promise<Checked> {
    return checkQuota(this.context, input);
  }

  /** Every counter of every limit in its current window, by limit; a limit without one stands with nothing used. */
  limitStates(): Promise<readonly LimitState[]> {
    return allLimitStates(this.reads, this.context.clock.now());
  }

  /**
   * When each of these counters is used up, in their order; of every limit's when left out. Made of complete days before today,
   * which `forecast.ts` says how; `known: false` and why where they say nothing.
   */
  async limitForecasts(states?: readonly LimitState[]): Promise<readonly (ReachForecast | Unknown)[]> {
    const now = this.context.clock.now();
    return limitForecasts(this.reads, states ?? (await this.limitStates()), { now, zone: this.context.zone });
  }

  /** What the current month of the ledger's zone comes to at its end: an estimate with a range, or why there is none. */
  forecast(filter: EntryFilter = {}): Promise<MonthForecast> {
    const { clock, zone } = this.context;
    return monthForecast(this.reads, filter, { now: clock.now(), zone });
  }

  /** Thresholds that were reached, latest first, and whether somebody was told; 20 unless told, at most 1,000. */
  alerts(count = 20): Promise<readonly FiredAlert[]> {
    return firedAlerts(this.reads, count);
  }

  /** A call with its priced lines, its reservation's life and its other rows. Throws entry_not_found. */
  explain(id: string): Promise<Explanation> {
    return explain(this.reads, id);
  }

  /** Deletes usage rows of calls before an instant; balances, limits, the journal and open holds stay. */
  async purge(before: number): Promise<void> {
    const result = await this.context.ledger.write({ kind: 'purge', before });
    if (result.outcome !== 'purged') throwFailure(result);
  }

  /** Rebuilds every balance from the journal and compares, at one moment, also while others write. */
  async verify(progress?: (lines: number) => void): Promise<Verification> {
    const view = await this.context.ledger.view?.();
    try {
      return await verify(view?.reads ?? this.reads, progress);
    } finally {
      await view?.close();
    }
  }

  /** Closes holds whose deadline has passed; the gateway does so by itself. */
  expireDue(): Promise<number> {
    return expireDue(this.context.ledger);
  }

  /**
   * Does what is due after what was booked: sends alerts, and tells accountants again what they did not take. Happens by itself
   * while the books are open, unless they were opened with `background: false`.
   */
  deliverDue(): Promise<Delivered> {
    return this.#deliveries.deliverDue();
  }

  async close(): Promise<void> {
    await this.#deliveries.stop();
    await this.#onClose();
    await this.context.ledger.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #entry(id: string): Promise<Entry> {
    const found = await this.reads.entry(id);
    if (found) return found.entry;
    throw new NanocentError('entry_not_found', `entry ${id} was booked, and has been purged since`);
  }
}
