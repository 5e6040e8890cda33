import {
  type BundledCall,
  type BundleRequest,
  type BundleResult,
  bundleRowsMax,
  callIn,
  openBundle,
  rowStates,
} from '../core/bundle-request.ts';
import type { Context } from '../core/context.ts';
import type { Idempotency, WriteResult } from '../core/request.ts';
import { NanocentError } from '../errors/error.ts';
import type { Entry } from '../store/entry.ts';
import { bookedResponses } from './booked-responses.ts';
import {
  bundledCall,
  countsOf,
  type ImportDefaults,
  importKey,
  loadPrices,
  recordRequest,
} from './import-request.ts';
import type { BadRecord, ImportBatch, ImportNote, ImportSource, Mark } from './import-source.ts';
import type { ImportedCall } from './imported-call.ts';
import { tidy } from './tidy.ts';

/** What an import stands on. */
export type ImportContext = Pick<Context, 'ledger' | 'catalog' | 'clock' | 'ids'>;

export interface ImportOptions {
  /** Looks and prices, books nothing. */
  readonly dryRun?: boolean;
  readonly defaults?: ImportDefaults;
  /** Called after each batch; `done` of `total`, which is null where nobody knows it. */
  readonly onProgress?: (summary: ImportSummary, done: number, total: number | null) => void;
  /** Once everything up to these marks is in the ledger. */
  readonly onMarks?: (marks: ReadonlyMap<string, Mark>) => void;
  /** Ends the import between two batches; what is booked stays booked. */
  readonly signal?: AbortSignal;
}

export interface ImportSummary {
  /** Calls found in the source, those passed over unread not among them. */
  read: number;
  /** Booked now; with `dryRun`, what would be. */
  booked: number;
  /** Booked by an earlier import, or twice in the source. */
  alreadyBooked: number;
  /** The gateway booked the same response of the provider. */
  bookedByGateway: number;
  /** Booked earlier with other counts than the source has now; left as it is. */
  differing: number;
  /** Lines and rows that no call could be made of. */
  malformed: number;
  /** Booked now without a price. */
  unpricedCalls: number;
  /** What the calls booked now cost. */
  nanocents: bigint;
  /** Instants of the first and last call booked now. */
  from: number | null;
  to: number | null;
  /** The first `badKeptMax` of what was malformed. */
  readonly bad: BadRecord[];
  notes: readonly ImportNote[];
}

/** Malformed records that the summary names. */
const badKeptMax = 20;
/** Batches under way: the ledger has one to write while another is priced and a third is looked up. */
const batchesUnderWayMax = 3;
/** A call further ahead than this is malformed: a clock or a unit is wrong. */
const aheadMsMax = 24 * 3_600_000;

/**
 * Books every call of a source once, however often and from however many overlapping sources it is imported. Never throws
 * for what stands in the source; rejects when the ledger does not take it (store_busy, store_full …) or the source ends in an
 * error, with everything before it booked: `onProgress` has the figures.
 */
export async function importCalls(
  context: ImportContext,
  source: ImportSource,
  options: ImportOptions = {},
): Promise<ImportSummary> {
  const work = new Work(context, options);
  const underWay: UnderWay[] = [];
  const finishOldest = async () => {
    const { booked, marks, done } = underWay.shift()!;
    await booked;
    if (marks.size > 0) options.onMarks?.(marks);
    options.onProgress?.(work.summary, done, source.total);
  };
  try {
    for await (const batch of source.batches()) {
      const booked = work.book(batch);
      underWay.push({ booked, marks: batch.marks, done: batch.done });
      // Awaited below; until then a failure must not count as unhandled.
      booked.catch(() => {});
      if (underWay.length >= batchesUnderWayMax) await finishOldest();
      if (options.signal?.aborted) break;
    }
    while (underWay.length > 0) await finishOldest();
  } finally {
    await Promise.allSettled(underWay.map(({ booked }) => booked));
    work.summary.notes = source.notes();
  }
  return work.summary;
}

/** A batch without its calls, which are columns by then. */
interface UnderWay extends Pick<ImportBatch, 'marks' | 'done'> {
  readonly booked: Promise<void>;
}

interface KeyedCall {
  readonly call: ImportedCall;
  readonly key: Idempotency;
}

/** Calls in columns, and where each stands. */
interface PricedCalls {
  readonly bundle: BundleRequest;
  readonly where: readonly string[];
}

class Work {
  readonly summary: ImportSummary = {
    read: 0,
    booked: 0,
    alreadyBooked: 0,
    bookedByGateway: 0,
    differing: 0,
    malformed: 0,
    unpricedCalls: 0,
    nanocents: 0n,
    from: null,
    to: null,
    bad: [],
    notes: [],
  };
  readonly #context: ImportContext;
  readonly #defaults: ImportDefaults;
  readonly #dryRun: boolean;
  /** Whether the last batch had calls that were booked before: then they are looked up before they are priced. */
  #meetsKnown = true;

  constructor(context: ImportContext, options: ImportOptions) {
    this.#context = context;
    this.#defaults = options.defaults ?? {};
    this.#dryRun = options.dryRun === true;
  }

  async book(batch: ImportBatch): Promise<void> {
    for (const bad of batch.bad) this.#malformed(bad);
    this.summary.read += batch.calls.length;
    return this.#prepare(batch.calls).then((parts) => this.#bookParts(parts));
  }

  /** A step of its own: its objects are gone before the ledger is waited for. */
  async #prepare(calls: readonly ImportedCall[]): Promise<PricedCalls[]> {
    const fresh = await this.#fresh(this.#sound(calls));
    await loadPrices(
      this.#context,
      fresh.map(({ call }) => call),
      this.#defaults,
    );
    return Array.from(partsOf(fresh, bundleRowsMax), (part) => this.#pricedAll(part));
  }

