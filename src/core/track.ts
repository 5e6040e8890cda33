import { hash } from 'node:crypto';
import { NanocentError } from '../errors/error.ts';
import { anyProvider } from '../prices/catalog.ts';
import { parseInstant } from '../time/instant.ts';
import type { Basis } from '../usage/reading.ts';
import { type AttributionInput, attributesOf, parseAttribution } from './attribution.ts';
import type { Context } from './context.ts';
import { type CountsInput, parseCounts } from './counts.ts';
import { encodeCharge, priceUsage } from './pricing.ts';
import { quantitiesOf } from './quantities.ts';
import type { EntryDraft, Idempotency, WriteRequest } from './request.ts';
import { inRun, type Run } from './run.ts';

/** A call that happened: whose, what it used, and what it cost where that is known. */
export interface TrackInput extends AttributionInput, CountsInput {
  /** Given cost; computed from the catalog when left out. */
  readonly nanocents?: bigint | undefined;
  readonly executionMicroseconds?: number | undefined;
  /** ISO 8601; without a zone in the ledger's. Now when left out. */
  readonly timestamp?: string | undefined;
  readonly basis?: Basis | undefined;
  /** The same key with the same fields books once. */
  readonly idempotencyKey?: string | undefined;
  /** The run that it counts in; the one it is made in when left out, none where null. */
  readonly run?: Run | null | undefined;
}

/** A timestamp further ahead than this is bad input: a clock or a unit is wrong. */
const aheadMsMax = 24 * 3_600_000;
const executionMicrosecondsMax = 365 * 24 * 3_600_000_000;

/** Everything about a call that happened elsewhere, checked and priced: ready to be recorded, never refused. */
export async function trackRequest(
  context: Context,
  tracked: TrackInput,
): Promise<Extract<WriteRequest, { kind: 'record' }>> {
  const { run, ...said } = tracked;
  const { input, caps } = inRun(context, said, run);
  const attribution = parseAttribution(input);
  const counts = parseCounts(input);
  const at = timestampOf(context, input.timestamp);
  const cost = await costOf(context, input, counts.usage, at);
  const id = context.ids.uuid();
  const entry: EntryDraft = {
    ...attribution,
    provider: attribution.provider ?? cost.provider,
    id,
    kind: 'call',
    at,
    ...counts,
    nanocents: cost.nanocents,
    costSource: cost.source,
    basis: input.basis ?? 'provider',
    priceId: cost.priceId,
    charge: cost.charge,
    remark: cost.remark,
    executionMicroseconds: executionOf(input.executionMicroseconds),
    callId: id,
    reservationId: null,
    adjusts: null,
    responseId: null,
    rawUsage: null,
    calls: 1,
    salt: context.ids.salt(),
  };
  return {
    kind: 'record',
    quantities: quantitiesOf(entry),
    attributes: attributesOf(entry),
    entry,
    idempotency: idempotencyOf('track', input.idempotencyKey, said),
    ...caps,
  };
}

/** Name and fingerprint of a caller's key; null without one. The fingerprint covers only what the caller said. */
export function idempotencyOf(
  operation: string,
  key: string | undefined,
  fields: object,
): Idempotency | null {
  if (key === undefined) return null;
  if (key === '' || key.length > 255) {
    throw new NanocentError(
      'field_invalid',
      `an idempotency key has 1 to 255 characters, not ${key.length}`,
      {
        field: 'idempotencyKey',
      },
    );
  }
  const { idempotencyKey: _, ...said } = fields as Record<string, unknown>;
  const body = JSON.stringify(['1', operation, canonical(said)]);
  return {
    name: hash('sha256', `local\n${operation}\n${key}`, 'hex').slice(0, 32),
    fingerprint: hash('sha256', body, 'hex'),
  };
}

function canonical(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const pairs = Object.entries(value).filter(([, one]) => one !== undefined);
  return pairs
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, one]) => [name, canonical(one)]);
}

interface Cost {
  readonly nanocents: bigint | null;
  readonly source: EntryDraft['costSource'];
  readonly priceId: string | null;
  readonly charge: string | null;
  readonly remark: string | null;
  readonly provider: string | null;
}

async function costOf(
  context: Context,
  input: TrackInput,
  usage: EntryDraft['usage'],
  at: number,
): Promise<Cost> {
  const none = { priceId: null, charge: null, remark: null, provider: null };
  if (input.nanocents !== undefined) {
    if (input.nanocents < 0n) {
      throw new NanocentError('amount_invalid', 'the cost of a call cannot be negative', { field: 'cost' });
    }
    return { ...none, nanocents: input.nanocents, source: 'given' };
  }
  const pricing = await priceUsage(context, usage, { model: input.model, provider: input.provider, at });
  if (pricing.outcome === 'unpriced')
    return { ...none, nanocents: null, source: 'unpriced', remark: pricing.reason };
  return {
    nanocents: pricing.charge.nanocents,
    source: 'priced',
    priceId: pricing.charge.priceId,
    charge: encodeCharge(pricing.charge),
    remark: null,
    // A price for whoever serves the model says nothing of who did.
    provider: pricing.price.provider === anyProvider ? null : pricing.price.provider,
  };
}

function timestampOf(context: Context, timestamp: string | undefined): number {
  const now = context.clock.now();
  if (timestamp === undefined) return now;
  const at = parseInstant(timestamp, { zone: context.zone, field: 'timestamp' });
  if (at > now + aheadMsMax) {
    throw new NanocentError('time_invalid', `timestamp ${timestamp} is more than 24 hours ahead`, {
      field: 'timestamp',
      fix: 'check the clock and the zone it was written in',
    });
  }
  return at;
}

function executionOf(microseconds: number | undefined): number | null {
  if (microseconds === undefined) return null;
  if (!Number.isSafeInteger(microseconds) || microseconds < 0 || microseconds > executionMicrosecondsMax) {
    throw new NanocentError('field_invalid', 'the execution time must be from 0 seconds to one year', {
      field: 'executionTime',
      fix: 'give how long it took, or leave it out',
    });
  }
  return microseconds;
}
