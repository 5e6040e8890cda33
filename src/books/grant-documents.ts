import { poolFields } from '../limits/grant.ts';
import { formatInstant } from '../time/index.ts';
import { moneyDocument } from './documents.ts';
import type { Balance, GrantState } from './grants.ts';

/** A grant as every door gives it out. */
export function grantDocument(grant: GrantState) {
  const { subject, expiresAt, endedAt } = grant;
  return {
    id: grant.id,
    ...Object.fromEntries(poolFields.map((field) => [field, subject[field] ?? null])),
    state: grant.state,
    amount: moneyDocument(grant.amount),
    spent: moneyDocument(grant.spent),
    held: moneyDocument(grant.held),
    left: moneyDocument(grant.left),
    unused: moneyDocument(grant.unused),
    over: moneyDocument(grant.over),
    refunded: moneyDocument(grant.refunded),
    priority: grant.priority,
    reference: grant.reference,
    createdAt: formatInstant(grant.createdAt),
    expiresAt: expiresAt === null ? null : formatInstant(expiresAt),
    endedAt: endedAt === null ? null : formatInstant(endedAt),
  };
}

export function balanceDocument({ granted, spent, held, available }: Balance) {
  return {
    granted: moneyDocument(granted),
    spent: moneyDocument(spent),
    held: moneyDocument(held),
    available: moneyDocument(available),
  };
}