  async #bookParts(parts: readonly PricedCalls[]): Promise<void> {
    for (const priced of parts) {
      if (!this.#dryRun) await this.#bookAll(priced);
      else for (const row of priced.where.keys()) this.#booked(priced, row);
    }
  }

  #sound(calls: readonly ImportedCall[]): ImportedCall[] {
    const latest = this.#context.clock.now() + aheadMsMax;
    return calls.filter((call) => {
      const problem =
        tidy(call.model) === null
          ? 'names no model'
          : call.at > latest
            ? `happened at ${new Date(call.at).toISOString()}, more than 24 hours ahead`
            : null;
      if (problem !== null) this.#malformed({ where: call.where, message: `a call ${problem}` });
      return problem === null;
    });
  }

  /**
   * Without what the ledger knows already: one look-up of keys for the whole batch, left out while nothing is found (a bundle looks
   * again where it is booked), and one of responses.
   */
  async #fresh(calls: readonly ImportedCall[]): Promise<KeyedCall[]> {
    const { reads } = this.#context.ledger;
    const byName = new Map<string, KeyedCall>();
    for (const call of calls) {
      const key = importKey(call);
      const first = byName.get(key.name);
      if (first) this.#known(first.key.fingerprint === key.fingerprint);
      else byName.set(key.name, { call, key });
    }
    const asked = this.#meetsKnown || this.#dryRun ? [...byName.keys()] : [];
    const known = asked.length === 0 ? [] : await reads.idempotency(asked);
    if (asked.length > 0) this.#meetsKnown = known.length > 0;
    for (const row of known) {
      this.#known(byName.get(row.name)!.key.fingerprint === row.fingerprint);
      byName.delete(row.name);
    }
    const fresh = [...byName.values()];
    const booked = await bookedResponses(
      reads,
      fresh.map(({ call }) => call),
    );
    return fresh.filter(({ call }) => !this.#isBooked(call, booked.get(call.responseId ?? '')));
  }

  /** By the gateway, or out of another program's log of the same response. */
  #isBooked(call: ImportedCall, rows: readonly Entry[] = []): boolean {
    const others = rows.filter(({ basis }) => basis !== 'imported');
    if (others.length > 0) this.summary.bookedByGateway += 1;
    if (others.length > 0) return true;
    const same = call.isCall ? rows.find(({ calls }) => calls === 1) : undefined;
    if (same) this.#known(countsOf(same.usage) === countsOf(call.usage));
    return same !== undefined;
  }

  #known(sameCounts: boolean): void {
    if (sameCounts) this.summary.alreadyBooked += 1;
    else this.summary.differing += 1;
  }

  #pricedAll(calls: readonly KeyedCall[]): PricedCalls {
    const bundle = openBundle(calls.length);
    const where: string[] = [];
    for (const { call, key } of calls) {
      const priced = this.#priced(call, key);
      if (priced === null) continue;
      bundle.add(priced);
      where.push(call.where);
    }
    return { bundle: bundle.finish(), where };
  }

  /** Null for a call that no row can be made of, which is counted. */
  #priced(call: ImportedCall, key: Idempotency): BundledCall | null {
    try {
      return bundledCall(this.#context, call, { defaults: this.#defaults, key });
    } catch (error) {
      return this.#refused(error, call.where);
    }
  }

  /** All with one line; what the ledger cannot take for one call's sake is booked call by call. */
  async #bookAll(calls: PricedCalls): Promise<void> {
    let result: BundleResult;
    try {
      result = await this.#context.ledger.writeBundle(calls.bundle);
    } catch (error) {
      if (NanocentError.is(error) && error.kind === 'unavailable') throw error;
      return this.#bookEach(calls);
    }
    if (result.outcome === 'failed') return this.#bookEach(calls);
    for (const [row, state] of result.states.entries()) {
      if (state === rowStates.booked) this.#booked(calls, row);
      else {
        this.#known(state === rowStates.known);
        this.#meetsKnown = true;
      }
    }
  }

  async #bookEach(calls: PricedCalls): Promise<void> {
    await Promise.all(calls.where.map((_, row) => this.#bookOne(calls, row)));
  }

  async #bookOne(calls: PricedCalls, row: number): Promise<void> {
    const where = calls.where[row]!;
    let result: WriteResult;
    try {
      result = await this.#context.ledger.write(recordRequest(callIn(calls.bundle, row)));
    } catch (error) {
      this.#refused(error, where);
      return;
    }
    if (result.outcome === 'recorded') return this.#booked(calls, row);
    if (result.outcome === 'replayed' || result.outcome === 'again') return this.#known(true);
    if (result.outcome === 'failed' && result.code === 'idempotency_conflict') return this.#known(false);
    const message = result.outcome === 'failed' ? result.message : `the ledger answered ${result.outcome}`;
    this.#malformed({ where, message });
  }

  /** Bad input is counted against the call; anything else ends the import. */
  #refused(error: unknown, where: string): null {
    if (!NanocentError.is(error) || error.kind !== 'invalid') throw error;
    this.#malformed({ where, message: error.message });
    return null;
  }

  #booked({ bundle: { rows } }: PricedCalls, row: number): void {
    const { summary } = this;
    const at = rows.counts.at[row]!;
    summary.booked += 1;
    if (rows.isPriced[row] === 1) summary.nanocents += rows.nanocents[row]!;
    else summary.unpricedCalls += 1;
    if (summary.from === null || at < summary.from) summary.from = at;
    if (summary.to === null || at > summary.to) summary.to = at;
  }

  #malformed(bad: BadRecord): void {
    this.summary.malformed += 1;
    if (this.summary.bad.length < badKeptMax) this.summary.bad.push(bad);
  }
}

function* partsOf<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
