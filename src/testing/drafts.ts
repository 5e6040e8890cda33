import type { EntryDraft } from '../core/request.ts';
import type { Subject } from '../ledger/account.ts';
import { unknownUsage } from '../usage/usage.ts';

/** Fields of a usage row that a limit may look at, taken from attributes. */
const attributed = ['provider', 'username', 'caller', 'project', 'session', 'purpose', 'key'] as const;

/** A plain usage row for a call with these attributes: one call, nothing known but what `more` says. */
export function entryDraft(
  attributes: Subject,
  more: Pick<EntryDraft, 'id' | 'at' | 'salt'> & Partial<EntryDraft>,
): EntryDraft {
  const tags: Record<string, string> = {};
  for (const name in attributes) if (name.startsWith('tag:')) tags[name.slice(4)] = attributes[name]!;
  const known = Object.fromEntries(attributed.map((field) => [field, attributes[field] ?? null]));
  return {
    kind: 'call',
    model: attributes.model ?? 'some-model',
    requestedModel: null,
    endpoint: null,
    ...(known as Pick<EntryDraft, (typeof attributed)[number]>),
    tags,
    usage: unknownUsage,
    totalTokens: null,
    localPromptTokens: null,
    localCompletionTokens: null,
    localTotalTokens: null,
    toolCalls: null,
    nanocents: null,
    costSource: more.nanocents === undefined || more.nanocents === null ? 'unpriced' : 'given',
    basis: 'provider',
    priceId: null,
    charge: null,
    remark: null,
    executionMicroseconds: null,
    callId: more.id,
    reservationId: null,
    adjusts: null,
    responseId: null,
    rawUsage: null,
    calls: 1,
    ...more,
  };
}
