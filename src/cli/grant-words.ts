import type { GrantState } from '../books/grants.ts';
import { type PoolOf, poolFields } from '../limits/grant.ts';
import { formatUsd } from '../money/index.ts';
import { formatInZone } from '../time/index.ts';
import type { Arguments } from './arguments.ts';

export const noGrants =
  'no grants yet: give somebody prepaid credit with\n  nanocent grants add --user u42 --usd 20\n';

/** Whose credit, from the options. */
export function poolFrom(given: Arguments): PoolOf {
  const pairs = poolFields.flatMap((field) => {
    const value = given.text(field);
    return value === undefined ? [] : [[field, value]];
  });
  return Object.fromEntries(pairs);
}

/** `username u42`. */
export function ownerText({ subject }: GrantState): string {
  return Object.entries(subject)
    .map(([field, value]) => `${field} ${value}`)
    .join(', ');
}

/** `grant 3: $20.00 for username u42, until 2027-01-01 00:00:00 (UTC)`. */
export function describeGrant(grant: GrantState, zone: string): string {
  const until = grant.expiresAt === null ? '' : `, until ${formatInZone(grant.expiresAt, zone)} (${zone})`;
  return `grant ${grant.id}: $${formatUsd(grant.amount)} for ${ownerText(grant)}${until}`;
}
