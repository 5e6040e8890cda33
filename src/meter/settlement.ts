import type { EndingRequest } from '../core/ending.ts';
import { encodeCharge } from '../core/pricing.ts';
import { quantitiesOf } from '../core/quantities.ts';
import type { EntryDraft } from '../core/request.ts';
import { NanocentError } from '../errors/error.ts';
import type { Catalog } from '../prices/catalog.ts';
import { priceReading, type ReadingPricing } from '../prices/price-reading.ts';
import type { Basis, Reading } from '../usage/reading.ts';
import type { Ending } from './call.ts';
import { type KnownCounts, knownCounts } from './partial-counts.ts';

export interface SettlementInput {
  readonly reservationId: string;
  readonly heldNanocents: bigint;
  /** The row that the hold would be booked with: who, what for, when. */
  readonly draft: EntryDraft;
  readonly entryId: string;
  readonly salt: string;
  readonly requestBytes: number;
  /** The provider in the catalog. */
  readonly pricedAs: string;
  readonly executionMicroseconds: number;
}

/**
 * How a call ends in the ledger. Proven not billed: a void, which keeps the request of what was sent. Else a settle:
 * by the provider's counts, by what was seen, or, where nothing is known, by the hold. What was sent is never booked as
 * nothing. Further models and fees inside the answer are lines of the same charge: one call, one settle, one row.
 */
export function endingRequest(
  input: SettlementInput,
  ending: Ending,
  reading: Reading,
  catalog: Catalog,
): EndingRequest {
  if (!ending.sent) return { kind: 'void', id: input.reservationId, keep: {} };
  if (isRefusedByProvider(ending, reading)) {
    return { kind: 'void', id: input.reservationId, keep: { requests: 1n } };
  }
  const counts = knownCounts(reading, ending, input.requestBytes);
  const entry = counts
    ? pricedEntry(input, reading, counts, catalog)
    : heldEntry(input, reading, answerUnknown);
  // A hold of nothing is a call whose price is not known: naming the cost keeps the row unpriced, not free.
  const cost = entry.nanocents === null && input.heldNanocents === 0n ? { cost: 0n } : {};
  return {
    kind: 'settle',
    id: input.reservationId,
    quantities: { ...quantitiesOf(entry), ...cost },
    attributes: null,
    entry,
  };
}

/** An answer outside 200–299 comes before generation, unless it counts something all the same. */
function isRefusedByProvider(ending: Ending, reading: Reading): boolean {
  const { httpStatus } = ending;
  return httpStatus !== null && (httpStatus < 200 || httpStatus > 299) && reading.raw === null;
}

function pricedEntry(
  input: SettlementInput,
  reading: Reading,
  counts: KnownCounts,
  catalog: Catalog,
): EntryDraft {
  const counted = { ...reading, usage: counts.usage };
  const pricing = pricingOf(input, counted, catalog);
  if (pricing.outcome === 'unpriced') {
    return heldEntry(input, counted, { basis: counts.basis, remark: pricing.reason });
  }
  return {
    ...seenEntry(input, counted),
    nanocents: pricing.charge.nanocents,
    costSource: pricing.costSource,
    basis: counts.basis,
    priceId: pricing.charge.priceId,
    charge: encodeCharge(pricing.charge),
    remark: counts.remark,
  };
}

function pricingOf(input: SettlementInput, reading: Reading, catalog: Catalog): ReadingPricing {
  try {
    return priceReading(reading, catalog, {
      at: input.draft.at,
      model: input.draft.model,
      provider: input.pricedAs,
    });
  } catch (error) {
    // Counts beyond belief or an amount beyond 64 bits: the call was made all the same, and must be booked.
    return { outcome: 'unpriced', reason: NanocentError.is(error) ? error.message : 'pricing failed' };
  }
}

interface Unknown {
  readonly basis: Basis;
  readonly remark: string;
}

const answerUnknown: Unknown = {
  basis: 'reserved',
  remark: 'nothing is known of the answer: the hold was booked',
};

/** The amount is not known: the ledger books the hold, and says so; without one the row stays unpriced. */
function heldEntry(input: SettlementInput, reading: Reading, unknown: Unknown): EntryDraft {
  return { ...seenEntry(input, reading), nanocents: null, costSource: 'unpriced', ...unknown };
}

function seenEntry(input: SettlementInput, reading: Reading): EntryDraft {
  return {
    ...input.draft,
    id: input.entryId,
    salt: input.salt,
    model: storable(reading.model) ?? input.draft.model,
    usage: reading.usage,
    toolCalls: reading.toolCalls,
    executionMicroseconds: input.executionMicroseconds,
    responseId: storable(reading.responseId),
    rawUsage: reading.raw !== null && reading.raw.length <= rawUsageCharactersMax ? reading.raw : null,
  };
}

const rawUsageCharactersMax = 16_384;

/** A provider's text in a column of ours: at most 256 characters, none of them a control character. */
function storable(text: string | null): string | null {
  if (text === null || text === '' || text.length > 256 || !text.isWellFormed()) return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return /[\u0000-\u001f\u007f]/.test(text) ? null : text;
}
