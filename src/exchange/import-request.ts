import { hash } from 'node:crypto';
import { attributesOf } from '../core/attribution.ts';
import type { BundledCall } from '../core/bundle-request.ts';
import type { Context } from '../core/context.ts';
import { encodeCharge, priceLoaded } from '../core/pricing.ts';
import { quantitiesOf } from '../core/quantities.ts';
import type { EntryDraft, Idempotency, WriteRequest } from '../core/request.ts';
import { anyProvider } from '../prices/index.ts';
import { promptTokens } from '../store/entry.ts';
import type { Usage } from '../usage/usage.ts';
import type { ImportedCall } from './imported-call.ts';
import { tidy, tidyTags } from './tidy.ts';

export type RecordRequest = Extract<WriteRequest, { kind: 'record' }>;

/** What the person who imports knows and the source does not say. */
export interface ImportDefaults {
  readonly provider?: string | undefined;
  readonly username?: string | undefined;
  readonly caller?: string | undefined;
  readonly project?: string | undefined;
  readonly purpose?: string | undefined;
}

/** Loads the prices that these calls need: bundledCall finds them in memory. */
export async function loadPrices(
  { catalog }: Pick<Context, 'catalog'>,
  calls: readonly ImportedCall[],
  defaults: ImportDefaults,
): Promise<void> {
  const asked = new Set<string>();
  for (const call of calls) {
    if (call.nanocents !== null) continue;
    const provider = providerOf(call, defaults);
    const key = `${provider}\u0000${call.model}`;
    if (asked.has(key)) continue;
    asked.add(key);
    await catalog.ready({ ...(provider === null ? {} : { provider }), model: tidy(call.model)! });
  }
}

function providerOf(call: ImportedCall, defaults: ImportDefaults): string | null {
  return tidy(call.provider ?? defaults.provider ?? null);
}

/** The usage row of an imported call, and its key: priced at its own instant, labelled `imported`. */
export function bundledCall(
  context: Pick<Context, 'catalog' | 'ids'>,
  call: ImportedCall,
  { defaults, key }: { readonly defaults: ImportDefaults; readonly key: Idempotency },
): BundledCall {
  const provider = providerOf(call, defaults);
  const model = tidy(call.model)!;
  const cost = costOf(context, call, model, provider);
  const id = context.ids.uuid();
  const entry: EntryDraft = {
    id,
    kind: call.isCall ? 'call' : 'attempt',
    at: call.at,
    model,
    requestedModel: tidy(call.requestedModel),
    provider: provider ?? cost.provider,
    endpoint: null,
    caller: tidy(call.caller ?? defaults.caller ?? null),
    username: tidy(call.username ?? defaults.username ?? null),
    project: tidy(call.project ?? defaults.project ?? null),
    session: tidy(call.session),
    purpose: tidy(call.purpose ?? defaults.purpose ?? null),
    key: tidy(call.key),
    tags: tidyTags(call.tags),
    usage: call.usage,
    totalTokens: call.totalTokens,
    localPromptTokens: call.localPromptTokens,
    localCompletionTokens: call.localCompletionTokens,
    localTotalTokens: call.localTotalTokens,
    toolCalls: null,
    nanocents: cost.nanocents,
    costSource: cost.source,
    basis: 'imported',
    priceId: cost.priceId,
    charge: cost.charge,
    remark: cost.reason === null ? call.remark : `${cost.reason}; ${call.remark}`,
    executionMicroseconds: call.executionMicroseconds,
    callId: id,
    reservationId: null,
    adjusts: null,
    responseId: call.responseId,
    rawUsage: call.rawUsage,
    calls: call.isCall ? 1 : 0,
    salt: context.ids.salt(),
  };
  return { entry, idempotency: key };
}

/** The write that books it alone. No limit refuses it. */
export function recordRequest({ entry, idempotency }: BundledCall): RecordRequest {
  const attributes = attributesOf(entry);
  return { kind: 'record', quantities: quantitiesOf(entry), attributes, entry, idempotency };
}

/**
 * The key under which a call is booked once, and a fingerprint of its counts: the same call with other counts is a
 * conflict that the import counts and leaves alone.
 */
export function importKey(call: ImportedCall): Idempotency {
  const day = Math.floor(call.at / dayMs)
    .toString(16)
    .padStart(8, '0');
  return {
    name: day + hash('sha256', `local\nimport\n${call.identity}`, 'hex').slice(0, 24),
    fingerprint: `import ${countsOf(call.usage)}`,
  };
}

/** What two records of one call have to agree on: sources share out cached tokens in their own ways. */
export function countsOf(usage: Usage): string {
  return `${promptTokens(usage)} ${usage.output}`;
}

/**
 * Keys begin with the day of the call: those of one import lie together, where random ones would each write a page of the
 * ledger.
 */
const dayMs = 86_400_000;

interface Cost {
  readonly nanocents: bigint | null;
  readonly source: EntryDraft['costSource'];
  readonly priceId: string | null;
  readonly charge: string | null;
  readonly provider: string | null;
  /** Why there is no amount. */
  readonly reason: string | null;
}

function costOf(
  context: Pick<Context, 'catalog'>,
  call: ImportedCall,
  model: string,
  provider: string | null,
): Cost {
  const none = { priceId: null, charge: null, provider: null, reason: null };
  if (call.nanocents !== null) return { ...none, nanocents: call.nanocents, source: 'given' };
  const named = provider === null ? {} : { provider };
  const as = { model, at: call.at, terms: call.terms, ...named };
  const pricing = priceLoaded(context, call.usage, as);
  if (pricing.outcome === 'unpriced') {
    return { ...none, nanocents: null, source: 'unpriced', reason: pricing.reason };
  }
  return {
    nanocents: pricing.charge.nanocents,
    source: 'priced',
    priceId: pricing.charge.priceId,
    charge: encodeCharge(pricing.charge),
    // A price for whoever serves the model says nothing of who did.
    provider: pricing.price.provider === anyProvider ? null : pricing.price.provider,
    reason: null,
  };
}
