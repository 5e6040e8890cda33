import type { Subject } from '../ledger/account.ts';
import type { Refusal } from '../ledger/command.ts';
import { formatUsd } from '../money/index.ts';
import { formatInstant } from '../time/index.ts';
import type { WindowRule } from '../time/window.ts';
import type { Limit } from './limit.ts';

/** `USER (username u1) limit 3: $5.00 cost per day exceeded: $4.99 spent, $0.00 held, $0.02 asked; resets …`. */
export function describeRefusal(limit: Limit, refusal: Refusal): string {
  const amount = (value: bigint) => amountText(limit, value);
  const name = limit.scope === 'RUN' ? 'cap' : `${kindWords[limit.kind]} ${limit.id}`;
  const head = `${limit.scope}${subjectText(refusal.account.subject)} ${name}`;
  if (refusal.reason === 'denied') return `${head} denies every ${limit.type} (maximum 0)`;
  const state = `${amount(refusal.used)} spent, ${amount(refusal.held)} held, ${amount(refusal.requested)} asked`;
  if (limit.kind === 'grants')
    return `${head}: ${amount(refusal.maximum)} granted, ${state}${resetText(refusal)}`;
  const why = refusal.reason === 'held' ? 'has no room while calls are in flight' : 'exceeded';
  return `${head}: ${amount(refusal.maximum)} ${limit.type}${windowText(limit.window)} ${why}: ${state}${resetText(refusal)}`;
}

const kindWords = { limit: 'limit', allowance: 'allowance', grants: 'prepaid credit' } as const;

/** ` per day`, ` per 3 months`, ` over its lifetime`, or nothing for what is in flight. */
export function windowText(rule: WindowRule): string {
  switch (rule.kind) {
    case 'none':
      return '';
    case 'grants':
      return ' of prepaid credit';
    case 'grid':
      return ` per ${rule.hours} hours`;
    case 'lifetime':
      return ' over its lifetime';
    default: {
      const span = rule.count === 1 ? rule.unit : `${rule.count} ${rule.unit}s`;
      return ` per ${rule.kind === 'rolling' ? 'rolling ' : ''}${span}`;
    }
  }
}

/** ` (username u1, model gpt-4)`, or nothing for everyone. */
export function subjectText(subject: Subject): string {
  const fields = Object.entries(subject).map(([field, value]) => `${field} ${value}`);
  return fields.length === 0 ? '' : ` (${fields.join(', ')})`;
}

export function amountText(limit: Pick<Limit, 'type'>, value: bigint): string {
  return limit.type === 'cost' ? `$${formatUsd(value)}` : String(value);
}

function resetText(refusal: Refusal): string {
  const { fitsAt, account } = refusal;
  if (account.windowEnd !== null) return `; resets ${formatInstant(account.windowEnd)}`;
  return fitsAt === null ? '' : `; fits at ${formatInstant(fitsAt)}`;
}
